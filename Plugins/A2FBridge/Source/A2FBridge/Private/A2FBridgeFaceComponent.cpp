#include "A2FBridgeFaceComponent.h"

#include "Components/AudioComponent.h"
#include "GameFramework/Actor.h"
#include "Misc/Paths.h"

#include "A2FBridge/Sources.h"
#include "A2FBridgeFaceState.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeRecording.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"

namespace
{
constexpr double HeldSeconds = 120.0;	// room for frames
constexpr double HistorySeconds = 60.0; // what SeekTo can go back in a stream from a server

} // namespace

UA2FBridgeFaceComponent::UA2FBridgeFaceComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	PrimaryComponentTick.bTickEvenWhenPaused = true; // to notice the pause
	PrimaryComponentTick.TickGroup = TG_PrePhysics;	 // before the meshes are animated
	bTickInEditor = true;
	Face = MakePimpl<FA2FBridgeFaceState>();
}

UA2FBridgeFaceComponent::~UA2FBridgeFaceComponent() = default;

UA2FBridgeFaceComponent* UA2FBridgeFaceComponent::FindOrAdd(AActor* Character)
{
	if (Character == nullptr)
	{
		return nullptr;
	}
	UA2FBridgeFaceComponent* Found = Character->FindComponentByClass<UA2FBridgeFaceComponent>();
	if (Found == nullptr)
	{
		Found = NewObject<UA2FBridgeFaceComponent>(Character);
		if (USceneComponent* Root = Character->GetRootComponent())
		{
			Found->SetupAttachment(Root);
		}
		Character->AddInstanceComponent(Found);
		Found->RegisterComponent();
	}
	return Found;
}

void UA2FBridgeFaceComponent::OnRegister()
{
	Super::OnRegister();
	const UA2FBridgeSettings* Settings = GetDefault<UA2FBridgeSettings>();
	a2fbridge::PlayerOptions Options;
	Options.fillSeconds = BufferLength >= 0.0f ? BufferLength : Settings->BufferLength;
	Options.capacitySeconds = HeldSeconds;
	Options.historySeconds = HistorySeconds;
	Options.interpolate = bInterpolate;
	Face->Player = std::make_unique<a2fbridge::Player>(Options);
	Face->Output = Face->Player->evaluate({A2FBridge::Now(), std::nullopt});
	TableChangedHandle = UA2FBridgeMappingTable::OnChanged().AddUObject(this, &UA2FBridgeFaceComponent::HandleTableChanged);

	FString Error;
	UA2FBridgeMappingTable* Table = MappingTable;
	if (Table == nullptr)
	{
		Table = Settings->DefaultMappingTable.LoadSynchronous();
	}
	if (Table == nullptr)
	{
		Table = UA2FBridgeMappingTable::LoadShippedTable(Settings->ShippedTable, Error);
	}
	if (!Error.IsEmpty())
	{
		UE_LOG(LogA2FBridge, Error, TEXT("%s: %s"), *GetPathName(), *Error);
	}
	UseTable(Table);
}

void UA2FBridgeFaceComponent::OnUnregister()
{
	UA2FBridgeMappingTable::OnChanged().Remove(TableChangedHandle);
	StopSpeaking();
	A2FBridge::RemoveLiveLinkSubject(this);
	Face->Stream.reset();
	Face->Player.reset();
	Face->Output = {};
	Super::OnUnregister();
}

void UA2FBridgeFaceComponent::EndPlay(const EEndPlayReason::Type EndPlayReason)
{
	StopSpeaking();
	Super::EndPlay(EndPlayReason);
}

// --- streams ---------------------------------------------------------------------------------------------------

int32 UA2FBridgeFaceComponent::StartSoundWave(USoundWave* SoundWave, const FA2FBridgeStreamSettings& Settings)
{
	FString Problem;
	TUniquePtr<IA2FBridgeSoundReader> Reader = A2FBridge::ReadSoundWave(SoundWave, Problem);
	const int32 Number = BeginWithSettings(Settings, false, Problem);
	Face->Reader = MoveTemp(Reader);
	return Number;
}

int32 UA2FBridgeFaceComponent::StartWavFile(const FString& Path, const FA2FBridgeStreamSettings& Settings)
{
	FString Problem;
	TUniquePtr<IA2FBridgeSoundReader> Reader = A2FBridge::ReadWavFile(Path, Problem);
	const int32 Number = BeginWithSettings(Settings, false, Problem);
	Face->Reader = MoveTemp(Reader);
	return Number;
}

int32 UA2FBridgeFaceComponent::StartSamples(const FA2FBridgeStreamSettings& Settings)
{
	return BeginWithSettings(Settings, false, FString());
}

int32 UA2FBridgeFaceComponent::StartSamplesWith(
	const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool bEndOfSamples, const FA2FBridgeStreamSettings& Settings)
{
	const int32 Number = StartSamples(Settings);
	FString Error;
	const bool bRunning = Face->Failure.IsEmpty();
	if (bRunning && Samples.Num() > 0 && !AddSamples(Samples, Channels, SampleRate, Error))
	{
		Face->Stream->fail(a2fbridge::makeError(a2fbridge::ErrorCode::InvalidArgument, A2FBridge::ToUtf8(Error)));
	}
	if (bRunning && bEndOfSamples)
	{
		EndSamples();
	}
	return Number;
}

int32 UA2FBridgeFaceComponent::StartMicrophone(const FString& Device, const FA2FBridgeStreamSettings& Settings)
{
	FString Problem;
	TUniquePtr<IA2FBridgeLiveInput> Live = A2FBridge::OpenMicrophone(Device, Problem);
	const int32 Number = BeginWithSettings(Settings, true, Problem);
	Face->Live = MoveTemp(Live);
	return Number;
}

int32 UA2FBridgeFaceComponent::StartSubmix(USoundSubmix* HeardSubmix, const FA2FBridgeStreamSettings& Settings)
{
	FString Problem;
	TUniquePtr<IA2FBridgeLiveInput> Live = A2FBridge::OpenSubmix(this, HeardSubmix, Problem);
	const int32 Number = BeginWithSettings(Settings, true, Problem);
	Face->Live = MoveTemp(Live);
	return Number;
}

int32 UA2FBridgeFaceComponent::StartRecording(const FString& Path, bool bPlaySound)
{
	FString Problem;
	const std::shared_ptr<const a2fbridge::Recording> Recording = A2FBridge::LoadRecording(Path, Problem);
	if (Recording && Recording->problem() != nullptr)
	{
		UE_LOG(LogA2FBridge, Warning, TEXT("%s is damaged, what stands before is played: %s"), *Path,
			*A2FBridge::TextOf(*Recording->problem()));
	}
	return Begin(Recording ? a2fbridge::makeReplaySource(Recording) : nullptr, bPlaySound, true, nullptr, Problem);
}

int32 UA2FBridgeFaceComponent::StartSource(std::unique_ptr<a2fbridge::IFrameSource> Source, bool bPlaySound)
{
	return Begin(MoveTemp(Source), bPlaySound, true, nullptr, FString());
}

int32 UA2FBridgeFaceComponent::BeginWithSettings(const FA2FBridgeStreamSettings& Settings, bool bLive, const FString& Problem)
{
	FString Error = Problem;
	std::unique_ptr<a2fbridge::IFrameSource> Source;
	UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	if (Error.IsEmpty() && Subsystem != nullptr)
	{
		Source = Subsystem->OpenSource(Settings, Error);
	}
	return Begin(MoveTemp(Source), Settings.Options.bPlaySound && !bLive, !bLive, &Settings, Error);
}

int32 UA2FBridgeFaceComponent::Begin(std::unique_ptr<a2fbridge::IFrameSource> Source, bool bPlaySound, bool bKeepSound,
	const FA2FBridgeStreamSettings* Settings, const FString& Problem)
{
	check(IsInGameThread());
	StopSpeaking();
	++Face->Number;
	Face->Failure.Reset();
	if (!Source || !Face->Player)
	{
		// The caller learns the number first, and then what is wrong: with the next tick.
		Face->Failure = Problem.IsEmpty() ? FString(TEXT("the face component is not registered")) : Problem;
		return Face->Number;
	}
	const UA2FBridgeSettings* Project = GetDefault<UA2FBridgeSettings>();
	a2fbridge::FaceStreamOptions Options;
	Options.playSound = bPlaySound;
	Options.keepSound = bKeepSound && bPlaySound;
	Options.sendPerTick = Project->SendPerTick;
	Options.progressInterval = Project->ProgressInterval;
	Face->Stream = std::make_unique<a2fbridge::FaceStream>(MoveTemp(Source), *Face->Player, Options);
	Face->bPausedByUser = false;
	Face->Speed = 1.0f;
	FString RecordTo = Settings != nullptr ? Settings->Options.RecordTo : FString();
	if (RecordTo.IsEmpty())
	{
		RecordTo = Face->RecordNext;
	}
	Face->RecordNext.Reset();
	FString Error;
	if (!RecordTo.IsEmpty() && !RecordSession(RecordTo, Error))
	{
		UE_LOG(LogA2FBridge, Error, TEXT("%s"), *Error);
	}
	return Face->Number;
}

bool UA2FBridgeFaceComponent::AddSamples(const TArray<float>& Samples, int32 Channels, int32 SampleRate, FString& Error)
{
	if (!Face->Stream)
	{
		Error = TEXT("no stream is running");
		return false;
	}
	const a2fbridge::Status Added =
		Face->Stream->addSound({Samples.GetData(), static_cast<size_t>(Samples.Num())}, Channels, SampleRate);
	Error = Added.ok() ? FString() : A2FBridge::TextOf(Added.error());
	return Added.ok();
}

bool UA2FBridgeFaceComponent::AddPcm16(const TArray<uint8>& Bytes, int32 Channels, int32 SampleRate, FString& Error)
{
	TArray<float> Samples;
	Samples.Reserve(Bytes.Num() / 2);
	for (int32 Index = 0; Index + 1 < Bytes.Num(); Index += 2)
	{
		const int16 Value = static_cast<int16>(static_cast<uint16>(Bytes[Index]) | static_cast<uint16>(Bytes[Index + 1]) << 8);
		Samples.Add(static_cast<float>(Value) / 32768.0f);
	}
	return AddSamples(Samples, Channels, SampleRate, Error);
}

void UA2FBridgeFaceComponent::EndSamples()
{
	if (Face->Stream)
	{
		PumpInput(); // what was captured until now
		Face->Reader.Reset();
		Face->Live.Reset();
		Face->Stream->endSound();
	}
}

bool UA2FBridgeFaceComponent::SetEmotionNow(const TMap<EA2FBridgeEmotionName, float>& Emotions, FString& Error)
{
	if (!Face->Stream)
	{
		Error = TEXT("no stream is running");
		return false;
	}
	a2fbridge::EmotionKey Key;
	Key.timeCode = Face->Stream->addedSeconds();
	for (const TPair<EA2FBridgeEmotionName, float>& Entry : Emotions)
	{
		Key.values[static_cast<size_t>(Entry.Key)] = FMath::Clamp(Entry.Value, 0.0f, 1.0f);
	}
	const a2fbridge::Status Set = Face->Stream->addEmotion(Key);
	Error = Set.ok() ? FString() : A2FBridge::TextOf(Set.error());
	return Set.ok();
}

void UA2FBridgeFaceComponent::StopSpeaking()
{
	StopDevice();
	Face->Reader.Reset();
	Face->Live.Reset();
	if (!Face->Failure.IsEmpty())
	{
		Dispatch();
	}
	if (Face->Stream && !Face->Stream->over())
	{
		Face->Stream->cancel();
		Face->Stream->update(); // the player is told that no more frames come
		Face->Output = Face->Stream->evaluate(A2FBridge::Now(), std::nullopt);
		Dispatch();
	}
}

void UA2FBridgeFaceComponent::SetPaused(bool bPaused)
{
	if (!Face->Stream || Face->bPausedByUser == bPaused)
	{
		return;
	}
	Face->bPausedByUser = bPaused;
	if (Face->bPausedByGame)
	{
		return;
	}
	if (bPaused)
	{
		Face->Stream->pause(A2FBridge::Now());
	}
	else
	{
		Face->Stream->resume(A2FBridge::Now());
	}
	if (Voice != nullptr)
	{
		Voice->SetPaused(bPaused);
	}
}

bool UA2FBridgeFaceComponent::SeekTo(float Seconds, FString& Error)
{
	if (!Face->Stream)
	{
		Error = TEXT("no stream is running");
		return false;
	}
	const a2fbridge::Status Sought = Face->Stream->seek(A2FBridge::Now(), Seconds);
	Error = Sought.ok() ? FString() : A2FBridge::TextOf(Sought.error());
	return Sought.ok();
}

bool UA2FBridgeFaceComponent::RecordSession(const FString& Path, FString& Error)
{
	if (!Face->Stream || Face->Stream->over())
	{
		Face->RecordNext = Path;
		return true;
	}
	const FString File = A2FBridge::Resolve(Path, FPaths::ProjectSavedDir());
	std::unique_ptr<a2fbridge::IByteSink> Sink = A2FBridge::OpenRecording(File, Error);
	if (!Sink)
	{
		return false;
	}
	Face->Stream->startRecording(MoveTemp(Sink));
	UE_LOG(LogA2FBridge, Log, TEXT("%s records to %s"), *GetPathName(), *File);
	return true;
}

bool UA2FBridgeFaceComponent::StopRecordingSession(FString& Error)
{
	Face->RecordNext.Reset();
	const a2fbridge::Status Stopped = Face->Stream ? Face->Stream->stopRecording() : a2fbridge::Status();
	Error = Stopped.ok() ? FString() : A2FBridge::TextOf(Stopped.error());
	return Stopped.ok();
}

bool UA2FBridgeFaceComponent::SetMappingTable(UA2FBridgeMappingTable* NewTable, FString& Error)
{
	Error = NewTable != nullptr ? NewTable->GetProblem() : FString();
	if (!Error.IsEmpty())
	{
		return false;
	}
	MappingTable = NewTable;
	UseTable(NewTable);
	return true;
}

void UA2FBridgeFaceComponent::UseTable(UA2FBridgeMappingTable* Table)
{
	TableInForce = Table;
	if (!Face->Player)
	{
		return;
	}
	const a2fbridge::Status Set = Face->Player->setTable(Table != nullptr ? Table->GetTable() : nullptr);
	if (!Set.ok())
	{
		UE_LOG(LogA2FBridge, Error, TEXT("%s: %s"), *GetPathName(), *A2FBridge::TextOf(Set.error()));
	}
}

void UA2FBridgeFaceComponent::HandleTableChanged(UA2FBridgeMappingTable* Changed)
{
	if (Changed == TableInForce)
	{
		UseTable(Changed);
	}
}

#include "A2FBridgeFaceComponent.h"

#include "Components/AudioComponent.h"
#include "GameFramework/Actor.h"
#include "Misc/Paths.h"

#include "A2FBridge/Sources.h"
#include "A2FBridgeFaceState.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeRecording.h"
#include "A2FBridgeRequests.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"

namespace
{
constexpr double HeldSeconds = 120.0;	// room for frames
constexpr double HistorySeconds = 60.0; // what SeekTo can go back in a stream from a server

a2fbridge::Status NoStream()
{
	return a2fbridge::makeError(a2fbridge::ErrorCode::WrongState, "no stream is running");
}

a2fbridge::Status AddSound(a2fbridge::FaceStream* Stream, const TArray<float>& Samples, int32 Channels, int32 SampleRate)
{
	return Stream != nullptr ? Stream->addSound({Samples.GetData(), static_cast<size_t>(Samples.Num())}, Channels, SampleRate)
							 : NoStream();
}
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
	if (!Face->Failure.IsEmpty())
	{
		return Number;
	}
	if (const a2fbridge::Status Added = AddSound(Face->Stream.get(), Samples, Channels, SampleRate);
		!Samples.IsEmpty() && !Added.ok())
	{
		Face->Stream->fail(Added.error());
	}
	if (bEndOfSamples)
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
	FA2FBridgeConnection Connection;
	const UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	if (Settings != nullptr && bKeepSound && Subsystem != nullptr && Subsystem->FindConnection(Settings->Connection, Connection))
	{
		Options.lead = A2FBridge::LeadOf(Connection, *Settings);
	}
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
	if (!RecordTo.IsEmpty())
	{
		bool bRecords = false;
		FString Error;
		RecordSession(RecordTo, bRecords, Error);
		if (!bRecords)
		{
			UE_LOG(LogA2FBridge, Error, TEXT("%s"), *Error);
		}
	}
	return Face->Number;
}

void UA2FBridgeFaceComponent::AddSamples(
	const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool& bSucceeded, FString& Error)
{
	bSucceeded = A2FBridge::Succeeded(AddSound(Face->Stream.get(), Samples, Channels, SampleRate), Error);
}

void UA2FBridgeFaceComponent::AddPcm16(
	const TArray<uint8>& Bytes, int32 Channels, int32 SampleRate, bool& bSucceeded, FString& Error)
{
	TArray<float> Samples;
	Samples.Reserve(Bytes.Num() / 2);
	for (int32 Index = 0; Index + 1 < Bytes.Num(); Index += 2)
	{
		const int16 Value = static_cast<int16>(static_cast<uint16>(Bytes[Index]) | static_cast<uint16>(Bytes[Index + 1]) << 8);
		Samples.Add(static_cast<float>(Value) / 32768.0f);
	}
	bSucceeded = A2FBridge::Succeeded(AddSound(Face->Stream.get(), Samples, Channels, SampleRate), Error);
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

void UA2FBridgeFaceComponent::SetEmotionNow(const TMap<EA2FBridgeEmotionName, float>& Emotions, bool& bSucceeded, FString& Error)
{
	if (!Face->Stream)
	{
		bSucceeded = A2FBridge::Succeeded(NoStream(), Error);
		return;
	}
	a2fbridge::EmotionKey Key;
	Key.timeCode = Face->Stream->addedSeconds();
	for (const TPair<EA2FBridgeEmotionName, float>& Entry : Emotions)
	{
		Key.values[static_cast<size_t>(Entry.Key)] = FMath::Clamp(Entry.Value, 0.0f, 1.0f);
	}
	bSucceeded = A2FBridge::Succeeded(Face->Stream->addEmotion(Key), Error);
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
		Face->Stream->update(A2FBridge::Now()); // the player is told that no more frames come
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

void UA2FBridgeFaceComponent::SeekTo(float Seconds, bool& bSucceeded, FString& Error)
{
	bSucceeded = A2FBridge::Succeeded(Face->Stream ? Face->Stream->seek(A2FBridge::Now(), Seconds) : NoStream(), Error);
}

void UA2FBridgeFaceComponent::RecordSession(const FString& Path, bool& bSucceeded, FString& Error)
{
	Error.Reset();
	bSucceeded = true;
	if (!Face->Stream || Face->Stream->over())
	{
		Face->RecordNext = Path;
		return;
	}
	const FString File = A2FBridge::Resolve(Path, FPaths::ProjectSavedDir());
	std::unique_ptr<a2fbridge::IByteSink> Sink = A2FBridge::OpenRecording(File, Error);
	bSucceeded = Sink != nullptr;
	if (bSucceeded)
	{
		Face->Stream->startRecording(MoveTemp(Sink));
		UE_LOG(LogA2FBridge, Log, TEXT("%s records to %s"), *GetPathName(), *File);
	}
}

void UA2FBridgeFaceComponent::StopRecordingSession(bool& bSucceeded, FString& Error)
{
	Face->RecordNext.Reset();
	bSucceeded = A2FBridge::Succeeded(Face->Stream ? Face->Stream->stopRecording() : a2fbridge::Status(), Error);
}

void UA2FBridgeFaceComponent::SetMappingTable(UA2FBridgeMappingTable* NewTable, bool& bSucceeded, FString& Error)
{
	Error = NewTable != nullptr ? NewTable->GetProblem() : FString();
	bSucceeded = Error.IsEmpty();
	if (bSucceeded)
	{
		MappingTable = NewTable;
		UseTable(NewTable);
	}
}

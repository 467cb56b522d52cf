#include "A2FBridgeFaceComponent.h"

#include "AudioDevice.h"
#include "Components/AudioComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/Engine.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "GameFramework/WorldSettings.h"
#include "HAL/PlatformTime.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "Sound/SoundAttenuation.h"
#include "Sound/SoundClass.h"
#include "Sound/SoundSubmix.h"

#include "A2FBridge/Sources.h"
#include "A2FBridgeLiveInput.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeRecording.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSoundReader.h"
#include "A2FBridgeSpeechSound.h"
#include "A2FBridgeStats.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"
#include "Speech/FaceStream.h"
#include "Speech/LiveQueue.h"

namespace
{
constexpr double HeldSeconds = 120.0;  // room for frames
constexpr double HistorySeconds = 60.0; // what SeekTo can go back in a stream from a server
constexpr double BacklogSeconds = 4.0; // sound read ahead of what the source has taken

double Now()
{
	return FPlatformTime::Seconds();
}

EA2FBridgeStreamEvent EventOf(a2fbridge::FaceEvent Event)
{
	return static_cast<EA2FBridgeStreamEvent>(Event); // the two lists are one; see the check below
}
static_assert(static_cast<uint8>(a2fbridge::FaceEvent::Failed) == static_cast<uint8>(EA2FBridgeStreamEvent::Failed));
static_assert(static_cast<uint8>(a2fbridge::FaceEvent::Progress) == static_cast<uint8>(EA2FBridgeStreamEvent::Progress));
} // namespace

/** What a face keeps besides its properties. */
struct FA2FBridgeFaceState
{
	std::unique_ptr<a2fbridge::Player> Player;
	std::unique_ptr<a2fbridge::FaceStream> Stream;
	TUniquePtr<IA2FBridgeSoundReader> Reader;
	TUniquePtr<IA2FBridgeLiveInput> Live;
	a2fbridge::PlayerOutput Output;
	TArray<FName> Names;
	TArray<FName> WeightNames;
	uint64 Revision = 0;
	uint64 NamesOf = 0;
	int32 Number = 0;
	bool bPausedByUser = false;
	bool bPausedByGame = false;
	FString RecordNext;
	FString Failure;
	float Speed = 1.0f;
};

UA2FBridgeFaceComponent::UA2FBridgeFaceComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	PrimaryComponentTick.bTickEvenWhenPaused = true; // to notice the pause
	PrimaryComponentTick.TickGroup = TG_PrePhysics;  // before the meshes are animated
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
	Face->Output = Face->Player->evaluate({Now(), std::nullopt});
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

int32 UA2FBridgeFaceComponent::StartSamplesWith(const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool bEndOfSamples, const FA2FBridgeStreamSettings& Settings)
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
		UE_LOG(LogA2FBridge, Warning, TEXT("%s is damaged, what stands before is played: %s"), *Path, *A2FBridge::TextOf(*Recording->problem()));
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

int32 UA2FBridgeFaceComponent::Begin(std::unique_ptr<a2fbridge::IFrameSource> Source, bool bPlaySound, bool bKeepSound, const FA2FBridgeStreamSettings* Settings, const FString& Problem)
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
	const a2fbridge::Status Added = Face->Stream->addSound({Samples.GetData(), static_cast<size_t>(Samples.Num())}, Channels, SampleRate);
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
		Face->Output = Face->Stream->evaluate(Now(), std::nullopt);
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
		Face->Stream->pause(Now());
	}
	else
	{
		Face->Stream->resume(Now());
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
	const a2fbridge::Status Sought = Face->Stream->seek(Now(), Seconds);
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

// --- each tick ---------------------------------------------------------------------------------------------------

void UA2FBridgeFaceComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	SCOPE_CYCLE_COUNTER(STAT_A2FBridgeFace);
	if (!Face->Player)
	{
		return;
	}
	if (!Face->Failure.IsEmpty())
	{
		Dispatch();
	}
	const double Time = Now();
	const bool bGamePaused = GetWorld() != nullptr && GetWorld()->IsPaused();
	if (!Face->Stream)
	{
		Face->Output = Face->Player->evaluate({Time, std::nullopt});
		Publish();
		return;
	}
	a2fbridge::FaceStream& Stream = *Face->Stream;
	if (bGamePaused != Face->bPausedByGame)
	{
		Face->bPausedByGame = bGamePaused;
		if (!Face->bPausedByUser)
		{
			bGamePaused ? Stream.pause(Time) : Stream.resume(Time);
		}
	}
	if (const float Speed = GetSpeed(); Speed != Face->Speed)
	{
		Face->Speed = Speed;
		Stream.setSpeed(Time, Speed);
		if (Voice != nullptr)
		{
			Voice->SetPitchMultiplier(Speed);
		}
	}
	PumpInput();
	Stream.update();
	if (Stream.deviceWanted() && Voice == nullptr)
	{
		StartDevice();
	}
	const bool bHeard = IsSoundPlaying();
	const double Offset = AudioOffset + GetDefault<UA2FBridgeSettings>()->AudioOffset;
	Face->Output = Stream.evaluate(Time, bHeard ? std::optional<double>(GetDeviceLatency()) : std::nullopt, Offset);
	Publish();
	INC_DWORD_STAT(STAT_A2FBridgeStreams);
	INC_DWORD_STAT_BY(STAT_A2FBridgeBuffered, static_cast<uint32>(Face->Player->stats().framesBuffered));
	Dispatch();
}

void UA2FBridgeFaceComponent::PumpInput()
{
	a2fbridge::FaceStream& Stream = *Face->Stream;
	std::vector<float> Samples;
	a2fbridge::Status Added;
	if (Face->Reader.IsValid() && Stream.backlogSeconds() < BacklogSeconds)
	{
		IA2FBridgeSoundReader& Reader = *Face->Reader;
		const bool bMore = Reader.Read(GetDefault<UA2FBridgeSettings>()->SendPerTick, Samples);
		if (!Samples.empty())
		{
			Added = Stream.addSound(Samples, Reader.GetNumChannels(), Reader.GetSampleRate());
		}
		if (!bMore)
		{
			if (!Reader.GetError().IsEmpty())
			{
				UE_LOG(LogA2FBridge, Error, TEXT("%s: %s; what was read is played"), *GetPathName(), *Reader.GetError());
			}
			Face->Reader.Reset();
			Stream.endSound();
		}
	}
	if (Face->Live.IsValid())
	{
		int32 Channels = 0;
		int32 Rate = 0;
		if (Face->Live->GetQueue().take(Samples, Channels, Rate))
		{
			Added = Stream.addSound(Samples, Channels, Rate);
		}
	}
	if (!Added.ok())
	{
		Stream.fail(Added.error());
	}
}

float UA2FBridgeFaceComponent::GetSpeed() const
{
	const AActor* Owner = GetOwner();
	const float Dilation = bFollowTimeDilation && Owner != nullptr ? Owner->GetActorTimeDilation() : 1.0f;
	return FMath::Max(0.01f, Pitch * Dilation);
}

void UA2FBridgeFaceComponent::StartDevice()
{
	UWorld* World = GetWorld();
	FAudioDevice* Device = World != nullptr ? World->GetAudioDeviceRaw() : nullptr;
	if (Device == nullptr)
	{
		return; // the wall clock plays the face
	}
	Sound = UA2FBridgeSpeechSound::Make(this, Face->Stream->feed());
	if (Submix != nullptr)
	{
		Sound->SoundSubmixObject = Submix;
	}
	FAudioDevice::FCreateComponentParams Params(GetOwner());
	Voice = FAudioDevice::CreateComponent(Sound, Params);
	if (Voice == nullptr)
	{
		Sound = nullptr;
		return;
	}
	Voice->AttachToComponent(this, FAttachmentTransformRules::SnapToTargetNotIncludingScale);
	Voice->AttenuationSettings = Attenuation;
	Voice->bAllowSpatialization = Attenuation != nullptr;
	Voice->SoundClassOverride = SoundClass;
	Voice->Priority = Priority;
	Voice->bAutoDestroy = false;
	Voice->SetVolumeMultiplier(Volume);
	Voice->SetPitchMultiplier(Face->Speed);
	Voice->Play();
}

void UA2FBridgeFaceComponent::StopDevice()
{
	if (Voice != nullptr)
	{
		Voice->Stop();
		Voice->DestroyComponent();
	}
	Voice = nullptr;
	Sound = nullptr;
}

double UA2FBridgeFaceComponent::GetDeviceLatency() const
{
	// What the device has taken and not yet played: its own queue. What lies behind the driver is not known to the engine.
	const UWorld* World = GetWorld();
	const FAudioDevice* Device = World != nullptr ? World->GetAudioDeviceRaw() : nullptr;
	if (Device == nullptr || Device->GetSampleRate() <= 0.0f)
	{
		return 0.0;
	}
	return static_cast<double>(Device->GetBufferLength()) * Device->GetNumBuffers() / Device->GetSampleRate();
}

void UA2FBridgeFaceComponent::Dispatch()
{
	if (!Face->Failure.IsEmpty())
	{
		const FString Text = MoveTemp(Face->Failure);
		Face->Failure.Reset();
		Announce(EA2FBridgeStreamEvent::Failed, Text);
		return;
	}
	for (const a2fbridge::FaceEvent Event : Face->Stream->takeEvents())
	{
		const bool bFailed = Event == a2fbridge::FaceEvent::Failed;
		Announce(EventOf(Event), bFailed ? A2FBridge::TextOf(Face->Stream->error()) : FString());
		if (!Face->Stream)
		{
			return; // a listener took the component away
		}
	}
}

void UA2FBridgeFaceComponent::Announce(EA2FBridgeStreamEvent Event, const FString& Text)
{
	float Share = -1.0f;
	if (Face->Stream && Face->Stream->totalSeconds() > 0.0)
	{
		Share = static_cast<float>(FMath::Clamp(Face->Stream->playedSeconds() / Face->Stream->totalSeconds(), 0.0, 1.0));
	}
	const bool bOver = Event == EA2FBridgeStreamEvent::Finished || Event == EA2FBridgeStreamEvent::Cancelled || Event == EA2FBridgeStreamEvent::Failed;
	if (bOver)
	{
		StopDevice();
		Face->Reader.Reset();
		Face->Live.Reset();
		if (Face->Stream)
		{
			for (const std::string& Note : Face->Stream->notes())
			{
				UE_LOG(LogA2FBridge, Warning, TEXT("%s: %s"), *GetPathName(), *A2FBridge::FromUtf8(Note));
			}
			const a2fbridge::Status Recorded = Face->Stream->stopRecording();
			if (!Recorded.ok())
			{
				UE_LOG(LogA2FBridge, Error, TEXT("%s: %s"), *GetPathName(), *A2FBridge::TextOf(Recorded.error()));
			}
		}
	}
	if (Event == EA2FBridgeStreamEvent::Failed)
	{
		UE_LOG(LogA2FBridge, Error, TEXT("%s: %s"), *GetPathName(), *Text);
		OnFailed.Broadcast(this, Text);
	}
	if (Event == EA2FBridgeStreamEvent::PlaybackStarted)
	{
		OnAnimationStarted.Broadcast(this);
	}
	if (Event == EA2FBridgeStreamEvent::Underrun)
	{
		INC_DWORD_STAT(STAT_A2FBridgeUnderruns);
		OnUnderrun.Broadcast(this);
	}
	OnStreamEvent.Broadcast(this, Face->Number, Event, Share, Text);
	if (bOver)
	{
		OnAnimationEnded.Broadcast(this);
	}
}

void UA2FBridgeFaceComponent::Publish()
{
	const a2fbridge::PlayerOutput& Output = Face->Output;
	if (Output.names != nullptr && Output.weightNames != nullptr && (Output.revision != Face->NamesOf || Face->Revision == 0))
	{
		Face->NamesOf = Output.revision;
		++Face->Revision;
		Face->Names.Reset();
		for (const std::string& Name : *Output.names)
		{
			Face->Names.Add(A2FBridge::NameFromUtf8(Name));
		}
		Face->WeightNames.Reset();
		for (const std::string& Name : *Output.weightNames)
		{
			Face->WeightNames.Add(A2FBridge::NameFromUtf8(Name));
		}
	}
	if (bDriveMorphTargets)
	{
		DriveMorphTargets();
	}
	if (bSendToLiveLink)
	{
		A2FBridge::SendToLiveLink(this);
	}
}

void UA2FBridgeFaceComponent::DriveMorphTargets()
{
	const AActor* Owner = GetOwner();
	if (Owner == nullptr)
	{
		return;
	}
	const FA2FBridgePose Pose = GetPose();
	TInlineComponentArray<USkeletalMeshComponent*> Meshes(Owner);
	for (USkeletalMeshComponent* Mesh : Meshes)
	{
		for (int32 Index = 0; Index < Pose.Names.Num(); ++Index)
		{
			Mesh->SetMorphTarget(Pose.Names[Index], Pose.Values[Index], false);
		}
	}
}

// --- what the face shows -----------------------------------------------------------------------------------------

EA2FBridgeFaceState UA2FBridgeFaceComponent::GetState() const
{
	if (!Face->Stream || Face->Stream->over())
	{
		return EA2FBridgeFaceState::Idle;
	}
	if (Face->Stream->paused())
	{
		return EA2FBridgeFaceState::Paused;
	}
	switch (Face->Output.state)
	{
	case a2fbridge::PlayerState::Waiting:
		return EA2FBridgeFaceState::Connecting;
	case a2fbridge::PlayerState::Filling:
		return EA2FBridgeFaceState::Buffering;
	case a2fbridge::PlayerState::Playing:
		return EA2FBridgeFaceState::Playing;
	case a2fbridge::PlayerState::Holding:
	case a2fbridge::PlayerState::Easing:
		return EA2FBridgeFaceState::Underrun;
	default:
		return EA2FBridgeFaceState::Finishing;
	}
}

float UA2FBridgeFaceComponent::GetPlaybackTime() const
{
	return Face->Stream ? static_cast<float>(Face->Stream->playedSeconds()) : 0.0f;
}

float UA2FBridgeFaceComponent::GetCurve(FName Curve) const
{
	const FA2FBridgePose Pose = GetPose();
	const int32 Index = Pose.Names.Find(Curve);
	return Index != INDEX_NONE ? Pose.Values[Index] : 0.0f;
}

TMap<FName, float> UA2FBridgeFaceComponent::GetCurves() const
{
	TMap<FName, float> Result;
	const FA2FBridgePose Pose = GetPose();
	for (int32 Index = 0; Index < Pose.Names.Num(); ++Index)
	{
		Result.Add(Pose.Names[Index], Pose.Values[Index]);
	}
	return Result;
}

TMap<EA2FBridgeEmotionName, float> UA2FBridgeFaceComponent::GetEmotions() const
{
	TMap<EA2FBridgeEmotionName, float> Result;
	const a2fbridge::Span<float> Emotions = Face->Output.emotions;
	for (size_t Index = 0; Index < Emotions.size(); ++Index)
	{
		if (FMath::IsFinite(Emotions[Index]))
		{
			Result.Add(static_cast<EA2FBridgeEmotionName>(Index), Emotions[Index]);
		}
	}
	return Result;
}

FA2FBridgePose UA2FBridgeFaceComponent::GetPose() const
{
	FA2FBridgePose Pose;
	const a2fbridge::PlayerOutput& Output = Face->Output;
	// Names change with the next Publish; until then the shorter of the two counts.
	const int32 Count = FMath::Min(Face->Names.Num(), static_cast<int32>(Output.values.size()));
	const int32 WeightCount = FMath::Min(Face->WeightNames.Num(), static_cast<int32>(Output.weights.size()));
	Pose.Names = TConstArrayView<FName>(Face->Names.GetData(), Count);
	Pose.Values = TConstArrayView<float>(Output.values.data(), Count);
	Pose.WeightNames = TConstArrayView<FName>(Face->WeightNames.GetData(), WeightCount);
	Pose.Weights = TConstArrayView<float>(Output.weights.data(), WeightCount);
	Pose.Activity = static_cast<float>(Output.activity);
	Pose.Revision = Face->Revision;
	if (Face->Stream && Face->Stream->format() != nullptr)
	{
		const double Seconds = Output.position / Face->Stream->sampleRate();
		Pose.Frame = FMath::FloorToInt64(Seconds / Face->Stream->format()->frameRate.period() + 1e-6);
	}
	return Pose;
}

FString UA2FBridgeFaceComponent::GetReport() const
{
	if (!Face->Player)
	{
		return TEXT("not registered");
	}
	const a2fbridge::PlayerStats Stats = Face->Player->stats();
	FString Report = FString::Printf(TEXT("%s at %.3f s; table %s\nframes: %llu came, %llu in the buffer, %.0f ms ahead; underruns: %llu (%.2f s)\nclock: device %s, error %.1f ms, device drift %.0f ppm, sender drift %.0f ppm, %llu jumps"),
									 *UEnum::GetValueAsString(GetState()), GetPlaybackTime(), *GetNameSafe(TableInForce),
									 Stats.framesPushed, static_cast<uint64>(Stats.framesBuffered), Stats.leadSeconds * 1000.0, Stats.underruns, Stats.underrunSeconds,
									 IsSoundPlaying() ? TEXT("audio") : TEXT("none (wall clock)"), Stats.clockErrorSeconds * 1000.0, Stats.deviceDriftPpm, Stats.senderDriftPpm, Stats.clockResyncs);
	const FString Weights = A2FBridge::FromUtf8(Stats.weights.text());
	return Weights.IsEmpty() ? Report : Report + TEXT("\n") + Weights;
}

bool UA2FBridgeFaceComponent::IsSoundPlaying() const
{
	return Voice != nullptr && Voice->IsPlaying();
}

UA2FBridgeMappingTable* UA2FBridgeFaceComponent::GetTableInForce() const
{
	return TableInForce;
}

int32 UA2FBridgeFaceComponent::GetStream() const
{
	return Face->Stream && !Face->Stream->over() ? Face->Number : 0;
}

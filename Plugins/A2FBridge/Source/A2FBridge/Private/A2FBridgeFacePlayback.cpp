// The face component's other half: each tick, the device, and what the face shows.
#include "AudioDevice.h"
#include "Components/AudioComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "Sound/SoundAttenuation.h"
#include "Sound/SoundClass.h"
#include "Sound/SoundSubmix.h"

#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeFaceState.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSpeechSound.h"
#include "A2FBridgeStats.h"
#include "A2FBridgeText.h"
#include "Speech/LiveQueue.h"

namespace
{
constexpr double BacklogSeconds = 4.0; // sound read ahead of what the source has taken

EA2FBridgeStreamEvent EventOf(a2fbridge::FaceEvent Event)
{
	return static_cast<EA2FBridgeStreamEvent>(Event); // the two lists are one; see the check below
}
static_assert(static_cast<uint8>(a2fbridge::FaceEvent::Failed) == static_cast<uint8>(EA2FBridgeStreamEvent::Failed));
static_assert(static_cast<uint8>(a2fbridge::FaceEvent::Progress) == static_cast<uint8>(EA2FBridgeStreamEvent::Progress));
} // namespace

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
	const double Time = A2FBridge::Now();
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
	Stream.update(Time);
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
	const int32 Number = Face->Number;
	for (const a2fbridge::FaceEvent Event : Face->Stream->takeEvents())
	{
		if (Face->Number != Number || !Face->Stream)
		{
			return; // a listener began another stream or took the component away
		}
		const bool bFailed = Event == a2fbridge::FaceEvent::Failed;
		Announce(EventOf(Event), bFailed ? A2FBridge::TextOf(Face->Stream->error()) : FString());
	}
}

void UA2FBridgeFaceComponent::Announce(EA2FBridgeStreamEvent Event, const FString& Text)
{
	const int32 Number = Face->Number; // listeners may begin another stream
	float Share = -1.0f;
	if (Face->Stream && Face->Stream->totalSeconds() > 0.0)
	{
		Share = static_cast<float>(FMath::Clamp(Face->Stream->playedSeconds() / Face->Stream->totalSeconds(), 0.0, 1.0));
	}
	const bool bOver = Event == EA2FBridgeStreamEvent::Finished || Event == EA2FBridgeStreamEvent::Cancelled ||
					   Event == EA2FBridgeStreamEvent::Failed;
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
	OnStreamEvent.Broadcast(this, Number, Event, Share, Text);
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
	FString Report = FString::Printf(
		TEXT(
			"%s at %.3f s; table %s\nframes: %llu came, %llu in the buffer, %.0f ms ahead; underruns: %llu (%.2f s)\nclock: device %s, error %.1f ms, device drift %.0f ppm, sender drift %.0f ppm, %llu jumps"),
		*UEnum::GetValueAsString(GetState()), GetPlaybackTime(), *GetNameSafe(TableInForce), Stats.framesPushed,
		static_cast<uint64>(Stats.framesBuffered), Stats.leadSeconds * 1000.0, Stats.underruns, Stats.underrunSeconds,
		IsSoundPlaying() ? TEXT("audio") : TEXT("none (wall clock)"), Stats.clockErrorSeconds * 1000.0, Stats.deviceDriftPpm,
		Stats.senderDriftPpm, Stats.clockResyncs);
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

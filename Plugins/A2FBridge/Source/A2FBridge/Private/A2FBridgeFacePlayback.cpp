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

// --- the mapping table ---

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

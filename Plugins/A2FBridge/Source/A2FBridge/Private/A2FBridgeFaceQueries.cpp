// The face component's answers: what the face shows, and how it is doing.
#include "Components/AudioComponent.h"

#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeFaceState.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeText.h"

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

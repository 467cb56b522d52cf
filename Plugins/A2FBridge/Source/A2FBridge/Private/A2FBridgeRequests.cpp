#include "A2FBridgeRequests.h"

#include "A2FBridge/Names.h"
#include "A2FBridgeText.h"

namespace
{
void AddEmotion(const FA2FBridgeEmotion& Emotion, a2fbridge::NativeStreamOptions& Options)
{
	if (Emotion.bOverrideDetection)
	{
		Options.emotionParameters = {{"emotion_strength", Emotion.OverallStrength},
			{"emotion_contrast", Emotion.DetectedContrast}, {"max_emotions", Emotion.MaxDetected},
			{"live_blend_coef", Emotion.DetectedSmoothing}};
	}
	for (size_t Index = 0; Index < a2fbridge::kEmotionCount; ++Index)
	{
		float Value = 0.0f;
		if (Emotion.Overrides.Get(static_cast<EA2FBridgeEmotionName>(Index), Value))
		{
			Options.beginningEmotion.emplace_back(std::string(a2fbridge::emotionNames()[Index]), Value);
		}
	}
	if (!Options.beginningEmotion.empty())
	{
		Options.emotionParameters.emplace_back("enable_preferred_emotion", 1.0);
		Options.emotionParameters.emplace_back("preferred_emotion_strength", Emotion.OverrideStrength);
	}
}
} // namespace

std::optional<double> A2FBridge::LeadOf(const FA2FBridgeConnection& Connection, const FA2FBridgeStreamSettings& Settings)
{
	const EA2FBridgePacing Asked = Settings.Options.Pacing;
	const EA2FBridgePacing Pacing = Asked != EA2FBridgePacing::Default ? Asked : Connection.Pacing;
	return Pacing == EA2FBridgePacing::RealTime ? std::optional<double>(FMath::Max(0.1f, Connection.Lead)) : std::nullopt;
}

std::vector<std::pair<std::string, double>> A2FBridge::NamedNumbers(const TMap<FName, float>& Values)
{
	std::vector<std::pair<std::string, double>> Result;
	for (const TPair<FName, float>& Entry : Values)
	{
		Result.emplace_back(A2FBridge::ToUtf8(Entry.Key.ToString()), Entry.Value);
	}
	return Result;
}

a2fbridge::EmotionKey A2FBridge::KeyOf(const FA2FBridgeEmotionKey& Key)
{
	a2fbridge::EmotionKey Result;
	Result.timeCode = Key.Time;
	for (const TPair<EA2FBridgeEmotionName, float>& Entry : Key.Emotions)
	{
		Result.values[static_cast<size_t>(Entry.Key)] = FMath::Clamp(Entry.Value, 0.0f, 1.0f);
	}
	return Result;
}

a2fbridge::NativeStreamOptions A2FBridge::NativeOptions(
	const FA2FBridgeConnection& Connection, const FA2FBridgeStreamSettings& Settings)
{
	a2fbridge::NativeStreamOptions Options;
	if (Connection.FrameRate.X > 0 && Connection.FrameRate.Y > 0)
	{
		Options.frameRate = {Connection.FrameRate.X, Connection.FrameRate.Y};
	}
	Options.pack = A2FBridge::ToUtf8(Connection.Pack);
	Options.identity = A2FBridge::ToUtf8(Connection.Identity);
	Options.solver = A2FBridge::ToUtf8(Connection.Solver);
	for (const TPair<FString, float>& Entry : Settings.FaceParameters.ToWire())
	{
		Options.faceParameters.emplace_back(A2FBridge::ToUtf8(Entry.Key), Entry.Value);
	}
	Options.multipliers = A2FBridge::NamedNumbers(Settings.Options.BlendShapes.Multipliers);
	Options.offsets = A2FBridge::NamedNumbers(Settings.Options.BlendShapes.Offsets);
	Options.idleTimeoutMs = static_cast<std::uint32_t>(Connection.IdleTimeout * 1000.0f);
	AddEmotion(Settings.Emotion, Options);
	return Options;
}

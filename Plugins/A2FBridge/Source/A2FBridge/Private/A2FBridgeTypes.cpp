#include "A2FBridgeTypes.h"

namespace
{
/** One face parameter: its name on the wire, its members, its range. */
struct FParameter
{
	const TCHAR* Wire;
	bool FA2FBridgeFaceParameters::*Set;
	float FA2FBridgeFaceParameters::*Value;
	float Low;
	float High;
};

constexpr FParameter Parameters[] = {
	{TEXT("skinStrength"), &FA2FBridgeFaceParameters::bOverrideSkinStrength, &FA2FBridgeFaceParameters::SkinStrength, 0.0f, 2.0f},
	{TEXT("upperFaceStrength"), &FA2FBridgeFaceParameters::bOverrideUpperFaceStrength,
		&FA2FBridgeFaceParameters::UpperFaceStrength, 0.0f, 2.0f},
	{TEXT("lowerFaceStrength"), &FA2FBridgeFaceParameters::bOverrideLowerFaceStrength,
		&FA2FBridgeFaceParameters::LowerFaceStrength, 0.0f, 2.0f},
	{TEXT("eyelidOpenOffset"), &FA2FBridgeFaceParameters::bOverrideEyelidOpenOffset, &FA2FBridgeFaceParameters::EyelidOpenOffset,
		-1.0f, 1.0f},
	{TEXT("blinkStrength"), &FA2FBridgeFaceParameters::bOverrideBlinkStrength, &FA2FBridgeFaceParameters::BlinkStrength, 0.0f,
		2.0f},
	{TEXT("lipOpenOffset"), &FA2FBridgeFaceParameters::bOverrideLipOpenOffset, &FA2FBridgeFaceParameters::LipOpenOffset, -0.2f,
		0.2f},
	{TEXT("upperFaceSmoothing"), &FA2FBridgeFaceParameters::bOverrideUpperFaceSmoothing,
		&FA2FBridgeFaceParameters::UpperFaceSmoothing, 0.0f, 0.1f},
	{TEXT("lowerFaceSmoothing"), &FA2FBridgeFaceParameters::bOverrideLowerFaceSmoothing,
		&FA2FBridgeFaceParameters::LowerFaceSmoothing, 0.0f, 0.1f},
	{TEXT("faceMaskLevel"), &FA2FBridgeFaceParameters::bOverrideFaceMaskLevel, &FA2FBridgeFaceParameters::FaceMaskLevel, 0.0f,
		1.0f},
	{TEXT("faceMaskSoftness"), &FA2FBridgeFaceParameters::bOverrideFaceMaskSoftness, &FA2FBridgeFaceParameters::FaceMaskSoftness,
		0.001f, 0.5f},
	{TEXT("tongueStrength"), &FA2FBridgeFaceParameters::bOverrideTongueStrength, &FA2FBridgeFaceParameters::TongueStrength, 0.0f,
		3.0f},
	{TEXT("tongueHeightOffset"), &FA2FBridgeFaceParameters::bOverrideTongueHeightOffset,
		&FA2FBridgeFaceParameters::TongueHeightOffset, -3.0f, 3.0f},
	{TEXT("tongueDepthOffset"), &FA2FBridgeFaceParameters::bOverrideTongueDepthOffset,
		&FA2FBridgeFaceParameters::TongueDepthOffset, -3.0f, 3.0f},
};

/** One emotion: its members, in the order of EA2FBridgeEmotionName. */
struct FOverride
{
	bool FA2FBridgeEmotionOverrides::*Set;
	float FA2FBridgeEmotionOverrides::*Value;
};

constexpr FOverride Overrides[] = {
	{&FA2FBridgeEmotionOverrides::bOverrideAmazement, &FA2FBridgeEmotionOverrides::Amazement},
	{&FA2FBridgeEmotionOverrides::bOverrideAnger, &FA2FBridgeEmotionOverrides::Anger},
	{&FA2FBridgeEmotionOverrides::bOverrideCheekiness, &FA2FBridgeEmotionOverrides::Cheekiness},
	{&FA2FBridgeEmotionOverrides::bOverrideDisgust, &FA2FBridgeEmotionOverrides::Disgust},
	{&FA2FBridgeEmotionOverrides::bOverrideFear, &FA2FBridgeEmotionOverrides::Fear},
	{&FA2FBridgeEmotionOverrides::bOverrideGrief, &FA2FBridgeEmotionOverrides::Grief},
	{&FA2FBridgeEmotionOverrides::bOverrideJoy, &FA2FBridgeEmotionOverrides::Joy},
	{&FA2FBridgeEmotionOverrides::bOverrideOutOfBreath, &FA2FBridgeEmotionOverrides::OutOfBreath},
	{&FA2FBridgeEmotionOverrides::bOverridePain, &FA2FBridgeEmotionOverrides::Pain},
	{&FA2FBridgeEmotionOverrides::bOverrideSadness, &FA2FBridgeEmotionOverrides::Sadness},
};
} // namespace

bool FA2FBridgeEmotionOverrides::Get(EA2FBridgeEmotionName Emotion, float& OutValue) const
{
	const FOverride& Entry = Overrides[static_cast<int32>(Emotion)];
	OutValue = this->*Entry.Value;
	return this->*Entry.Set;
}

void FA2FBridgeEmotionOverrides::Set(EA2FBridgeEmotionName Emotion, float Value)
{
	const FOverride& Entry = Overrides[static_cast<int32>(Emotion)];
	this->*Entry.Set = true;
	this->*Entry.Value = FMath::Clamp(Value, 0.0f, 1.0f);
}

TMap<FString, float> FA2FBridgeFaceParameters::ToWire() const
{
	TMap<FString, float> Result = Further;
	for (const FParameter& Parameter : Parameters)
	{
		if (this->*Parameter.Set)
		{
			Result.Add(Parameter.Wire, FMath::Clamp(this->*Parameter.Value, Parameter.Low, Parameter.High));
		}
	}
	return Result;
}

TMap<FString, float> FA2FBridgeFaceParameters::Defaults()
{
	const FA2FBridgeFaceParameters Untouched;
	TMap<FString, float> Result;
	for (const FParameter& Parameter : Parameters)
	{
		Result.Add(Parameter.Wire, Untouched.*Parameter.Value);
	}
	return Result;
}

TArray<FString> FA2FBridgeFaceParameters::FromWire(const TMap<FString, float>& Values)
{
	TArray<FString> Unknown;
	for (const TPair<FString, float>& Entry : Values)
	{
		bool bKnown = false;
		for (const FParameter& Parameter : Parameters)
		{
			if (Entry.Key.Equals(Parameter.Wire, ESearchCase::IgnoreCase))
			{
				this->*Parameter.Set = true;
				this->*Parameter.Value = FMath::Clamp(Entry.Value, Parameter.Low, Parameter.High);
				bKnown = true;
			}
		}
		if (!bKnown)
		{
			Further.Add(Entry.Key, Entry.Value);
			Unknown.Add(Entry.Key);
		}
	}
	return Unknown;
}

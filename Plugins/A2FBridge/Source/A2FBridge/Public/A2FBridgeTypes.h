// Types that Blueprint, Python and C++ share: emotions, face parameters, connections, streams.
#pragma once

#include "CoreMinimal.h"
#include "Engine/EngineTypes.h"

#include "A2FBridgeTypes.generated.h"

/** Where frames come from. */
UENUM(BlueprintType)
enum class EA2FBridgeProvider : uint8
{
	/** A server: A2FBridge's own or any Audio2Face-3D NIM. Needs the client library. */
	Remote,
	/** A server of our own on this machine, started and stopped by the plugin. Needs the client library. */
	Local,
	/** A recorded session (.a2frec). */
	Replay,
	/** Speech-like motion made from the loudness of the sound, for tests and for work without a server. */
	Mock
};

/** How fast the sound of files and samples goes to the server. Live sound comes as it comes. */
UENUM(BlueprintType)
enum class EA2FBridgePacing : uint8
{
	/** That of the connection; for a connection, Burst. */
	Default,
	/** As fast as the server takes it: the first frames are there soonest, the sound is safe from a slow network, and the server has the most to do at once. */
	Burst,
	/** At the pace of the sound, a lead ahead of it: many characters share a server evenly, and what is stopped early was not computed. */
	RealTime
};

/** The ten emotions of Audio2Face-3D, in NVIDIA's order. */
UENUM(BlueprintType)
enum class EA2FBridgeEmotionName : uint8
{
	/** Amazement. */
	Amazement,
	/** Anger. */
	Anger,
	/** Cheekiness. */
	Cheekiness,
	/** Disgust. */
	Disgust,
	/** Fear. */
	Fear,
	/** Grief. */
	Grief,
	/** Joy. */
	Joy,
	/** OutOfBreath. */
	OutOfBreath,
	/** Pain. */
	Pain,
	/** Sadness. */
	Sadness,
};

/** What a face is doing. */
UENUM(BlueprintType)
enum class EA2FBridgeFaceState : uint8
{
	/** Nothing; the face is at rest. */
	Idle,
	/** A stream was asked for; no frame has come yet. */
	Connecting,
	/** Frames come; the buffer fills. */
	Buffering,
	/** Sound and animation play. */
	Playing,
	/** Paused by Pause or by the game. */
	Paused,
	/** Frames are late: the last pose is held, then eased to rest. */
	Underrun,
	/** After the last frame, on the way to rest. */
	Finishing
};

/** Overrides of the ten emotions; those not ticked are left to the model. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeEmotionOverrides
{
	GENERATED_BODY()

	/** Whether Amazement is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideAmazement = false;

	/** Amazement, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideAmazement", ClampMin = "0", ClampMax = "1"))
	float Amazement = 0.0f;

	/** Whether Anger is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideAnger = false;

	/** Anger, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideAnger", ClampMin = "0", ClampMax = "1"))
	float Anger = 0.0f;

	/** Whether Cheekiness is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideCheekiness = false;

	/** Cheekiness, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideCheekiness", ClampMin = "0", ClampMax = "1"))
	float Cheekiness = 0.0f;

	/** Whether Disgust is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideDisgust = false;

	/** Disgust, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideDisgust", ClampMin = "0", ClampMax = "1"))
	float Disgust = 0.0f;

	/** Whether Fear is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideFear = false;

	/** Fear, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideFear", ClampMin = "0", ClampMax = "1"))
	float Fear = 0.0f;

	/** Whether Grief is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideGrief = false;

	/** Grief, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideGrief", ClampMin = "0", ClampMax = "1"))
	float Grief = 0.0f;

	/** Whether Joy is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideJoy = false;

	/** Joy, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideJoy", ClampMin = "0", ClampMax = "1"))
	float Joy = 0.0f;

	/** Whether OutOfBreath is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideOutOfBreath = false;

	/** OutOfBreath, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideOutOfBreath", ClampMin = "0", ClampMax = "1"))
	float OutOfBreath = 0.0f;

	/** Whether Pain is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverridePain = false;

	/** Pain, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverridePain", ClampMin = "0", ClampMax = "1"))
	float Pain = 0.0f;

	/** Whether Sadness is set. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideSadness = false;

	/** Sadness, 0 (none) to 1 (full). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideSadness", ClampMin = "0", ClampMax = "1"))
	float Sadness = 0.0f;

	/** Reads one emotion; returns whether it is set. */
	bool Get(EA2FBridgeEmotionName Emotion, float& OutValue) const;
	/** Sets one emotion. */
	void Set(EA2FBridgeEmotionName Emotion, float Value);
};

/** How emotions are found and mixed. With a server that detects emotion, the overrides are its preferred emotion; without, they drive the face as they are. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeEmotion
{
	GENERATED_BODY()

	/** Whether the five settings below are sent; otherwise the server's own hold. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (InlineEditConditionToggle))
	bool bOverrideDetection = false;

	/** Strength of the whole emotion on the face, 0 to 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideDetection", ClampMin = "0", ClampMax = "1"))
	float OverallStrength = 0.6f;

	/** Contrast of detected emotion, 0.3 to 3: higher makes strong emotions stronger and weak ones weaker. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideDetection", ClampMin = "0.3", ClampMax = "3"))
	float DetectedContrast = 1.0f;

	/** At most this many detected emotions act at once, 1 to 6. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideDetection", ClampMin = "1", ClampMax = "6"))
	int32 MaxDetected = 3;

	/** Smoothing of detected emotion over time, 0 (none) to 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion",
		meta = (EditCondition = "bOverrideDetection", ClampMin = "0", ClampMax = "1"))
	float DetectedSmoothing = 0.7f;

	/** Share of the overrides in the mix with detected emotion, 0 (detected only) to 1 (overrides only). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (ClampMin = "0", ClampMax = "1"))
	float OverrideStrength = 0.5f;

	/** Emotions set by hand. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion")
	FA2FBridgeEmotionOverrides Overrides;
};

/** Emotions that hold from a time of the sound on; linear from key to key. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeEmotionKey
{
	GENERATED_BODY()

	/** Time in the sound, in seconds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion", meta = (ClampMin = "0"))
	float Time = 0.0f;

	/** Emotions at that time, 0 to 1; those left out are 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Emotion")
	TMap<EA2FBridgeEmotionName, float> Emotions;
};

/** Face parameters of Audio2Face-3D. Only those ticked are sent; the others keep the model's own values. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeFaceParameters
{
	GENERATED_BODY()

	/** Whether SkinStrength is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideSkinStrength = false;

	/** Size of all skin motion. 0 to 2, default 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideSkinStrength", ClampMin = "0", ClampMax = "2"))
	float SkinStrength = 1.0f;

	/** Whether UpperFaceStrength is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideUpperFaceStrength = false;

	/** Size of motion of brows, eyes and cheeks. 0 to 2, default 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideUpperFaceStrength", ClampMin = "0", ClampMax = "2"))
	float UpperFaceStrength = 1.0f;

	/** Whether LowerFaceStrength is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideLowerFaceStrength = false;

	/** Size of motion of mouth and jaw; 1.2 to 1.4 articulates more. 0 to 2, default 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideLowerFaceStrength", ClampMin = "0", ClampMax = "2"))
	float LowerFaceStrength = 1.0f;

	/** Whether EyelidOpenOffset is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideEyelidOpenOffset = false;

	/** Pose of the eyelids: above 0 more open, below 0 more closed. -1 to 1, default 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideEyelidOpenOffset", ClampMin = "-1", ClampMax = "1"))
	float EyelidOpenOffset = 0.0f;

	/** Whether BlinkStrength is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideBlinkStrength = false;

	/** Size of blinks. 0 to 2, default 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideBlinkStrength", ClampMin = "0", ClampMax = "2"))
	float BlinkStrength = 1.0f;

	/** Whether LipOpenOffset is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideLipOpenOffset = false;

	/** Pose of the lips: above 0 more open, below 0 more closed. -0.2 to 0.2, default 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideLipOpenOffset", ClampMin = "-0.2", ClampMax = "0.2"))
	float LipOpenOffset = 0.0f;

	/** Whether UpperFaceSmoothing is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideUpperFaceSmoothing = false;

	/** Smoothing over time of the upper face, in seconds. 0 to 0.1, default 0.001. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideUpperFaceSmoothing", ClampMin = "0", ClampMax = "0.1"))
	float UpperFaceSmoothing = 0.001f;

	/** Whether LowerFaceSmoothing is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideLowerFaceSmoothing = false;

	/** Smoothing over time of the lower face, in seconds; more is softer, and later. 0 to 0.1, default 0.006. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideLowerFaceSmoothing", ClampMin = "0", ClampMax = "0.1"))
	float LowerFaceSmoothing = 0.006f;

	/** Whether FaceMaskLevel is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideFaceMaskLevel = false;

	/** Height of the border between lower and upper face. 0 to 1, default 0.6. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideFaceMaskLevel", ClampMin = "0", ClampMax = "1"))
	float FaceMaskLevel = 0.6f;

	/** Whether FaceMaskSoftness is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideFaceMaskSoftness = false;

	/** Width of that border. 0.001 to 0.5, default 0.0085. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideFaceMaskSoftness", ClampMin = "0.001", ClampMax = "0.5"))
	float FaceMaskSoftness = 0.0085f;

	/** Whether TongueStrength is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideTongueStrength = false;

	/** Size of tongue motion. 0 to 3, default 1.3. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideTongueStrength", ClampMin = "0", ClampMax = "3"))
	float TongueStrength = 1.3f;

	/** Whether TongueHeightOffset is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideTongueHeightOffset = false;

	/** Pose of the tongue: above 0 higher. -3 to 3, default 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideTongueHeightOffset", ClampMin = "-3", ClampMax = "3"))
	float TongueHeightOffset = 0.0f;

	/** Whether TongueDepthOffset is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face", meta = (InlineEditConditionToggle))
	bool bOverrideTongueDepthOffset = false;

	/** Pose of the tongue: above 0 further out. -3 to 3, default 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face",
		meta = (EditCondition = "bOverrideTongueDepthOffset", ClampMin = "-3", ClampMax = "3"))
	float TongueDepthOffset = 0.0f;

	/** Further parameters by their name on the wire, for servers that know more. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Face")
	TMap<FString, float> Further;

	/** The parameters that are set, by their name on the wire ("skinStrength"). */
	TMap<FString, float> ToWire() const;
	/** All parameters with their default values, by their name on the wire. */
	static TMap<FString, float> Defaults();
	/** Sets parameters from names on the wire, clamped to their ranges. Returns the names that are not known; they went to Further. */
	TArray<FString> FromWire(const TMap<FString, float>& Values);
};

/** What is done to blend-shape weights before they leave the server: weight * multiplier + offset. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeBlendShapeTuning
{
	GENERATED_BODY()

	/** Factors by blend-shape name (JawOpen, TongueTipUp, ...); those left out keep the server's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face")
	TMap<FName, float> Multipliers;

	/** Numbers added to weights, by blend-shape name. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face")
	TMap<FName, float> Offsets;
};

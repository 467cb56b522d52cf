// A whole animated clip as an object, for baking from editor Python and for tools: curves over time, and the sound.
#pragma once

#include "CoreMinimal.h"
#include "Templates/PimplPtr.h"
#include "UObject/Object.h"

#include "A2FBridgeClip.generated.h"

class UA2FBridgeMappingTable;

namespace a2fbridge
{
struct ClipData;
}

/** An animated clip. It never changes; mapping and resampling give new clips. Game thread. */
UCLASS(BlueprintType)
class A2FBRIDGE_API UA2FBridgeClip : public UObject
{
	GENERATED_BODY()

public:
	/** Reads a recorded session (.a2frec), absolute or relative to the project. Returns nothing, and why, when it cannot. A damaged file gives what stands before the damage, which Error then names. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	static UA2FBridgeClip* LoadRecording(const FString& Path, FString& Error);

	/** Makes a clip of numbers: Values holds frame after frame, one number per name. Convention: "a2f" (NVIDIA), "arkit" (Apple, Live Link Face) or "target" (curves of a rig). Returns nothing, and why, when counts or rates are wrong. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	static UA2FBridgeClip* MakeClip(const TArray<FName>& Names, const TArray<float>& Values, FIntPoint FramesPerSecond,
		const FString& Convention, FString& Error);

	/** The clip's curves through a mapping table; a clip of the other convention is converted first. Returns nothing, and why, when the clip is mapped already. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	UA2FBridgeClip* Mapped(UA2FBridgeMappingTable* Table, FString& Error) const;

	/** The clip at another frame rate (numerator, denominator), linear between its frames. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	UA2FBridgeClip* Resampled(FIntPoint FramesPerSecond, FString& Error) const;

	/** Writes the clip as a recorded session. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	void SaveRecording(const FString& Path, bool& bSucceeded, FString& Error) const;

	/** Writes the clip's sound as a 16-bit mono WAV file; false, and why, when it has none. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	void SaveSound(const FString& Path, bool& bSucceeded, FString& Error) const;

	/** Names of the curves, in their order. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	TArray<FName> GetCurveNames() const;

	/** Time of each frame, in seconds. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	TArray<float> GetTimes() const;

	/** Value of one curve in each frame; empty when the clip has no such curve. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	TArray<float> GetValues(FName Curve) const;

	/** Number of frames. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	int32 GetNumFrames() const;

	/** Frames per second, as numerator and denominator. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	FIntPoint GetFrameRate() const;

	/** Length in seconds: that of the sound, or where there is none, up to the last frame and one frame more. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	float GetDuration() const;

	/** "a2f", "arkit" or "target". */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	FString GetConvention() const;

	/** What the server wanted said, such as names that it does not know. JSON texts. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	TArray<FString> GetNotes() const;

	/** Makes a clip of the core's data. */
	static UA2FBridgeClip* Make(a2fbridge::ClipData&& Data);

private:
	TPimplPtr<a2fbridge::ClipData> Clip;
};

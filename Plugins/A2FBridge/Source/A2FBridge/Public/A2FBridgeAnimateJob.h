// Animates a whole sound without playing it: for baking, by editor Python or Blueprint.
#pragma once

#include "CoreMinimal.h"
#include "Templates/PimplPtr.h"
#include "UObject/Object.h"

#include "A2FBridgeStreamSettings.h"

#include "A2FBridgeAnimateJob.generated.h"

class UA2FBridgeClip;
class USoundWave;
struct FA2FBridgeJobWork;

/** One sound on its way to a clip. Nothing happens in the background that you need to wait for elsewhere: call Advance until it returns false, then look at GetClip or GetError. Python: keep a reference to the job meanwhile. Game thread. */
UCLASS(BlueprintType)
class A2FBRIDGE_API UA2FBridgeAnimateJob : public UObject
{
	GENERATED_BODY()

public:
	/** Begins with a WAV file (PCM 8 to 32 bits or float, mono or stereo), absolute or relative to the project. What is wrong with it shows after the first Advance. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	static UA2FBridgeAnimateJob* AnimateWavFile(const FString& Path, const FA2FBridgeStreamSettings& Settings);

	/** Begins with a sound asset. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	static UA2FBridgeAnimateJob* AnimateSoundWave(USoundWave* SoundWave, const FA2FBridgeStreamSettings& Settings);

	/** Works for at most that many seconds (it returns earlier when it is done, and sleeps while it waits for the server). Returns whether there is more to do. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	bool Advance(float Seconds = 0.05f);

	/** Gives up; Advance then returns false, and GetError says "cancelled". */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Clip")
	void Cancel();

	/** Share of the sound that has been animated, 0 to 1. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	float GetProgress() const;

	/** Why there is no clip; empty when all is well so far. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	FString GetError() const;

	/** The clip, once Advance has returned false without an error; its curves are blend shapes, convention a2f. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Clip")
	UA2FBridgeClip* GetClip() const;

private:
	TPimplPtr<FA2FBridgeJobWork> Work;

	/** The result. */
	UPROPERTY()
	TObjectPtr<UA2FBridgeClip> Result;
};

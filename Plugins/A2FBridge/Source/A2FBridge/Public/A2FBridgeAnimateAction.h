// The latent nodes: Animate Character From ..., and Play Recorded Session.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintAsyncActionBase.h"

#include "A2FBridgeFaceComponent.h"

#include "A2FBridgeAnimateAction.generated.h"

class AActor;
class USoundSubmix;
class USoundWave;

/** What every pin of a latent node carries: the face, the share played (0 to 1; -1 when the length is not known) and, at Failed, what went wrong. */
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(
	FA2FBridgeAnimatePin, UA2FBridgeFaceComponent*, Face, float, Progress, const FString&, Error);

/** One stream as a latent node. The character's face component is used; a character that has none gets one. */
UCLASS()
class A2FBRIDGE_API UA2FBridgeAnimateAction : public UBlueprintAsyncActionBase
{
	GENERATED_BODY()

public:
	/** The stream is open and takes sound. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge")
	FA2FBridgeAnimatePin Started;

	/** The first frame of animation came; sound and face begin as soon as the buffer is full. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge")
	FA2FBridgeAnimatePin FirstFrame;

	/** Some of it was played; ten times a second unless the project settings say otherwise. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge", meta = (DisplayName = "Progress"))
	FA2FBridgeAnimatePin Progressed;

	/** Everything was played; the face is at rest. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge")
	FA2FBridgeAnimatePin Finished;

	/** It was stopped, or another stream took the face. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge")
	FA2FBridgeAnimatePin Cancelled;

	/** It failed; Error says why and what would help. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge")
	FA2FBridgeAnimatePin Failed;

	/** Speaks a sound asset: the face moves, the sound plays where the character stands. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Animate Character From Sound Wave",
			WorldContext = "WorldContextObject", AutoCreateRefTerm = "Emotion,FaceParameters,Options",
			AdvancedDisplay = "Options"))
	static UA2FBridgeAnimateAction* AnimateCharacterFromSoundWave(UObject* WorldContextObject, AActor* Character,
		USoundWave* SoundWave, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
		const FA2FBridgeAnimateOptions& Options);

	/** Speaks a WAV file, absolute or relative to the project. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Animate Character From Wav File",
			WorldContext = "WorldContextObject", AutoCreateRefTerm = "Emotion,FaceParameters,Options",
			AdvancedDisplay = "Options"))
	static UA2FBridgeAnimateAction* AnimateCharacterFromWavFile(UObject* WorldContextObject, AActor* Character,
		const FString& PathToWav, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters,
		FName Connection, const FA2FBridgeAnimateOptions& Options);

	/** Speaks samples in [-1, 1], interleaved. With End Of Samples off, more come by Add Samples or Add Pcm 16 of the face, until End Samples: for speech that is still being made. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Animate Character From Audio Samples",
			WorldContext = "WorldContextObject", AutoCreateRefTerm = "Samples,Emotion,FaceParameters,Options",
			AdvancedDisplay = "Options"))
	static UA2FBridgeAnimateAction* AnimateCharacterFromAudioSamples(UObject* WorldContextObject, AActor* Character,
		const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool bEndOfSamples, const FA2FBridgeEmotion& Emotion,
		const FA2FBridgeFaceParameters& FaceParameters, FName Connection, const FA2FBridgeAnimateOptions& Options);

	/** Follows a microphone: a part of its name, or nothing for the system's default. The sound is not played. End it with End Samples or Stop Character. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Animate Character From Live Audio (Microphone)",
			WorldContext = "WorldContextObject", AutoCreateRefTerm = "Emotion,FaceParameters,Options",
			AdvancedDisplay = "Options"))
	static UA2FBridgeAnimateAction* AnimateCharacterFromMicrophone(UObject* WorldContextObject, AActor* Character,
		const FString& Microphone, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters,
		FName Connection, const FA2FBridgeAnimateOptions& Options);

	/** Follows what a submix plays; nothing: the main one. End it with End Samples or Stop Character. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Animate Character From Live Audio (Submix)",
			WorldContext = "WorldContextObject", AutoCreateRefTerm = "Emotion,FaceParameters,Options",
			AdvancedDisplay = "Options"))
	static UA2FBridgeAnimateAction* AnimateCharacterFromSubmix(UObject* WorldContextObject, AActor* Character,
		USoundSubmix* Submix, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
		const FA2FBridgeAnimateOptions& Options);

	/** Plays a recorded session (.a2frec) with its sound; needs no server and no library. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate",
		meta = (BlueprintInternalUseOnly = "true", DisplayName = "Play Recorded Session", WorldContext = "WorldContextObject"))
	static UA2FBridgeAnimateAction* PlayRecordedSession(
		UObject* WorldContextObject, AActor* Character, const FString& Path, bool bPlaySound = true);

	//~ Begin UBlueprintAsyncActionBase
	virtual void Activate() override;
	//~ End UBlueprintAsyncActionBase

	/** Stops the stream; Cancelled follows. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	void Cancel();

private:
	/** Begins the stream on a face and returns its number. */
	using FBegin = TFunction<int32(UA2FBridgeFaceComponent&)>;

	static UA2FBridgeAnimateAction* Make(UObject* WorldContextObject, AActor* Character, FBegin Begin);
	void HandleEvent(UA2FBridgeFaceComponent* From, int32 Number, EA2FBridgeStreamEvent Event, float Share, const FString& Text);
	void End(FA2FBridgeAnimatePin& Pin, float Share, const FString& Text);

	TWeakObjectPtr<AActor> Character;
	TWeakObjectPtr<UA2FBridgeFaceComponent> Face;
	FBegin Begin;
	FDelegateHandle Handle;
	int32 Stream = 0;
};

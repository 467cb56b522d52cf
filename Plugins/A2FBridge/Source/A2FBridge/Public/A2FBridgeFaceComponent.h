// The face of one character: plays streams with their sound, and says what the face shows now.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "Components/SceneComponent.h"
#include "Templates/PimplPtr.h"

#include "A2FBridgeStreamSettings.h"

#include "A2FBridgeFaceComponent.generated.h"

class AActor;
class UA2FBridgeFaceComponent;
class UA2FBridgeMappingTable;
class UA2FBridgeSpeechSound;
class UAudioComponent;
class USkeletalMeshComponent;
class USoundAttenuation;
class USoundClass;
class USoundSubmix;
class USoundWave;
struct FA2FBridgeFaceState;

namespace a2fbridge
{
class IFrameSource;
}

/** Something happened to a face. */
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FA2FBridgeFaceEvent, UA2FBridgeFaceComponent*, Face);
/** A stream failed. */
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FA2FBridgeFaceFailed, UA2FBridgeFaceComponent*, Face, const FString&, Error);

/** What happens to one stream, in order. */
UENUM(BlueprintType)
enum class EA2FBridgeStreamEvent : uint8
{
	/** It is open and takes sound. */
	Started,
	/** The first frame came. */
	FirstFrame,
	/** The face begins to move and its sound to be heard. */
	PlaybackStarted,
	/** Some time of playback has passed. */
	Progress,
	/** Frames are late. */
	Underrun,
	/** They came back. */
	Recovered,
	/** Everything was played; the face is at rest. Last. */
	Finished,
	/** It was stopped, or another stream took the face. Last. */
	Cancelled,
	/** It failed; the text says why. Last. */
	Failed
};

/** Told of each event of each stream: face, number of the stream, event, share played (0 to 1, or -1 when the length is not known), text of a failure. */
DECLARE_MULTICAST_DELEGATE_FiveParams(
	FA2FBridgeStreamEvent, UA2FBridgeFaceComponent*, int32, EA2FBridgeStreamEvent, float, const FString&);

/** What a face shows at a moment; the arrays are those of the face, valid during the call that asks for it. */
struct FA2FBridgePose
{
	/** Curves of the mapping table, or the blend shapes themselves without a table. */
	TConstArrayView<FName> Names;
	/** Their values. */
	TConstArrayView<float> Values;
	/** Blend shapes before the table, convention a2f. */
	TConstArrayView<FName> WeightNames;
	/** Their values. */
	TConstArrayView<float> Weights;
	/** 0 at rest, 1 while frames act, between while the face comes to rest. */
	float Activity = 0.0f;
	/** Number of the animation frame that is shown; changes at the stream's frame rate. */
	int64 Frame = 0;
	/** Changes when the names do. */
	uint64 Revision = 0;
};

/** The face of a character. It plays the sound where it stands, follows the device that plays it, and holds the curves that the AnimGraph node Apply A2F Face, A2FBridgeAnimInstance, Live Link and morph targets take. Works without an audio device. Game thread. */
UCLASS(ClassGroup = (A2FBridge), meta = (BlueprintSpawnableComponent, DisplayName = "A2FBridge Face"))
class A2FBRIDGE_API UA2FBridgeFaceComponent : public USceneComponent
{
	GENERATED_BODY()

public:
	/** Sets defaults. */
	UA2FBridgeFaceComponent();
	virtual ~UA2FBridgeFaceComponent() override;

	/** Table from Audio2Face's shapes to the curves of this face; empty: that of the project settings. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "A2FBridge")
	TObjectPtr<UA2FBridgeMappingTable> MappingTable;

	/** How far ahead of the sound frames must lie before playback starts, in seconds; below 0: that of the project settings. */
	UPROPERTY(
		EditAnywhere, BlueprintReadOnly, Category = "A2FBridge|Playback", meta = (ClampMin = "-1", ClampMax = "5", Units = "s"))
	float BufferLength = -1.0f;

	/** Added to the position that is heard, in seconds: above 0 the face is earlier. In addition to the project's. */
	UPROPERTY(
		EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Playback", meta = (ClampMin = "-1", ClampMax = "1", Units = "s"))
	float AudioOffset = 0.0f;

	/** Linear between frames; off: the frame at or before the position. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "A2FBridge|Playback")
	bool bInterpolate = true;

	/** Volume of the voice. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Sound", meta = (ClampMin = "0", UIMax = "4"))
	float Volume = 1.0f;

	/** Pitch and with it speed of voice and face. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Sound", meta = (ClampMin = "0.1", ClampMax = "4"))
	float Pitch = 1.0f;

	/** Whether voice and face follow the time dilation of world and actor. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Sound")
	bool bFollowTimeDilation = true;

	/** Attenuation and spatialisation of the voice; empty: it is heard everywhere. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Sound")
	TObjectPtr<USoundAttenuation> Attenuation;

	/** Sound class of the voice; empty: the project's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Sound")
	TObjectPtr<USoundClass> SoundClass;

	/** Submix that the voice goes to; empty: the project's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Sound")
	TObjectPtr<USoundSubmix> Submix;

	/** Priority of the voice when there are too many sounds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Sound",
		meta = (ClampMin = "0", ClampMax = "100"))
	float Priority = 1.0f;

	/** Whether morph targets of the actor's skeletal meshes are set by the names of the table's curves: for heads that are no MetaHumans. Choose a table whose curves are the mesh's, such as arkit. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face")
	bool bDriveMorphTargets = false;

	/** Whether the face is a subject of Live Link. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face")
	bool bSendToLiveLink = false;

	/** Name of that subject; empty: the actor's name. A MetaHuman's Blueprint takes it as its LLink Face Subj. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Face")
	FName LiveLinkSubject;

	/** The face begins to move and its sound to be heard. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge|Events")
	FA2FBridgeFaceEvent OnAnimationStarted;

	/** A stream is over, for whatever reason. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge|Events")
	FA2FBridgeFaceEvent OnAnimationEnded;

	/** Frames are late. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge|Events")
	FA2FBridgeFaceEvent OnUnderrun;

	/** A stream failed. OnAnimationEnded follows. */
	UPROPERTY(BlueprintAssignable, Category = "A2FBridge|Events")
	FA2FBridgeFaceFailed OnFailed;

	/** Events of all streams, for C++ and the latent nodes. */
	FA2FBridgeStreamEvent OnStreamEvent;

	// --- streams. Each Start takes the face from the stream before it, and returns the number of the new one. What is wrong shows as its Failed event.

	/** Animates a sound asset. */
	int32 StartSoundWave(USoundWave* SoundWave, const FA2FBridgeStreamSettings& Settings);
	/** Animates a WAV file, absolute or relative to the project. */
	int32 StartWavFile(const FString& Path, const FA2FBridgeStreamSettings& Settings);
	/** Begins a stream whose samples come by AddSamples; speech of a synthesiser, for instance. */
	int32 StartSamples(const FA2FBridgeStreamSettings& Settings);
	/** Begins such a stream with its first samples, and ends it with them if told so. */
	int32 StartSamplesWith(const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool bEndOfSamples,
		const FA2FBridgeStreamSettings& Settings);
	/** Animates what a microphone hears: by a part of its name, or the system's default. It is not played. */
	int32 StartMicrophone(const FString& Device, const FA2FBridgeStreamSettings& Settings);
	/** Animates what a submix plays; null: the main one. */
	int32 StartSubmix(USoundSubmix* HeardSubmix, const FA2FBridgeStreamSettings& Settings);
	/** Plays a recorded session with its sound, absolute or relative to the project's Saved folder, then to the project. Needs no server. */
	int32 StartRecording(const FString& Path, bool bPlaySound = true);
	/** Plays any source of the core. */
	int32 StartSource(std::unique_ptr<a2fbridge::IFrameSource> Source, bool bPlaySound);

	/** Adds interleaved samples in [-1, 1] to the stream that StartSamples began. All of a stream have one format. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void AddSamples(const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool& bSucceeded, FString& Error);

	/** Adds interleaved 16-bit little-endian samples, as synthesisers deliver them. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void AddPcm16(const TArray<uint8>& Bytes, int32 Channels, int32 SampleRate, bool& bSucceeded, FString& Error);

	/** Says that no more samples come; also ends live input. What was heard is played to its end. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void EndSamples();

	/** Sets the emotion of a live stream from now on. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void SetEmotionNow(const TMap<EA2FBridgeEmotionName, float>& Emotions, bool& bSucceeded, FString& Error);

	/** Stops the stream and its sound; the face comes to rest. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void StopSpeaking();

	/** Pauses or goes on. The face stays as it is meanwhile. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void SetPaused(bool bPaused);

	/** Goes to a time of the sound, in seconds. Recordings go anywhere; other streams back to what the buffer still holds (one minute). */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void SeekTo(float Seconds, bool& bSucceeded, FString& Error);

	/** Records the running stream from here on, or the next one, to a file (.a2frec). */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void RecordSession(const FString& Path, bool& bSucceeded, FString& Error);

	/** Ends the recording. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void StopRecordingSession(bool& bSucceeded, FString& Error);

	/** Replaces the mapping table, also while the face plays. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Face")
	void SetMappingTable(UA2FBridgeMappingTable* NewTable, bool& bSucceeded, FString& Error);

	// --- what the face shows

	/** What the face is doing. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	EA2FBridgeFaceState GetState() const;

	/** Time of the sound that is heard now, in seconds. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	float GetPlaybackTime() const;

	/** Value of one curve (or blend shape, without a table); 0 when there is none of that name. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	float GetCurve(FName Curve) const;

	/** All curves. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	TMap<FName, float> GetCurves() const;

	/** Strength of the ten emotions that drove the face; those not known are left out. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	TMap<EA2FBridgeEmotionName, float> GetEmotions() const;

	/** Counters and times for people, one line each. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	FString GetReport() const;

	/** What the face shows now. */
	FA2FBridgePose GetPose() const;
	/** Whether a sound of this face is being played by a device. */
	bool IsSoundPlaying() const;
	/** The table in force; null without one. */
	UA2FBridgeMappingTable* GetTableInForce() const;
	/** Number of the running stream; 0 without one. */
	int32 GetStream() const;

	/** Finds the face component of an actor, or makes one on its root. Null without an actor. */
	static UA2FBridgeFaceComponent* FindOrAdd(AActor* Character);

	//~ Begin UActorComponent
	virtual void OnRegister() override;
	virtual void OnUnregister() override;
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;
	//~ End UActorComponent

private:
	int32 Begin(std::unique_ptr<a2fbridge::IFrameSource> Source, bool bPlaySound, bool bKeepSound,
		const FA2FBridgeStreamSettings* Settings, const FString& Problem);
	int32 BeginWithSettings(const FA2FBridgeStreamSettings& Settings, bool bLive, const FString& Problem);
	void PumpInput();
	void StartDevice();
	void StopDevice();
	double GetDeviceLatency() const;
	float GetSpeed() const;
	void Dispatch();
	void Announce(EA2FBridgeStreamEvent Event, const FString& Text);
	void Publish();
	void DriveMorphTargets();
	void UseTable(UA2FBridgeMappingTable* Table);
	void HandleTableChanged(UA2FBridgeMappingTable* Changed);

	/** The device's end of the running stream. */
	UPROPERTY(Transient)
	TObjectPtr<UAudioComponent> Voice;

	/** The sound that it plays. */
	UPROPERTY(Transient)
	TObjectPtr<UA2FBridgeSpeechSound> Sound;

	/** The table in force. */
	UPROPERTY(Transient)
	TObjectPtr<UA2FBridgeMappingTable> TableInForce;

	TPimplPtr<FA2FBridgeFaceState> Face;
	FDelegateHandle TableChangedHandle;
};

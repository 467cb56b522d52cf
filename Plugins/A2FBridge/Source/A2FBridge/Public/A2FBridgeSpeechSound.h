// The sound of a face: a procedural wave that reads a feed and so counts what the device has taken.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "Sound/SoundWaveProcedural.h"

#include "A2FBridgeSpeechSound.generated.h"

namespace a2fbridge
{
class AudioFeed;
}

/** Made by the face component for each stream; not for use by itself. */
UCLASS(Transient, NotBlueprintable)
class A2FBRIDGE_API UA2FBridgeSpeechSound : public USoundWaveProcedural
{
	GENERATED_BODY()

public:
	/** Sets what never changes. */
	UA2FBridgeSpeechSound(const FObjectInitializer& ObjectInitializer);

	/** Makes a sound that reads the feed. Game thread. */
	static UA2FBridgeSpeechSound* Make(UObject* Outer, std::shared_ptr<a2fbridge::AudioFeed> Feed);

	//~ Begin USoundWaveProcedural
	/** Called by the audio render thread. */
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples) override;
	//~ End USoundWaveProcedural

private:
	// Set before the sound plays, never after: the audio thread reads it without a lock.
	std::shared_ptr<a2fbridge::AudioFeed> Feed;
};

// PCM out of sounds: assets of any codec, and WAV files, a piece at a time so that no tick is long.
#pragma once

#include <vector>

#include "CoreMinimal.h"
#include "Templates/UniquePtr.h"

class USoundWave;

/** Reads a whole sound in pieces. Game thread. */
class IA2FBridgeSoundReader
{
public:
	virtual ~IA2FBridgeSoundReader() = default;

	/** Writes up to about that many seconds of interleaved sound; empty when none is there yet. Returns false at the end or when it failed. */
	virtual bool Read(double Seconds, std::vector<float>& OutInterleaved) = 0;
	/** Hz. */
	virtual int32 GetSampleRate() const = 0;
	virtual int32 GetNumChannels() const = 0;
	/** Length, in seconds. */
	virtual double GetDuration() const = 0;
	/** Why reading stopped early; empty when it did not. */
	virtual FString GetError() const = 0;
};

namespace A2FBridge
{
/** Returns a reader of a sound asset, or nothing and why. */
TUniquePtr<IA2FBridgeSoundReader> ReadSoundWave(USoundWave* SoundWave, FString& OutError);
/** Returns a reader of a WAV file, or nothing and why. */
TUniquePtr<IA2FBridgeSoundReader> ReadWavFile(const FString& Path, FString& OutError);
} // namespace A2FBridge

// Reads a sound wave's proxy.
#pragma once

#include "Sound/SoundWave.h"

namespace Audio
{
// EPIC Runtime/SignalProcessing/FAlignedFloatBuffer (header: Engine)
using FAlignedFloatBuffer = TArray<float>;
} // namespace Audio

// EPIC Runtime/Engine/FSoundWaveProxyReader
class FSoundWaveProxyReader
{
public:
	using FSoundWaveProxyRef = TSharedRef<FSoundWaveProxy, ESPMode::ThreadSafe>;
	struct FSettings
	{
		uint32 MaxDecodeSizeInFrames = 1024;
		float StartTimeInSeconds = 0.0f;
		bool bMaintainAudioSync = false;
	};
	static TUniquePtr<FSoundWaveProxyReader> Create(FSoundWaveProxyRef InWaveProxy, const FSettings& InSettings)
	{
		return InWaveProxy->Rate > 0 ? TUniquePtr<FSoundWaveProxyReader>(new FSoundWaveProxyReader(InWaveProxy)) : nullptr;
	}
	int32 GetNumChannels() const { return Proxy->Channels; }
	float GetSampleRate() const { return static_cast<float>(Proxy->Rate); }
	int32 GetNumFramesInWave() const { return static_cast<int32>(Proxy->Samples.size()) / Proxy->Channels; }
	bool CanProduceMoreAudio() const { return true; }
	bool HasFailed() const { return false; }
	int32 PopAudio(Audio::FAlignedFloatBuffer& OutBuffer)
	{
		for (int32 Index = 0; Index < OutBuffer.Num(); ++Index)
		{
			OutBuffer[Index] = At < Proxy->Samples.size() ? Proxy->Samples[At++] : 0.0f;
		}
		return OutBuffer.Num();
	}

private:
	explicit FSoundWaveProxyReader(FSoundWaveProxyRef InProxy) : Proxy(InProxy) {}
	FSoundWaveProxyRef Proxy;
	size_t At = 0;
};

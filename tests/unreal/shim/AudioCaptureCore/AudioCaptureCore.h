// Capture of microphones.
#pragma once

#include "CoreMinimal.h"

namespace Audio
{
// EPIC Runtime/AudioCaptureCore/FCaptureDeviceInfo
struct FCaptureDeviceInfo
{
	FString DeviceName;
	FString DeviceId;
	int32 InputChannels = 0;
	int32 PreferredSampleRate = 0;
};

// EPIC Runtime/AudioCaptureCore/FAudioCaptureDeviceParams
struct FAudioCaptureDeviceParams
{
	int32 NumInputChannels = 0;
	int32 SampleRate = 0;
	int32 DeviceIndex = INDEX_NONE;
};

// EPIC Runtime/AudioCaptureCore/FOnAudioCaptureFunction
using FOnAudioCaptureFunction = TFunction<void(const void* InAudio, int32 NumFrames, int32 NumChannels, int32 SampleRate, double StreamTime, bool bOverFlow)>;

// EPIC Runtime/AudioCaptureCore/FAudioCapture
class FAudioCapture
{
public:
	~FAudioCapture() { AbortStream(); }
	bool OpenAudioCaptureStream(const FAudioCaptureDeviceParams& InParams, FOnAudioCaptureFunction OnCapture, uint32 NumFramesDesired)
	{
		Callback() = bAvailable ? OnCapture : nullptr;
		return bAvailable;
	}
	bool StartStream() { return true; }
	bool AbortStream()
	{
		Callback() = nullptr;
		return true;
	}
	int32 GetCaptureDevicesAvailable(TArray<FCaptureDeviceInfo>& OutDevices)
	{
		OutDevices.Add({TEXT("Desk Microphone"), TEXT("0"), 1, 48000});
		return OutDevices.Num();
	}
	// shim
	inline static bool bAvailable = true;
	static FOnAudioCaptureFunction& Callback()
	{
		static FOnAudioCaptureFunction Function;
		return Function;
	}
};
} // namespace Audio

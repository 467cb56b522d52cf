#include "A2FBridgeLiveInput.h"

#include "AudioCaptureCore.h"
#include "AudioDevice.h"
#include "Engine/Engine.h"
#include "Engine/World.h"
#include "ISubmixBufferListener.h"
#include "Sound/SoundSubmix.h"

#include "A2FBridgeText.h"
#include "Speech/LiveQueue.h"

namespace
{

/** A microphone. The queue is shared with the capture callback, which may outlive a call of ours by a moment. */
class FMicrophone final : public IA2FBridgeLiveInput
{
public:
	virtual ~FMicrophone() override { Capture.AbortStream(); }

	bool Open(const FString& Device, FString& OutError)
	{
		Audio::FAudioCaptureDeviceParams Params;
		if (!Device.IsEmpty() && !Find(Device, Params.DeviceIndex, OutError))
		{
			return false;
		}
		Audio::FOnAudioCaptureFunction OnCapture =
			[Shared = Queue](const void* Samples, int32 NumFrames, int32 NumChannels, int32 SampleRate, double, bool)
		{
			Shared->push(
				static_cast<const float*>(Samples), static_cast<size_t>(FMath::Max(0, NumFrames)), NumChannels, SampleRate);
		};
		if (!Capture.OpenAudioCaptureStream(Params, MoveTemp(OnCapture), 512) || !Capture.StartStream())
		{
			OutError = TEXT("the microphone cannot be opened: there is none, another program holds it, or the system forbids it");
			return false;
		}
		return true;
	}

	virtual a2fbridge::LiveQueue& GetQueue() override { return *Queue; }

private:
	bool Find(const FString& Device, int32& OutIndex, FString& OutError)
	{
		TArray<Audio::FCaptureDeviceInfo> Devices;
		Capture.GetCaptureDevicesAvailable(Devices);
		TArray<FString> Names;
		for (int32 Index = 0; Index < Devices.Num(); ++Index)
		{
			if (Devices[Index].DeviceName.Contains(Device))
			{
				OutIndex = Index;
				return true;
			}
			Names.Add(Devices[Index].DeviceName);
		}
		OutError =
			FString::Printf(TEXT("there is no microphone '%s'; there are: %s"), *Device, *FString::Join(Names, TEXT(", ")));
		return false;
	}

	std::shared_ptr<a2fbridge::LiveQueue> Queue = std::make_shared<a2fbridge::LiveQueue>();
	Audio::FAudioCapture Capture;
};

/** Hears a submix on the audio render thread. */
class FSubmixListener final : public ISubmixBufferListener
{
public:
	virtual void OnNewSubmixBuffer(const USoundSubmix* OwningSubmix, float* AudioData, int32 NumSamples, int32 NumChannels,
		const int32 SampleRate, double AudioClock) override
	{
		if (NumChannels > 0)
		{
			Queue.push(AudioData, static_cast<size_t>(NumSamples / NumChannels), NumChannels, SampleRate);
		}
	}

	virtual const FString& GetListenerName() const override
	{
		static const FString Name = TEXT("A2FBridge");
		return Name;
	}

	a2fbridge::LiveQueue Queue;
};

class FSubmixInput final : public IA2FBridgeLiveInput
{
public:
	FSubmixInput(FAudioDeviceHandle InDevice, USoundSubmix& InSubmix) : Device(MoveTemp(InDevice)), Submix(&InSubmix)
	{
		Device->RegisterSubmixBufferListener(Listener, InSubmix);
	}

	virtual ~FSubmixInput() override
	{
		if (USoundSubmix* Alive = Submix.Get(); Alive != nullptr && Device.IsValid())
		{
			Device->UnregisterSubmixBufferListener(Listener, *Alive);
		}
	}

	virtual a2fbridge::LiveQueue& GetQueue() override { return Listener->Queue; }

private:
	TSharedRef<FSubmixListener, ESPMode::ThreadSafe> Listener = MakeShared<FSubmixListener, ESPMode::ThreadSafe>();
	FAudioDeviceHandle Device;
	TWeakObjectPtr<USoundSubmix> Submix;
};

} // namespace

TUniquePtr<IA2FBridgeLiveInput> A2FBridge::OpenMicrophone(const FString& Device, FString& OutError)
{
	TUniquePtr<FMicrophone> Microphone = MakeUnique<FMicrophone>();
	if (!Microphone->Open(Device, OutError))
	{
		return nullptr;
	}
	return Microphone;
}

TUniquePtr<IA2FBridgeLiveInput> A2FBridge::OpenSubmix(const UObject* WorldContext, USoundSubmix* Submix, FString& OutError)
{
	const UWorld* World = WorldContext != nullptr ? WorldContext->GetWorld() : nullptr;
	FAudioDeviceHandle Device = World != nullptr ? World->GetAudioDevice() : FAudioDeviceHandle();
	if (!Device.IsValid())
	{
		OutError = TEXT("there is no audio device, so no submix can be heard");
		return nullptr;
	}
	USoundSubmix* Heard = Submix != nullptr ? Submix : &Device->GetMainSubmixObject();
	return MakeUnique<FSubmixInput>(MoveTemp(Device), *Heard);
}

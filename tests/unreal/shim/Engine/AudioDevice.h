// Audio devices.
#pragma once

#include "GameFramework/Actor.h"
#include "Sound/SoundSubmix.h"

class ISubmixBufferListener;
class UAudioComponent;
class USoundBase;

// EPIC Runtime/Engine/FAudioDevice
class FAudioDevice
{
public:
	struct FCreateComponentParams
	{
		explicit FCreateComponentParams(AActor* InActor) : Actor(InActor) {}
		AActor* Actor;
	};
	static UAudioComponent* CreateComponent(USoundBase* Sound, const FCreateComponentParams& Params);
	float GetSampleRate() const { return SampleRate; }
	int32 GetBufferLength() const { return BufferLength; }
	int32 GetNumBuffers() const { return NumBuffers; }
	// EPIC Runtime/Engine/ISubmixBufferListener: registration
	void RegisterSubmixBufferListener(TSharedRef<ISubmixBufferListener, ESPMode::ThreadSafe> Listener, USoundSubmix& Submix) { Listeners.Add(Listener.ToSharedPtr()); }
	void UnregisterSubmixBufferListener(TSharedRef<ISubmixBufferListener, ESPMode::ThreadSafe> Listener, USoundSubmix& Submix)
	{
		for (int32 Index = Listeners.Num() - 1; Index >= 0; --Index)
		{
			if (Listeners[Index].Get() == &Listener.Get())
			{
				Listeners.RemoveAt(Index);
			}
		}
	}
	USoundSubmix& GetMainSubmixObject()
	{
		static USoundSubmix Main;
		return Main;
	}
	// shim
	float SampleRate = 48000.0f;
	int32 BufferLength = 1024;
	int32 NumBuffers = 2;
	TArray<TSharedPtr<ISubmixBufferListener, ESPMode::ThreadSafe>> Listeners;
};

// EPIC Runtime/Engine/FAudioDeviceHandle
class FAudioDeviceHandle
{
public:
	FAudioDeviceHandle() = default;
	explicit FAudioDeviceHandle(FAudioDevice* InDevice) : Device(InDevice) {}
	bool IsValid() const { return Device != nullptr; }
	FAudioDevice* operator->() const { return Device; }
	FAudioDevice* GetAudioDevice() const { return Device; }

private:
	FAudioDevice* Device = nullptr;
};

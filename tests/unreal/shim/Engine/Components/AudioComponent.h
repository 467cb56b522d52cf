// Audio components.
#pragma once

#include "AudioDevice.h"
#include "Components/SceneComponent.h"
#include "Sound/SoundSubmix.h"
#include "Sound/SoundWave.h"

class USoundAttenuation;
class USoundClass;

// EPIC Runtime/Engine/UAudioComponent
class UAudioComponent : public USceneComponent
{
public:
	TObjectPtr<USoundAttenuation> AttenuationSettings;
	TObjectPtr<USoundClass> SoundClassOverride;
	TObjectPtr<USoundBase> Sound;
	bool bAllowSpatialization = true;
	bool bAutoDestroy = true;
	float Priority = 1.0f;
	virtual void Play(float StartTime = 0.0f) { bPlaying = true; }
	virtual void Stop() { bPlaying = false; }
	void SetPaused(bool bPause) { bPaused = bPause; }
	bool IsPlaying() const { return bPlaying; }
	void SetVolumeMultiplier(float NewVolume) { Volume = NewVolume; }
	void SetPitchMultiplier(float NewPitch) { Pitch = NewPitch; }
	// shim: the device takes that many seconds of sound
	void Render(double Seconds);
	bool bPlaying = false;
	bool bPaused = false;
	float Volume = 1.0f;
	float Pitch = 1.0f;
	double Owed = 0.0;
	std::vector<int16> Heard;
};

inline void UAudioComponent::Render(double Seconds)
{
	USoundWave* Wave = Cast<USoundWave>(Sound.Get());
	if (!bPlaying || bPaused || Wave == nullptr)
	{
		return;
	}
	Owed += Seconds * Wave->Rate * Pitch;
	const int32 Frames = static_cast<int32>(Owed);
	Owed -= Frames;
	std::vector<int16> Block(static_cast<size_t>(Frames * Wave->NumChannels));
	Wave->GeneratePCMData(reinterpret_cast<uint8*>(Block.data()), Frames * Wave->NumChannels);
	Heard.insert(Heard.end(), Block.begin(), Block.end());
}

inline UAudioComponent* FAudioDevice::CreateComponent(USoundBase* Sound, const FCreateComponentParams& Params)
{
	UAudioComponent* Component = new UAudioComponent();
	Component->Outer = Params.Actor;
	Component->Sound = Sound;
	Component->RegisterComponent();
	return Component;
}

// Worlds.
#pragma once

#include "AudioDevice.h"
#include "GameFramework/Actor.h"

// EPIC Runtime/Engine/UWorld
class UWorld : public UObject
{
public:
	virtual UWorld* GetWorld() const override { return const_cast<UWorld*>(this); }
	bool IsPaused() const { return bPaused; }
	FAudioDeviceHandle GetAudioDevice() const { return FAudioDeviceHandle(Device); }
	FAudioDevice* GetAudioDeviceRaw() const { return Device; }
	// shim
	bool bPaused = false;
	float TimeDilation = 1.0f;
	FAudioDevice* Device = nullptr;
	TArray<AActor*> Actors;
};

inline float AActor::GetActorTimeDilation() const
{
	return CustomTimeDilation * (World ? World->TimeDilation : 1.0f);
}

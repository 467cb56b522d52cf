// Sounds.
#pragma once

#include "UObject/Object.h"

class USoundSubmixBase;
class USoundSubmix;

// EPIC Runtime/Engine/ESoundGroup
enum ESoundGroup : int
{
	SOUNDGROUP_Default,
	SOUNDGROUP_Effects,
	SOUNDGROUP_UI,
	SOUNDGROUP_Music,
	SOUNDGROUP_Voice
};

// EPIC Runtime/Engine/EVirtualizationMode
enum class EVirtualizationMode : uint8
{
	Disabled,
	PlayWhenSilent,
	Restart
};

#define INDEFINITELY_LOOPING_DURATION 10000.0f

// EPIC Runtime/Engine/USoundBase
class USoundBase : public UObject
{
public:
	float Duration = 0.0f;
	EVirtualizationMode VirtualizationMode = EVirtualizationMode::Restart;
	TObjectPtr<USoundSubmixBase> SoundSubmixObject;
};

// EPIC Runtime/Engine/FSoundWaveProxy
class FSoundWaveProxy
{
public:
	// shim: sound of the wave, interleaved
	std::vector<float> Samples;
	int32 Rate = 0;
	int32 Channels = 0;
};

// EPIC Runtime/Engine/FSoundWaveProxyPtr
using FSoundWaveProxyPtr = TSharedPtr<FSoundWaveProxy, ESPMode::ThreadSafe>;

// EPIC Runtime/Engine/USoundWave
class USoundWave : public USoundBase
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("SoundWave"), UObject::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<USoundWave>(Outer); });
		return &Class;
	}
	USoundWave() = default;
	explicit USoundWave(const FObjectInitializer& ObjectInitializer) {}
	int32 NumChannels = 0;
	ESoundGroup SoundGroup = SOUNDGROUP_Default;
	bool bLooping = false;
	void SetSampleRate(uint32 InSampleRate, bool bFromImport = false) { Rate = InSampleRate; }
	virtual int32 GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded) { return 0; }
	TSharedPtr<FSoundWaveProxy, ESPMode::ThreadSafe> CreateSoundWaveProxy() { return Proxy; }
#if WITH_EDITOR
	// EPIC Runtime/Engine/USoundWave/GetImportedSoundWaveData
	bool GetImportedSoundWaveData(TArray<uint8>& OutRawPCMData, uint32& OutSampleRate, uint16& OutNumChannels) const
	{
		OutRawPCMData = Imported;
		OutSampleRate = Rate;
		OutNumChannels = static_cast<uint16>(NumChannels);
		return Imported.Num() > 0;
	}
#endif
	// shim
	uint32 Rate = 0;
	TArray<uint8> Imported;
	FSoundWaveProxyPtr Proxy;
};

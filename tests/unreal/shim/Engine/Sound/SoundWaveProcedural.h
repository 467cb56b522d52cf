// Sounds that are made while they play.
#pragma once

#include "Sound/SoundWave.h"

// EPIC Runtime/Engine/USoundWaveProcedural
class USoundWaveProcedural : public USoundWave
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("SoundWaveProcedural"), USoundWave::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<USoundWaveProcedural>(Outer); });
		return &Class;
	}
	explicit USoundWaveProcedural(const FObjectInitializer& ObjectInitializer) : USoundWave(ObjectInitializer) {}
	int32 SampleByteSize = 2;
	// EPIC Runtime/Engine/USoundWaveProcedural/OnGeneratePCMAudio
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples) { return 0; }
	virtual int32 GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded) override
	{
		TArray<uint8> Buffer;
		const int32 Made = OnGeneratePCMAudio(Buffer, SamplesNeeded);
		std::memcpy(PCMData, Buffer.GetData(), static_cast<size_t>(Buffer.Num()));
		return Made * SampleByteSize;
	}
};

// Listeners of submixes.
#pragma once

#include "CoreMinimal.h"

class USoundSubmix;

// EPIC Runtime/Engine/ISubmixBufferListener
class ISubmixBufferListener : public TSharedFromThis<ISubmixBufferListener, ESPMode::ThreadSafe>
{
public:
	virtual ~ISubmixBufferListener() = default;
	virtual void OnNewSubmixBuffer(const USoundSubmix* OwningSubmix, float* AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double AudioClock) = 0;
	virtual bool IsRenderingAudio() const { return false; }
	virtual const FString& GetListenerName() const = 0;
};

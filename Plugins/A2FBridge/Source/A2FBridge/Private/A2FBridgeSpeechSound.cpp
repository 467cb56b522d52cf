#include "A2FBridgeSpeechSound.h"

#include "Speech/AudioFeed.h"

UA2FBridgeSpeechSound::UA2FBridgeSpeechSound(const FObjectInitializer& ObjectInitializer) : Super(ObjectInitializer)
{
	Duration = INDEFINITELY_LOOPING_DURATION;
	SoundGroup = ESoundGroup::SOUNDGROUP_Voice;
	VirtualizationMode = EVirtualizationMode::PlayWhenSilent; // the face goes on when nobody hears it
	bLooping = false;
	SampleByteSize = sizeof(int16);
}

UA2FBridgeSpeechSound* UA2FBridgeSpeechSound::Make(UObject* Outer, std::shared_ptr<a2fbridge::AudioFeed> InFeed)
{
	check(IsInGameThread());
	UA2FBridgeSpeechSound* Sound = NewObject<UA2FBridgeSpeechSound>(Outer);
	Sound->SetSampleRate(static_cast<uint32>(InFeed->sampleRate()));
	Sound->NumChannels = InFeed->channels();
	Sound->Feed = MoveTemp(InFeed);
	return Sound;
}

int32 UA2FBridgeSpeechSound::OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples)
{
	OutAudio.SetNumZeroed(NumSamples * static_cast<int32>(sizeof(int16)));
	if (Feed)
	{
		Feed->read(reinterpret_cast<int16*>(OutAudio.GetData()), static_cast<size_t>(NumSamples));
	}
	return NumSamples;
}

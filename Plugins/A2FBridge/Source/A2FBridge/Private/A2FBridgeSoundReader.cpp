#include "A2FBridgeSoundReader.h"

#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "Sound/SoundWave.h"
#include "Sound/SoundWaveProcedural.h"
#include "Sound/SoundWaveProxyReader.h"

#include "A2FBridge/Wav.h"
#include "A2FBridgeText.h"

namespace
{

constexpr uint32 DecodeFrames = 4096;

/** Sound that is in memory as a whole. */
class FMemoryReader final : public IA2FBridgeSoundReader
{
public:
	FMemoryReader(std::vector<float>&& InSamples, int32 InRate, int32 InChannels)
		: Samples(std::move(InSamples)), Rate(InRate), Channels(InChannels)
	{
	}

	virtual bool Read(double Seconds, std::vector<float>& OutInterleaved) override
	{
		const size_t Wanted = static_cast<size_t>(FMath::Max(1.0, Seconds * Rate)) * static_cast<size_t>(Channels);
		const size_t Count = std::min(Wanted, Samples.size() - At);
		OutInterleaved.assign(Samples.begin() + static_cast<ptrdiff_t>(At), Samples.begin() + static_cast<ptrdiff_t>(At + Count));
		At += Count;
		return At < Samples.size();
	}
	virtual int32 GetSampleRate() const override { return Rate; }
	virtual int32 GetNumChannels() const override { return Channels; }
	virtual double GetDuration() const override { return static_cast<double>(Samples.size()) / Channels / Rate; }
	virtual FString GetError() const override { return FString(); }

private:
	std::vector<float> Samples;
	size_t At = 0;
	int32 Rate;
	int32 Channels;
};

/** Sound of an asset, decoded by the engine's own reader, which loads streamed chunks as it goes. */
class FProxyReader final : public IA2FBridgeSoundReader
{
public:
	explicit FProxyReader(TUniquePtr<FSoundWaveProxyReader>&& InReader) : Reader(MoveTemp(InReader))
	{
		Buffer.SetNumZeroed(static_cast<int32>(DecodeFrames) * Reader->GetNumChannels());
		Total = Reader->GetNumFramesInWave();
	}

	virtual bool Read(double Seconds, std::vector<float>& OutInterleaved) override
	{
		OutInterleaved.clear();
		const int32 Channels = Reader->GetNumChannels();
		const int64 Wanted = static_cast<int64>(Seconds * Reader->GetSampleRate());
		int64 Got = 0;
		while (Got < Wanted && Done < Total && Reader->CanProduceMoreAudio())
		{
			const int32 Popped = Reader->PopAudio(Buffer);
			if (Popped <= 0)
			{
				return true; // the next chunk is being loaded
			}
			// The reader fills up with silence after the end.
			const int64 Frames = FMath::Min<int64>(Popped / Channels, Total - Done);
			OutInterleaved.insert(OutInterleaved.end(), Buffer.GetData(), Buffer.GetData() + Frames * Channels);
			Done += Frames;
			Got += Frames;
		}
		return Done < Total && Reader->CanProduceMoreAudio();
	}
	virtual int32 GetSampleRate() const override { return FMath::RoundToInt(Reader->GetSampleRate()); }
	virtual int32 GetNumChannels() const override { return Reader->GetNumChannels(); }
	virtual double GetDuration() const override { return static_cast<double>(Total) / Reader->GetSampleRate(); }
	virtual FString GetError() const override
	{
		return Reader->HasFailed() ? FString(TEXT("the engine's decoder failed")) : FString();
	}

private:
	TUniquePtr<FSoundWaveProxyReader> Reader;
	Audio::FAlignedFloatBuffer Buffer;
	int64 Total = 0;
	int64 Done = 0;
};

} // namespace

TUniquePtr<IA2FBridgeSoundReader> A2FBridge::ReadSoundWave(USoundWave* SoundWave, FString& OutError)
{
	if (SoundWave == nullptr)
	{
		OutError = TEXT("there is no sound");
		return nullptr;
	}
	if (SoundWave->IsA<USoundWaveProcedural>())
	{
		OutError =
			FString::Printf(TEXT("%s makes its sound while it plays; give its samples to Animate Character From Audio Samples"),
				*SoundWave->GetName());
		return nullptr;
	}
#if WITH_EDITOR
	TArray<uint8> Pcm;
	uint32 Rate = 0;
	uint16 Channels = 0;
	if (SoundWave->GetImportedSoundWaveData(Pcm, Rate, Channels) && Pcm.Num() > 0 && Channels > 0)
	{
		const int16* Values = reinterpret_cast<const int16*>(Pcm.GetData());
		const size_t Count = static_cast<size_t>(Pcm.Num()) / sizeof(int16);
		std::vector<float> Samples(Count);
		for (size_t Index = 0; Index < Count; ++Index)
		{
			Samples[Index] = static_cast<float>(Values[Index]) / 32768.0f;
		}
		return MakeUnique<FMemoryReader>(std::move(Samples), static_cast<int32>(Rate), static_cast<int32>(Channels));
	}
#endif
	const FSoundWaveProxyPtr Proxy = SoundWave->CreateSoundWaveProxy();
	if (!Proxy.IsValid())
	{
		OutError = FString::Printf(TEXT("%s has no sound that can be read"), *SoundWave->GetName());
		return nullptr;
	}
	FSoundWaveProxyReader::FSettings Settings;
	Settings.MaxDecodeSizeInFrames = DecodeFrames;
	TUniquePtr<FSoundWaveProxyReader> Reader = FSoundWaveProxyReader::Create(Proxy.ToSharedRef(), Settings);
	if (!Reader.IsValid() || Reader->GetNumChannels() < 1 || Reader->GetNumFramesInWave() < 1)
	{
		OutError = FString::Printf(
			TEXT("the engine cannot decode %s (codec or loading behaviour); 'Force Inline' with Opus is a known case"),
			*SoundWave->GetName());
		return nullptr;
	}
	return MakeUnique<FProxyReader>(MoveTemp(Reader));
}

TUniquePtr<IA2FBridgeSoundReader> A2FBridge::ReadWavFile(const FString& Path, FString& OutError)
{
	const FString File = A2FBridge::Resolve(Path, FPaths::ProjectDir());
	TArray<uint8> Bytes;
	if (!FFileHelper::LoadFileToArray(Bytes, *File))
	{
		OutError = FString::Printf(TEXT("%s cannot be read"), *File);
		return nullptr;
	}
	auto Sound = a2fbridge::readWav({Bytes.GetData(), static_cast<size_t>(Bytes.Num())});
	if (!Sound.ok())
	{
		OutError = File + TEXT(": ") + A2FBridge::TextOf(Sound.error());
		return nullptr;
	}
	if (Sound.value().samples.empty())
	{
		OutError = File + TEXT(" holds no sound");
		return nullptr;
	}
	const int32 Rate = Sound.value().sampleRate;
	const int32 Channels = Sound.value().channels;
	return MakeUnique<FMemoryReader>(std::move(Sound.value().samples), Rate, Channels);
}

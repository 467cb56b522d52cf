#include "A2FBridgeAnimateJob.h"

#include "HAL/PlatformProcess.h"
#include "HAL/PlatformTime.h"
#include "Sound/SoundWave.h"

#include "A2FBridge/FrameSource.h"
#include "A2FBridgeClip.h"
#include "A2FBridgeSoundReader.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"
#include "Speech/OfflineRun.h"

/** What a job works with. */
struct FA2FBridgeJobWork
{
	std::unique_ptr<a2fbridge::OfflineRun> Run;
	TUniquePtr<IA2FBridgeSoundReader> Reader;
	FString Error;
	bool bDone = false;
};

namespace
{
constexpr double PieceSeconds = 2.0;
constexpr float SleepSeconds = 0.002f;

void Begin(TPimplPtr<FA2FBridgeJobWork>& Work, TUniquePtr<IA2FBridgeSoundReader> Reader, FString Error,
	const FA2FBridgeStreamSettings& Settings)
{
	Work = MakePimpl<FA2FBridgeJobWork>();
	UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	std::unique_ptr<a2fbridge::IFrameSource> Source;
	if (Error.IsEmpty() && Subsystem != nullptr)
	{
		Source = Subsystem->OpenSource(Settings, Error);
	}
	if (Source)
	{
		Work->Run = std::make_unique<a2fbridge::OfflineRun>(MoveTemp(Source), Reader->GetDuration());
	}
	Work->Reader = MoveTemp(Reader);
	Work->Error = MoveTemp(Error);
}
} // namespace

UA2FBridgeAnimateJob* UA2FBridgeAnimateJob::AnimateWavFile(const FString& Path, const FA2FBridgeStreamSettings& Settings)
{
	UA2FBridgeAnimateJob* Job = NewObject<UA2FBridgeAnimateJob>();
	FString Error;
	TUniquePtr<IA2FBridgeSoundReader> Reader = A2FBridge::ReadWavFile(Path, Error);
	Begin(Job->Work, MoveTemp(Reader), Error, Settings);
	return Job;
}

UA2FBridgeAnimateJob* UA2FBridgeAnimateJob::AnimateSoundWave(USoundWave* SoundWave, const FA2FBridgeStreamSettings& Settings)
{
	UA2FBridgeAnimateJob* Job = NewObject<UA2FBridgeAnimateJob>();
	FString Error;
	TUniquePtr<IA2FBridgeSoundReader> Reader = A2FBridge::ReadSoundWave(SoundWave, Error);
	Begin(Job->Work, MoveTemp(Reader), Error, Settings);
	return Job;
}

bool UA2FBridgeAnimateJob::Advance(float Seconds)
{
	check(IsInGameThread());
	if (!Work.IsValid() || Work->bDone || !Work->Run)
	{
		return false;
	}
	const double Until = FPlatformTime::Seconds() + FMath::Max(0.0f, Seconds);
	std::vector<float> Piece;
	while (true)
	{
		if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
		{
			Subsystem->Tick(0.0f); // the engine's own tick stands still meanwhile
		}
		while (Work->Reader.IsValid() && Work->Run->wantsSound())
		{
			const bool bMore = Work->Reader->Read(PieceSeconds, Piece);
			Work->Run->addSound(Piece, Work->Reader->GetNumChannels(), Work->Reader->GetSampleRate());
			if (!bMore)
			{
				Work->Error = Work->Reader->GetError();
				Work->Run->endSound();
				Work->Reader.Reset();
			}
			else if (Piece.empty())
			{
				break; // the engine is loading the next piece
			}
		}
		const bool bMoved = Work->Run->step();
		if (Work->Run->done())
		{
			Work->bDone = true;
			if (!Work->Run->error().message.empty())
			{
				Work->Error = A2FBridge::TextOf(Work->Run->error());
			}
			if (Work->Error.IsEmpty())
			{
				Result = UA2FBridgeClip::Make(Work->Run->take());
			}
			Work->Run.reset();
			return false;
		}
		if (FPlatformTime::Seconds() >= Until)
		{
			return true;
		}
		if (!bMoved)
		{
			FPlatformProcess::Sleep(SleepSeconds);
		}
	}
}

void UA2FBridgeAnimateJob::Cancel()
{
	if (Work.IsValid() && !Work->bDone)
	{
		Work->bDone = true;
		Work->Run.reset();
		Work->Error = TEXT("cancelled");
	}
}

float UA2FBridgeAnimateJob::GetProgress() const
{
	if (!Work.IsValid() || Work->bDone)
	{
		return 1.0f;
	}
	return Work->Run ? static_cast<float>(Work->Run->progress()) : 0.0f;
}

FString UA2FBridgeAnimateJob::GetError() const
{
	return Work.IsValid() ? Work->Error : FString();
}

UA2FBridgeClip* UA2FBridgeAnimateJob::GetClip() const
{
	return Result;
}

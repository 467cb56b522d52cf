// The face component: a recorded session yields the right curves at the right times, heard or not.
#include "Voices.h"

#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Sources.h"

using namespace Run;

TEST(ReplayFollowsTheDevice)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartRecording(WriteRamp("ramp.a2frec", 3.0));
	EXPECT(Stage.StepUntil([&] { return Face->IsSoundPlaying(); }, 1.0));
	double Worst = 0.0;
	for (int32 Index = 0; Index < 150; ++Index)
	{
		Stage.Step();
		const double Consumed = static_cast<double>(FStage::Voice(Face)->Heard.size()) / Rate;
		const double Heard = Consumed - Stage.Latency();
		if (Heard > 0.5)
		{
			Worst = std::max(Worst, std::fabs(Face->GetCurve(TEXT("jawOpen")) - 0.3 * Heard));
			EXPECT_NEAR(Face->GetPlaybackTime(), Heard, 0.01);
		}
	}
	// 10 ms of the ramp is 0.003
	EXPECT(Worst < 0.003);
	EXPECT_NEAR(Face->GetCurve(TEXT("eyeBlinkLeft")), 0.25, 1e-3);
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 3.0));
	EXPECT_TEXT(Events.Order(), "Started FirstFrame PlaybackStarted Finished");
	EXPECT(Events.Has("Progress"));
	EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), 0.0, 1e-3);
	EXPECT(Face->GetState() == EA2FBridgeFaceState::Idle);
	EXPECT(FStage::Voice(Face) == nullptr);
}

TEST(TheSoundIsTheRecordings)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	Face->StartRecording(WriteRamp("sound.a2frec", 1.0));
	std::vector<int16> Heard;
	Stage.StepUntil([&] { if (UAudioComponent* Voice = FStage::Voice(Face)) { Heard = Voice->Heard; } return Face->GetState() == EA2FBridgeFaceState::Idle && !Heard.empty(); }, 3.0);
	EXPECT(Heard.size() >= static_cast<size_t>(Rate));
	bool bSame = true;
	for (size_t Index = 0; Index < static_cast<size_t>(Rate) && Index < Heard.size(); ++Index)
	{
		bSame = bSame && Heard[Index] == static_cast<int16>(Index % 20000);
	}
	EXPECT(bSame);
}

TEST(WorksWithoutADevice)
{
	FStage Stage(false);
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartRecording(WriteRamp("ramp.a2frec", 2.0));
	EXPECT(Stage.StepUntil([&] { return Events.Has("PlaybackStarted"); }, 1.0));
	const double Began = Shim::Clock - Face->GetPlaybackTime();
	for (int32 Index = 0; Index < 60; ++Index)
	{
		Stage.Step();
		const double Time = Shim::Clock - Began;
		EXPECT_NEAR(Face->GetPlaybackTime(), Time, 0.005);
		if (Time > 0.2)
		{
			EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), 0.3 * Time, 0.002);
		}
	}
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 3.0));
	EXPECT(!Face->IsSoundPlaying());
}

TEST(OffsetMakesTheFaceEarlier)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	Face->AudioOffset = 0.2f;
	Face->StartRecording(WriteRamp("ramp.a2frec", 3.0));
	Stage.StepUntil([&] { return Face->IsSoundPlaying(); }, 1.0);
	for (int32 Index = 0; Index < 90; ++Index)
	{
		Stage.Step();
	}
	const double Consumed = static_cast<double>(FStage::Voice(Face)->Heard.size()) / Rate;
	EXPECT_NEAR(Face->GetPlaybackTime(), Consumed - Stage.Latency() + 0.2, 0.01);
}

TEST(PausesWithTheUserAndWithTheGame)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	Face->StartRecording(WriteRamp("ramp.a2frec", 4.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	for (const bool bGame : {false, true})
	{
		if (bGame)
		{
			Stage.World->bPaused = true;
		}
		else
		{
			Face->SetPaused(true);
		}
		Stage.Step();
		const float Time = Face->GetPlaybackTime();
		const float Jaw = Face->GetCurve(TEXT("jawOpen"));
		for (int32 Index = 0; Index < 60; ++Index)
		{
			Stage.Step();
		}
		EXPECT(Face->GetState() == EA2FBridgeFaceState::Paused);
		EXPECT_NEAR(Face->GetPlaybackTime(), Time, 1e-3);
		EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), Jaw, 1e-3);
		Stage.World->bPaused = false;
		Face->SetPaused(false);
		for (int32 Index = 0; Index < 30; ++Index)
		{
			Stage.Step();
		}
		const double Heard = static_cast<double>(FStage::Voice(Face)->Heard.size()) / Rate - Stage.Latency();
		EXPECT_NEAR(Face->GetPlaybackTime(), Heard, 0.02);
		EXPECT(Face->GetPlaybackTime() > Time + 0.4f);
	}
}

TEST(FollowsPitchAndTimeDilation)
{
	for (const bool bDevice : {true, false})
	{
		FStage Stage(bDevice);
		UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
		Face->Pitch = 2.0f;
		Stage.World->TimeDilation = 0.25f;
		Face->StartRecording(WriteRamp("ramp.a2frec", 4.0));
		Stage.StepUntil([&] { return Face->GetPlaybackTime() > 0.5f; }, 5.0);
		const float From = Face->GetPlaybackTime();
		for (int32 Index = 0; Index < 60; ++Index)
		{
			Stage.Step();
		}
		EXPECT_NEAR(Face->GetPlaybackTime() - From, 0.5, 0.02);
		Face->bFollowTimeDilation = false;
		for (int32 Index = 0; Index < 30; ++Index)
		{
			Stage.Step();
		}
		EXPECT_NEAR(Face->GetPlaybackTime() - From, 1.5, 0.05);
	}
}

TEST(SeeksInARecording)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	Face->StartRecording(WriteRamp("ramp.a2frec", 3.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 2.0f; }, 4.0);
	bool bSought = false;
	FString Error;
	Face->SeekTo(0.5f, bSought, Error);
	EXPECT(bSought && Error.IsEmpty());
	for (int32 Index = 0; Index < 30; ++Index)
	{
		Stage.Step();
	}
	const float Time = Face->GetPlaybackTime();
	EXPECT(Time > 0.8f && Time < 1.2f);
	EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), 0.3 * Time, 0.005);
}

TEST(SeveralCharactersAtOnce)
{
	FStage Stage;
	UA2FBridgeFaceComponent* First = Stage.SpawnFace(Arkit());
	UA2FBridgeFaceComponent* Second = Stage.SpawnFace(Arkit());
	First->StartRecording(WriteRamp("one.a2frec", 2.0, 0.3));
	Second->StartRecording(WriteRamp("two.a2frec", 2.0, 0.15));
	Stage.StepUntil([&] { return First->GetPlaybackTime() > 1.0f; }, 3.0);
	EXPECT_NEAR(First->GetCurve(TEXT("jawOpen")), 2.0 * Second->GetCurve(TEXT("jawOpen")), 0.01);
}

TEST(LateFramesAreAnUnderrunAndTheFaceRecovers)
{
	/** Holds the frames of another source back while it is told to. */
	struct FStalling final : public a2fbridge::IFrameSource
	{
		FStalling(std::unique_ptr<a2fbridge::IFrameSource> InInner, const bool& bInStall) : Inner(std::move(InInner)), bStall(bInStall) {}
		virtual a2fbridge::Status pushAudio(const a2fbridge::AudioBlock& Block) override { return Inner->pushAudio(Block); }
		virtual a2fbridge::Status pushEmotion(const a2fbridge::EmotionKey& Key) override { return Inner->pushEmotion(Key); }
		virtual a2fbridge::Status endAudio() override { return Inner->endAudio(); }
		virtual void cancel() override { Inner->cancel(); }
		virtual std::size_t poll(a2fbridge::IFrameSink& Sink, std::size_t Most) override { return bStall ? 0 : Inner->poll(Sink, Most); }
		virtual a2fbridge::SourceState state() const override { return Inner->state(); }
		virtual a2fbridge::Error error() const override { return Inner->error(); }
		std::unique_ptr<a2fbridge::IFrameSource> Inner;
		const bool& bStall;
	};
	FStage Stage;
	bool bStall = false;
	Stage.Subsystem->RegisterProvider(TEXT("Stalling"), [&bStall](const FA2FBridgeConnection&, const FA2FBridgeStreamSettings&, FString&) { return std::make_unique<FStalling>(a2fbridge::makeMockSource().value(), bStall); });
	Stage.Subsystem->SetConnection(TEXT("Stalling"), FA2FBridgeConnection());
	FA2FBridgeStreamSettings Settings;
	Settings.Connection = TEXT("Stalling");
	Settings.Options.Pacing = EA2FBridgePacing::RealTime; // frames come as the sound goes
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	int32 Underruns = 0;
	Face->OnUnderrun.ShimAdd([&](UA2FBridgeFaceComponent*) { ++Underruns; });
	Face->StartSamplesWith(Speech(6.0, Rate), 1, Rate, true, Settings);
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 4.0);
	EXPECT(Underruns == 0);
	bStall = true;
	EXPECT(Stage.StepUntil([&] { return Face->GetState() == EA2FBridgeFaceState::Underrun; }, 3.0));
	EXPECT(Underruns == 1 && Face->IsSoundPlaying()); // the sound goes on
	for (int32 Index = 0; Index < 40; ++Index)
	{
		Stage.Step();
	}
	EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), 0.0, 1e-3); // held, then eased to rest
	bStall = false;
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 8.0));
	EXPECT(Events.Has("Recovered") && Underruns == 1);
}

TEST(AStreamTakesTheFaceFromTheOneBefore)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartRecording(WriteRamp("one.a2frec", 3.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 0.5f; }, 3.0);
	const int32 Second = Face->StartRecording(WriteRamp("two.a2frec", 1.0));
	EXPECT(Events.Names.back() == "Cancelled" && Events.Numbers.back() == Second - 1);
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 3.0));
	EXPECT(Events.Numbers.back() == Second);
}

TEST(StopBringsTheFaceToRest)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartRecording(WriteRamp("ramp.a2frec", 3.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	Face->StopSpeaking();
	EXPECT(Events.Has("Cancelled") && !Face->IsSoundPlaying());
	const float Before = Face->GetCurve(TEXT("jawOpen"));
	EXPECT(Before > 0.2f);
	for (int32 Index = 0; Index < 20; ++Index)
	{
		Stage.Step();
	}
	EXPECT_NEAR(Face->GetCurve(TEXT("jawOpen")), 0.0, 1e-3);
}

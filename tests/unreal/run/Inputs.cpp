// What a face is given to say: samples, files, assets, live sound, and what is wrong with them.
#include "Voices.h"

#include "AudioCaptureCore.h"
#include "ISubmixBufferListener.h"
#include "Sound/SoundWave.h"

#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Wav.h"

using namespace Run;

TEST(MockAnimatesSamples)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartSamplesWith(Speech(1.5, 24000), 1, 24000, true, Mock());
	float Widest = 0.0f;
	EXPECT(Stage.StepUntil([&] { Widest = std::max(Widest, Face->GetCurve(TEXT("jawOpen"))); return Events.Has("Finished"); }, 5.0));
	EXPECT(Widest > 0.05f);
	EXPECT_TEXT(Events.Order(), "Started FirstFrame PlaybackStarted Finished");
	EXPECT_NEAR(Events.LastShare, 1.0, 0.01);
}

TEST(SamplesMayComeInPieces)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartSamples(Mock());
	bool bAdded = false;
	FString Error;
	Face->SeekTo(30.0f, bAdded, Error);
	EXPECT(!bAdded);
	EXPECT_TEXT(Text(Error), "are not held");
	const TArray<float> Piece = Speech(0.1, 8000); // slower than servers take: it is brought up
	for (int32 Index = 0; Index < 10; ++Index)
	{
		Face->AddSamples(Piece, 1, 8000, bAdded, Error);
		EXPECT(bAdded && Error.IsEmpty());
		Stage.Step();
		Stage.Step();
	}
	Face->AddSamples(Piece, 2, 8000, bAdded, Error);
	EXPECT(!bAdded);
	EXPECT_TEXT(Text(Error), "format of the sound changed");
	Face->EndSamples();
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 5.0));
}

TEST(WavFilesAndSoundWaves)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	std::vector<int16> Pcm;
	for (const float Value : Speech(0.6, 22050))
	{
		Pcm.insert(Pcm.end(), 2, static_cast<int16>(Value * 32767.0f));
	}
	const auto Bytes = a2fbridge::writeWav(Pcm, 22050, 2);
	const FString File = FString((Shim::ProjectFolder + "/voice.wav").c_str());
	FFileHelper::SaveArrayToFile(TArrayView<const uint8>(Bytes.value().data(), static_cast<int32>(Bytes.value().size())), *File);
	Face->StartWavFile(TEXT("voice.wav"), Mock());
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 4.0));

	for (const bool bEditor : {true, false})
	{
		Events.Names.clear();
		USoundWave* Wave = NewObject<USoundWave>();
		Wave->NumChannels = 2;
		Wave->Rate = 22050;
		if (bEditor)
		{
			Wave->Imported = TArray<uint8>(reinterpret_cast<const uint8*>(Pcm.data()), static_cast<int32>(Pcm.size() * 2));
		}
		else
		{
			auto Proxy = std::make_shared<FSoundWaveProxy>();
			Proxy->Rate = 22050;
			Proxy->Channels = 2;
			for (const int16 Value : Pcm)
			{
				Proxy->Samples.push_back(static_cast<float>(Value) / 32768.0f);
			}
			Wave->Proxy = FSoundWaveProxyPtr(Proxy);
		}
		Face->StartSoundWave(Wave, Mock());
		int32 Channels = 0;
		EXPECT(Stage.StepUntil([&] { if (FStage::Voice(Face)) { Channels = Cast<USoundWave>(FStage::Voice(Face)->Sound.Get())->NumChannels; } return Events.Has("Finished"); }, 4.0));
		EXPECT(Channels == 2); // stereo is heard as stereo
	}
}

TEST(FailuresSayWhatIsWrong)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	FA2FBridgeStreamSettings Settings;
	const auto Failed = [&] { return Stage.StepUntil([&] { return Events.Has("Failed"); }, 2.0); };

	Face->StartWavFile(TEXT("missing.wav"), Mock());
	EXPECT(Failed());
	EXPECT_TEXT(Events.LastText, "missing.wav cannot be read");

	Events.Names.clear();
	Settings.Connection = TEXT("Nowhere");
	Face->StartSamples(Settings);
	EXPECT(Failed());
	EXPECT_TEXT(Events.LastText, "there is no connection 'Nowhere'");

	Events.Names.clear();
	Settings.Connection = TEXT("Default");
	Face->StartSamples(Settings);
	EXPECT(Failed());
	EXPECT_TEXT(Events.LastText, "client library");
	EXPECT_TEXT(Events.LastText, "is missing");

	Events.Names.clear();
	FFileHelper::SaveStringToFile(TEXT("no recording"), *FString((Shim::ProjectFolder + "/bad.a2frec").c_str()));
	Face->StartRecording(TEXT("bad.a2frec"));
	EXPECT(Failed());
	EXPECT_TEXT(Events.LastText, "bad.a2frec");

	Events.Names.clear();
	Face->StartSamplesWith({0.0f, std::nanf("")}, 1, 1000, true, Mock());
	EXPECT(Failed());
	EXPECT_TEXT(Events.LastText, "4000 to 144000 Hz");

	Events.Names.clear();
	Face->StartSamplesWith({}, 1, 16000, true, Mock());
	EXPECT(Stage.StepUntil([&] { return Face->GetStream() == 0; }, 3.0)); // nothing to say is no hang
}

TEST(SoundIsSentAtOnceOrAtItsPace)
{
	/** Counts what it is sent and gives no frames. */
	struct FCounting final : public a2fbridge::IFrameSource
	{
		explicit FCounting(double& InSent) : Sent(InSent) {}
		virtual a2fbridge::Status pushAudio(const a2fbridge::AudioBlock& Block) override
		{
			Sent += static_cast<double>(Block.pcm16.size()) / Block.sampleRate;
			return {};
		}
		virtual a2fbridge::Status pushEmotion(const a2fbridge::EmotionKey&) override { return {}; }
		virtual a2fbridge::Status endAudio() override { return {}; }
		virtual void cancel() override {}
		virtual std::size_t poll(a2fbridge::IFrameSink&, std::size_t) override { return 0; }
		virtual a2fbridge::SourceState state() const override { return a2fbridge::SourceState::Streaming; }
		virtual a2fbridge::Error error() const override { return {}; }
		double& Sent;
	};
	FStage Stage;
	double Sent = 0.0;
	Stage.Subsystem->RegisterProvider(TEXT("Counting"), [&Sent](const FA2FBridgeConnection&, const FA2FBridgeStreamSettings&, FString&) { return std::make_unique<FCounting>(Sent); });
	FA2FBridgeConnection Connection;
	Connection.Lead = 0.5f;
	FA2FBridgeStreamSettings Settings;
	Settings.Connection = TEXT("Counting");
	const auto After = [&](double Seconds, float Pitch = 1.0f, bool bPause = false)
	{
		Stage.Subsystem->SetConnection(TEXT("Counting"), Connection);
		UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
		Face->Pitch = Pitch;
		Sent = 0.0;
		Face->StartSamplesWith(Speech(8.0, Rate), 1, Rate, true, Settings);
		Stage.Step();
		Face->SetPaused(bPause);
		Stage.StepUntil([] { return false; }, Seconds);
		const double Had = Sent;
		Face->StopSpeaking();
		Face->DestroyComponent();
		return Had;
	};
	EXPECT_NEAR(After(0.1), 8.0, 0.01); // burst: two seconds a tick
	Connection.Pacing = EA2FBridgePacing::RealTime;
	EXPECT_NEAR(After(0.1), 0.6, 0.15);
	EXPECT_NEAR(After(2.0), 2.5, 0.15);
	EXPECT_NEAR(After(2.0, 2.0f), 4.5, 0.2);	   // faster playback needs its sound sooner
	EXPECT_NEAR(After(2.0, 1.0f, true), 0.5, 0.15); // and a paused one none
	Settings.Options.Pacing = EA2FBridgePacing::Burst; // the node's word counts
	EXPECT_NEAR(After(0.1), 8.0, 0.01);
	Connection.Pacing = EA2FBridgePacing::Default;
	Settings.Options.Pacing = EA2FBridgePacing::RealTime;
	EXPECT_NEAR(After(2.0), 2.5, 0.15);
}

TEST(LiveMicrophoneAndSubmix)
{
	for (const bool bMicrophone : {true, false})
	{
		FStage Stage;
		UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
		FEvents Events(Face);
		bMicrophone ? Face->StartMicrophone(TEXT("desk"), Mock()) : Face->StartSubmix(nullptr, Mock());
		float Widest = 0.0f;
		TArray<float> Sound = Speech(Tick, 48000);
		for (int32 Index = 0; Index < 120; ++Index)
		{
			for (int32 At = 0; At < Sound.Num(); ++At)
			{
				const double Time = Index * Tick + static_cast<double>(At) / 48000.0;
				Sound[At] = static_cast<float>(0.4 * std::sin(6.2832 * 180.0 * Time) * std::pow(std::sin(6.2832 * 2.0 * Time), 2.0));
			}
			if (bMicrophone && Audio::FAudioCapture::Callback())
			{
				Audio::FAudioCapture::Callback()(Sound.GetData(), Sound.Num(), 1, 48000, 0.0, false);
			}
			for (const auto& Listener : Stage.Device.Listeners)
			{
				Listener->OnNewSubmixBuffer(nullptr, Sound.GetData(), Sound.Num(), 1, 48000, 0.0);
			}
			Stage.Step();
			Widest = std::max(Widest, Face->GetCurve(TEXT("jawOpen")));
		}
		EXPECT(Widest > 0.05f);
		EXPECT(!Face->IsSoundPlaying()); // what is heard is not played again
		Face->EndSamples();
		EXPECT(Stage.Device.Listeners.IsEmpty() && !Audio::FAudioCapture::Callback());
		EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 3.0));
	}
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	Face->StartMicrophone(TEXT("studio"), Mock());
	Stage.Step();
	EXPECT_TEXT(Events.LastText, "no microphone 'studio'; there are: Desk Microphone");
}

TEST(RecordsWhatItPlays)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	FA2FBridgeStreamSettings Settings = Mock();
	Settings.Options.RecordTo = TEXT("take.a2frec");
	Face->StartSamplesWith(Speech(1.0, Rate), 1, Rate, true, Settings);
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 4.0));
	const auto Bytes = a2fbridge::readFile(Shim::ProjectFolder + "/Saved/take.a2frec", 1 << 24);
	EXPECT(Bytes.ok());
	const auto Read = a2fbridge::Recording::read(Bytes.value());
	EXPECT(Read.ok() && Read.value()->complete());
	EXPECT(Read.value()->frameCount() >= 29);
	EXPECT(Read.value()->wholeAudio().size() == static_cast<size_t>(Rate));
	Events.Names.clear();
	Face->StartRecording(TEXT("take.a2frec"));
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 4.0));
}

TEST(AListenerMayBeginTheNextStream)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Arkit());
	FEvents Events(Face);
	WriteRamp("ramp.a2frec", 0.5);
	bool bAgain = true;
	Face->OnFailed.ShimAdd([&](UA2FBridgeFaceComponent*, const FString&) { bAgain = false; Face->StartRecording(TEXT("ramp.a2frec")); });
	const int32 First = Face->StartWavFile(TEXT("none.wav"), Mock());
	EXPECT(Stage.StepUntil([&] { return Events.Has("Finished"); }, 3.0));
	EXPECT(!bAgain && Events.Names.front() == "Failed" && Events.Numbers.front() == First);
	EXPECT(Events.Names.back() == "Finished" && Events.Numbers.back() == First + 1);
}

// The plugin, the real client library and a real server: needs A2FBRIDGE_TEST_TARGET and A2FBRIDGE_TEST_WAV.
#include "Stage.h"

#include "A2FBridgeAnimateJob.h"
#include "A2FBridgeClip.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeSetupChecker.h"

using namespace Run;

namespace
{
/** A stage on the real clock with the client library loaded and a connection to the test's server. */
class FServerStage : public FStage
{
public:
	FServerStage()
	{
		Shim::Clock = -1.0;
		Shim::UserFolder = Text(Environment("A2FBRIDGE_TEST_USER"));
		Shim::CommandLine = TEXT("-A2FBridgeClient=") + Environment("A2FBRIDGE_TEST_LIBRARY");
		FA2FBridgeConnection Connection;
		Connection.Target = Environment("A2FBRIDGE_TEST_TARGET");
		UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
		Settings.Connection = TEXT("Server");
	}
	FA2FBridgeStreamSettings Settings;
};

std::string Run_(UA2FBridgeAnimateJob* Job)
{
	while (Job->Advance(0.05f))
	{
	}
	return Text(Job->GetError());
}
} // namespace

TEST(RemoteSpeaks)
{
	FServerStage Stage;
	FString Error;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(UA2FBridgeMappingTable::LoadShippedTable(TEXT("mh4"), Error));
	FEvents Events(Face);
	UA2FBridgeLibrary::PreWarm(TEXT("Server"));
	EXPECT(Stage.StepUntil([&] { return UA2FBridgeLibrary::GetConnectionStatus(TEXT("Server")).State == EA2FBridgeConnectionState::Ready; }, 20.0));
	Stage.Settings.Options.RecordTo = TEXT("live.a2frec");
	Face->StartWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings);
	float Widest = 0.0f;
	bool bHeard = false;
	EXPECT(Stage.StepUntil([&] { Widest = std::max(Widest, Face->GetCurve(TEXT("CTRL_expressions_jawOpen"))); bHeard = bHeard || Face->IsSoundPlaying(); return Face->GetStream() == 0; }, 60.0));
	EXPECT_TEXT(Events.Order(), "Started FirstFrame PlaybackStarted");
	EXPECT(Events.Names.back() == "Finished");
	EXPECT_TEXT(Events.LastText, "");
	EXPECT(Widest > 0.1f && bHeard);
}

TEST(RemoteJobMakesTheClipThatPythonMakes)
{
	FServerStage Stage;
	Stage.Settings.Emotion.Overrides.Set(EA2FBridgeEmotionName::Joy, 0.8f);
	Stage.Settings.FaceParameters.bOverrideLowerFaceStrength = true;
	Stage.Settings.FaceParameters.LowerFaceStrength = 0.7f;
	UA2FBridgeAnimateJob* Job = UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings);
	EXPECT_TEXT(Run_(Job) + ".", ".");
	EXPECT(Job->GetClip() != nullptr);
	bool bSaved = false;
	FString Error;
	if (Job->GetClip())
	{
		Job->GetClip()->SaveRecording(TEXT("job.a2frec"), bSaved, Error);
	}
	EXPECT(bSaved && Error.IsEmpty());
}

TEST(SeveralServersAtOnce)
{
	FServerStage Stage;
	GetMutableDefault<UA2FBridgeSettings>()->LocalEnvironment = Environment("A2FBRIDGE_TEST_ENVIRONMENT");
	FA2FBridgeStreamSettings Local = Stage.Settings;
	Local.Connection = TEXT("Local");
	FA2FBridgeStreamSettings Mock = Stage.Settings;
	Mock.Connection = TEXT("Mock");
	std::vector<UA2FBridgeAnimateJob*> Jobs;
	for (const FA2FBridgeStreamSettings& Settings : {Stage.Settings, Local, Mock})
	{
		Jobs.push_back(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Settings));
	}
	for (bool bMore = true; bMore;)
	{
		bMore = false;
		for (UA2FBridgeAnimateJob* Job : Jobs)
		{
			bMore = Job->Advance(0.02f) || bMore;
		}
	}
	for (UA2FBridgeAnimateJob* Job : Jobs)
	{
		EXPECT_TEXT(Text(Job->GetError()) + ".", ".");
		EXPECT(Job->GetClip() != nullptr && Job->GetClip()->GetNumFrames() > 30);
	}
	EXPECT(Jobs[0]->GetClip()->GetValues(TEXT("JawOpen")) == Jobs[1]->GetClip()->GetValues(TEXT("JawOpen")));
	UA2FBridgeLibrary::StopLocalServer();
}

TEST(RemoteFailuresHaveWords)
{
	FServerStage Stage;
	UA2FBridgeLibrary::SetConnectionToken(TEXT("Server"), TEXT("wrong-word"));
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "token");
	UA2FBridgeLibrary::ResetConnection(TEXT("Server"));
	FA2FBridgeConnection Connection;
	Connection.Target = TEXT("127.0.0.1:9"); // discard: nobody there
	Connection.ConnectTimeout = 2.0f;
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "127.0.0.1:9");
	Connection.Target = Environment("A2FBRIDGE_TEST_TARGET");
	Connection.Pack = TEXT("no_such_pack");
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "no_such_pack");
	Connection.Pack.Reset();
	Connection.Metadata.Add(TEXT("A2FBridge-Pack"), TEXT("by_metadata")); // reaches the server as it is
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "by_metadata");
	Connection.Metadata.Reset();
	Connection.NvcfFunctionId = TEXT("two\nlines"); // goes the same way, under its name on the wire
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "function-id");
	Connection.NvcfFunctionId.Reset();
	Connection.bUseTls = true;
	Connection.RootCertificateFile = TEXT("missing.pem");
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Connection);
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "missing.pem cannot be read");
}

TEST(LocalServerStartsSpeaksAndStops)
{
	FServerStage Stage;
	GetMutableDefault<UA2FBridgeSettings>()->LocalEnvironment = Environment("A2FBRIDGE_TEST_ENVIRONMENT");
	Stage.Settings.Connection = TEXT("Local");
	UA2FBridgeAnimateJob* Job = UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings);
	EXPECT(UA2FBridgeLibrary::GetConnectionStatus(TEXT("Local")).State == EA2FBridgeConnectionState::Starting);
	EXPECT_TEXT(Run_(Job) + ".", ".");
	EXPECT(Job->GetClip() != nullptr && Job->GetClip()->GetNumFrames() > 30);
	bool bSaved = false;
	FString Error;
	Job->GetClip()->SaveRecording(TEXT("local.a2frec"), bSaved, Error);
	EXPECT(bSaved);
	const std::string Target = Text(UA2FBridgeLibrary::GetConnectionStatus(TEXT("Local")).Target);
	EXPECT_TEXT(Target, "127.0.0.1:");
	EXPECT(!UA2FBridgeLibrary::GetLocalServerLog().IsEmpty());
	UA2FBridgeLibrary::StopLocalServer();
	FA2FBridgeConnection Gone;
	Gone.Target = FString(Target.c_str());
	Gone.ConnectTimeout = 2.0f;
	UA2FBridgeLibrary::SetConnection(TEXT("Server"), Gone);
	Stage.Settings.Connection = TEXT("Server");
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), Target);

	GetMutableDefault<UA2FBridgeSettings>()->LocalEnvironment = TEXT("/nowhere");
	Stage.Settings.Connection = TEXT("Local");
	EXPECT_TEXT(Run_(UA2FBridgeAnimateJob::AnimateWavFile(Environment("A2FBRIDGE_TEST_WAV"), Stage.Settings)), "no Python environment in /nowhere");
}

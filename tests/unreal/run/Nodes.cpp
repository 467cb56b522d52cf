// What Blueprint, the console and the settings reach: latent nodes, clips, connections, tokens, modules.
#include "Faces.h"

#include "HAL/IConsoleManager.h"
#include "Logging/MessageLog.h"
#include "Misc/OutputDevice.h"

#include "A2FBridgeAnimateAction.h"
#include "A2FBridgeAnimateJob.h"
#include "A2FBridgeClip.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeSetupChecker.h"
#include "A2FBridgeTokens.h"
#include "MessageLogModule.h"
#include "PropertyEditorModule.h"
#include "ToolMenus.h"

using namespace Run;

TEST(LatentNodeFiresItsPins)
{
	FStage Stage;
	AActor* Actor = Stage.Spawn("Speaker"); // no face component: the node makes one
	std::string Pins;
	const auto Watch = [&](UA2FBridgeAnimateAction* Action)
	{
		const auto Note = [&Pins](const char* Name) { return [&Pins, Name](UA2FBridgeFaceComponent*, float, const FString& Error) { Pins += std::string(Name) + (Error.IsEmpty() ? "" : "(" + Text(Error) + ")") + " "; }; };
		Action->Started.ShimAdd(Note("Started"));
		Action->FirstFrame.ShimAdd(Note("FirstFrame"));
		Action->Finished.ShimAdd(Note("Finished"));
		Action->Cancelled.ShimAdd(Note("Cancelled"));
		Action->Failed.ShimAdd(Note("Failed"));
		Action->Activate();
		return Action;
	};
	WriteRamp("ramp.a2frec", 1.0);
	UA2FBridgeAnimateAction* Action = Watch(UA2FBridgeAnimateAction::PlayRecordedSession(Stage.World, Actor, TEXT("ramp.a2frec")));
	EXPECT(Stage.StepUntil([&] { return Action->bReadyToDestroy; }, 3.0));
	EXPECT_TEXT(Pins, "Started FirstFrame Finished ");
	EXPECT(Action->bRegistered && Actor->FindComponentByClass<UA2FBridgeFaceComponent>() != nullptr);

	Pins.clear();
	Action = Watch(UA2FBridgeAnimateAction::PlayRecordedSession(Stage.World, Actor, TEXT("ramp.a2frec")));
	Stage.Step();
	EXPECT(UA2FBridgeLibrary::StopCharacter(Actor));
	EXPECT(Action->bReadyToDestroy && Pins.find("Cancelled ") != std::string::npos);

	Pins.clear();
	Action = Watch(UA2FBridgeAnimateAction::AnimateCharacterFromWavFile(Stage.World, Actor, TEXT("none.wav"), {}, {}, TEXT("Mock"), {}));
	EXPECT(Stage.StepUntil([&] { return Action->bReadyToDestroy; }, 1.0));
	EXPECT_TEXT(Pins, "Failed(");
	EXPECT_TEXT(Pins, "none.wav cannot be read");

	Pins.clear();
	Action = Watch(UA2FBridgeAnimateAction::PlayRecordedSession(Stage.World, nullptr, TEXT("ramp.a2frec")));
	EXPECT_TEXT(Pins, "Failed(there is no character");
}

TEST(JobsMakeClips)
{
	FStage Stage;
	FA2FBridgeStreamSettings Settings;
	Settings.Connection = TEXT("Mock");
	Shim::Clock = -1.0;
	FString Error;
	UA2FBridgeClip* Ramp = UA2FBridgeClip::LoadRecording(WriteRamp("ramp.a2frec", 2.0), Error);
	EXPECT(Ramp != nullptr && Error.IsEmpty() && Ramp->GetNumFrames() == 60);
	EXPECT_NEAR(Ramp->GetValues(TEXT("JawOpen"))[30], 0.3, 1e-6);
	bool bSaved = false;
	Ramp->SaveSound(TEXT("clip.wav"), bSaved, Error);
	EXPECT(bSaved && Error.IsEmpty());
	UA2FBridgeAnimateJob* Job = UA2FBridgeAnimateJob::AnimateWavFile(TEXT("clip.wav"), Settings);
	while (Job->Advance(0.05f))
	{
	}
	EXPECT_TEXT(Text(Job->GetError()), "");
	EXPECT(Job->GetClip() != nullptr && Job->GetClip()->GetNumFrames() >= 59);
	EXPECT_NEAR(Job->GetClip()->GetDuration(), 2.0, 1e-3);
	UA2FBridgeClip* Mapped = Ramp->Mapped(Shipped(TEXT("mh4")), Error);
	EXPECT(Mapped != nullptr && Mapped->GetConvention() == TEXT("target"));
	EXPECT_NEAR(Mapped->GetValues(TEXT("CTRL_expressions_jawOpen"))[30], 0.3, 1e-5);
	EXPECT(Mapped->Mapped(Shipped(TEXT("mh4")), Error) == nullptr && !Error.IsEmpty());
	UA2FBridgeClip* Finer = Ramp->Resampled(FIntPoint(60, 1), Error);
	EXPECT(Finer->GetNumFrames() == 119);
	EXPECT_NEAR(Finer->GetValues(TEXT("JawOpen"))[31], 0.3 * 31.0 / 60.0, 1e-5);
	Finer->SaveRecording(TEXT("finer.a2frec"), bSaved, Error);
	EXPECT(bSaved && Error.IsEmpty());
	Finer->SaveRecording(TEXT("/dev/null/finer.a2frec"), bSaved, Error);
	EXPECT(!bSaved);
	EXPECT_TEXT(Text(Error), "/dev/null/finer.a2frec cannot be written");
	UA2FBridgeClip::MakeClip({TEXT("a")}, {1.0f}, FIntPoint(30, 1), TEXT("a2f"), Error)->SaveSound(TEXT("no.wav"), bSaved, Error);
	EXPECT(!bSaved);
	EXPECT_TEXT(Text(Error), "the clip has no sound");
	EXPECT(UA2FBridgeClip::LoadRecording(TEXT("finer.a2frec"), Error)->GetNumFrames() == 119);
	EXPECT(UA2FBridgeClip::MakeClip({TEXT("a"), TEXT("b")}, {1.0f, 2.0f, 3.0f}, FIntPoint(30, 1), TEXT("a2f"), Error) == nullptr);
	EXPECT_TEXT(Text(Error), "3 values are no whole number of frames of 2 names");
	Job = UA2FBridgeAnimateJob::AnimateWavFile(TEXT("missing.wav"), Settings);
	EXPECT(!Job->Advance(0.05f));
	EXPECT_TEXT(Text(Job->GetError()), "missing.wav cannot be read");
}

TEST(ConnectionsAndTokens)
{
	FStage Stage;
	FA2FBridgeConnection Connection;
	Connection.Provider = EA2FBridgeProvider::Mock;
	UA2FBridgeLibrary::SetConnection(TEXT("Mine"), Connection);
	EXPECT(UA2FBridgeLibrary::GetConnectionNames().Contains(FName(TEXT("mine"))));
	EXPECT(UA2FBridgeLibrary::GetConnectionStatus(TEXT("Mine")).State == EA2FBridgeConnectionState::Ready);
	EXPECT(UA2FBridgeLibrary::GetConnectionStatus(TEXT("Default")).State == EA2FBridgeConnectionState::Unavailable);
	UA2FBridgeLibrary::SetConnectionToken(TEXT("Default"), TEXT("secret-word"));
	UA2FBridgeLibrary::PreWarm(TEXT("Default"));
	for (const Shim::FLogLine& Line : Shim::LogLines())
	{
		EXPECT(Line.Text.find("secret-word") == std::string::npos);
	}
	FA2FBridgeFaceParameters Parameters;
	TArray<FString> Unknown;
	Parameters = UA2FBridgeLibrary::MakeFaceParametersFromMap({{TEXT("skinStrength"), 5.0f}, {TEXT("newThing"), 1.0f}}, Unknown);
	EXPECT(Parameters.bOverrideSkinStrength && Parameters.SkinStrength == 2.0f && Unknown.Num() == 1);
	EXPECT(Parameters.ToWire().Num() == 2);
	EXPECT(UA2FBridgeLibrary::GetDefaultFaceParameters().Num() == 13);
	EXPECT(UA2FBridgeLibrary::GetDefaultBlendShapeMap().Num() == 68);
}

TEST(TokensComeFromUsersFilesAndEnvironment)
{
	FStage Stage;
	Shim::UserFolder = Shim::ProjectFolder + "/user";
	const FString Saved = A2FBridge::GetSavedTokenFile();
	EXPECT_TEXT(Text(Saved), "/Saved/Config/A2FBridgeTokens.ini");
	EXPECT(A2FBridge::FindSavedToken(TEXT("Default")).IsEmpty());
	FFileHelper::SaveStringToFile(TEXT("; mine\nDefault = abc=def \nno line of ours\n"), *A2FBridge::GetUserTokenFile());
	EXPECT(A2FBridge::FindSavedToken(TEXT("default")) == TEXT("abc=def")); // a packaged game: no editor, no preferences
	EXPECT(A2FBridge::FindSavedToken(TEXT("Other")).IsEmpty());

	// Editor Preferences: what is typed there goes to the file under Saved, and nowhere else.
	UA2FBridgeUserSettings* User = NewObject<UA2FBridgeUserSettings>();
	User->Tokens.Add(TEXT("Default"), TEXT("typed"));
	FPropertyChangedEvent Event;
	User->PostEditChangeProperty(Event);
	EXPECT(A2FBridge::FindSavedToken(TEXT("Default")) == TEXT("typed"));
	EXPECT(*NewObject<UA2FBridgeUserSettings>()->Tokens.Find(TEXT("Default")) == TEXT("typed"));
	User->Tokens.Reset();
	User->PostEditChangeProperty(Event);
	EXPECT(!FPaths::FileExists(Saved));
	EXPECT(A2FBridge::FindSavedToken(TEXT("Default")) == TEXT("abc=def"));

	// A project's ini is not asked.
	FFileHelper::SaveStringToFile(TEXT("Default=leaked\n"), *FPaths::Combine(FPaths::ProjectDir(), TEXT("Config/A2FBridgeTokens.ini")));
	IFileManager::Get().Delete(*A2FBridge::GetUserTokenFile());
	EXPECT(A2FBridge::FindSavedToken(TEXT("Default")).IsEmpty());
}

TEST(ConsoleCommands)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("arkit")));
	const auto Say = [&](const TCHAR* Command, const TArray<FString>& Arguments = {})
	{
		FOutputDevice Out;
		Shim::ConsoleCommands().Find(Command)->Execute(Arguments, Stage.World, Out);
		return Text(Out.Text);
	};
	WriteRamp("ramp.a2frec", 2.0);
	EXPECT_TEXT(Say(TEXT("A2FBridge.Play"), {TEXT("ramp.a2frec")}), "plays ramp.a2frec");
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 0.5f; }, 2.0);
	EXPECT_TEXT(Say(TEXT("A2FBridge.Status")), "Face: EA2FBridgeFaceState::Playing at 0.5");
	EXPECT_TEXT(Say(TEXT("A2FBridge.Status")), "connection Mock: EA2FBridgeConnectionState::Ready");
	EXPECT_TEXT(Say(TEXT("A2FBridge.Dump")), "written:");
	EXPECT_TEXT(Say(TEXT("A2FBridge.Check")), "fine: component");
	Say(TEXT("A2FBridge.Record"));
	Stage.Step();
	Say(TEXT("A2FBridge.StopRecording"));
	Say(TEXT("A2FBridge.Stop"));
	EXPECT(Face->GetStream() == 0);
}

TEST(ModulesStartAndStop)
{
	FStage Stage;
	std::string Names;
	for (const Shim::FModule* Module : Shim::FModule::All())
	{
		Names += std::string(Module->Name) + " ";
		IModuleInterface* Made = Module->Make();
		Made->StartupModule();
		if (std::string(Module->Name) == "A2FBridgeEditor")
		{
			auto& Layouts = FModuleManager::GetModulePtr<FPropertyEditorModule>("PropertyEditor")->Layouts;
			EXPECT(Layouts.Contains(TEXT("A2FBridgeMappingTable")) && Layouts.Contains(TEXT("A2FBridgeSettings")));
			EXPECT(FModuleManager::GetModulePtr<FMessageLogModule>("MessageLog")->Listings.Contains(TEXT("A2FBridge")));
			FToolMenuSection& Section = UToolMenus::Get()->ExtendMenu("LevelEditor.MainMenu.Tools")->FindOrAddSection("A2FBridge", FText());
			Shim::Messages().clear();
			Section.Entries.Find(TEXT("A2FBridgeCheck"))->Execute.Execute();
			EXPECT(!Shim::Messages().empty());
			Made->ShutdownModule();
			EXPECT(Layouts.IsEmpty() && FModuleManager::GetModulePtr<FMessageLogModule>("MessageLog")->Listings.IsEmpty());
		}
	}
	EXPECT_TEXT(Names, "A2FBridge ");
	EXPECT_TEXT(Names, "A2FBridgeGraph ");
	EXPECT_TEXT(Names, "A2FBridgeEditor ");
}

// The editor's C++ that its Python calls: file dialogs, the Live Link preset, the local environment.
#include "Stage.h"

#include "AssetRegistry/AssetRegistryModule.h"
#include "DesktopPlatformModule.h"
#include "EditorDirectories.h"
#include "Features/IModularFeatures.h"
#include "Framework/Application/SlateApplication.h"
#include "ILiveLinkClient.h"
#include "LiveLinkPreset.h"
#include "UObject/Package.h"

#include "A2FBridgeEditorLibrary.h"
#include "A2FBridgeEditorSubsystem.h"
#include "A2FBridgeLiveLinkSource.h"
#include "LiveLinkClient.h"

using namespace Run;

TEST(FileDialogsRememberTheirFolder)
{
	IDesktopPlatform& Platform = *FDesktopPlatformModule::Get();
	FEditorDirectories::Get().Folder = TEXT("/before");
	Platform.Answer = {TEXT("/voice/one.wav"), TEXT("/voice/two.wav")};
	const TArray<FString> Files = UA2FBridgeEditorLibrary::ChooseFiles(TEXT("Speech"), TEXT("Sounds (*.wav)|*.wav"));
	EXPECT(Files.Num() == 2 && Files[1] == TEXT("/voice/two.wav"));
	EXPECT_TEXT(Text(Platform.Asked), "Speech|/before|Sounds (*.wav)|*.wav");
	EXPECT_TEXT(Text(FEditorDirectories::Get().Folder), "/voice");
	Platform.Answer = {TEXT("/lines")};
	EXPECT_TEXT(Text(UA2FBridgeEditorLibrary::ChooseFolder(TEXT("Folder"))), "/lines");
	EXPECT_TEXT(Text(Platform.Asked), "Folder|/voice");
	EXPECT_TEXT(Text(FEditorDirectories::Get().Folder), "/lines");
	Platform.Answer = {}; // the user gave up
	EXPECT(UA2FBridgeEditorLibrary::ChooseFiles(TEXT("Speech"), FString()).IsEmpty());
	EXPECT(UA2FBridgeEditorLibrary::ChooseFolder(TEXT("Folder")).IsEmpty());
	EXPECT_TEXT(Text(FEditorDirectories::Get().Folder), "/lines");
	Platform.Answer = {TEXT("/voice/one.wav")};
	FSlateApplication::Get().bWindows = false; // a commandlet
	EXPECT(UA2FBridgeEditorLibrary::ChooseFiles(TEXT("Speech"), FString()).IsEmpty());
	EXPECT(UA2FBridgeEditorLibrary::ChooseFolder(TEXT("Folder")).IsEmpty());
	FSlateApplication::Get().bWindows = true;
}

TEST(APresetMakesTheSourceAgain)
{
	FStage Stage;
	FString Error;
	EXPECT(UA2FBridgeEditorLibrary::MakeLiveLinkPreset(TEXT("/Game/Faces"), Error) == nullptr);
	EXPECT_TEXT(Text(Error), "Live Link plugin is not enabled");
	FLiveLinkClient Client;
	EXPECT(UA2FBridgeEditorLibrary::MakeLiveLinkPreset(TEXT("Faces"), Error) == nullptr);
	EXPECT_TEXT(Text(Error), "'Faces' is no asset path");
	const int32 Before = FAssetRegistryModule::Created().Num();
	ULiveLinkPreset* Preset = Cast<ULiveLinkPreset>(UA2FBridgeEditorLibrary::MakeLiveLinkPreset(TEXT("/Game/Sample/Faces"), Error));
	EXPECT(Preset != nullptr && Error.IsEmpty());
	EXPECT_TEXT(Text(Preset->GetName()), "Faces");
	EXPECT_TEXT(Text(Preset->GetOuter()->GetName()), "/Game/Sample/Faces");
	EXPECT(Preset->GetSourcePresets().Num() == 1);
	EXPECT(Preset->GetSourcePresets()[0].Settings->Factory == UA2FBridgeLiveLinkSourceFactory::StaticClass());
	EXPECT(FAssetRegistryModule::Created().Num() == Before + 1);
	// Again: the same asset, not a second one.
	EXPECT(UA2FBridgeEditorLibrary::MakeLiveLinkPreset(TEXT("/Game/Sample/Faces"), Error) == Preset);
	EXPECT(Preset->GetSourcePresets().Num() == 1 && FAssetRegistryModule::Created().Num() == Before + 1);
}

TEST(TheFactoryMakesOneSourceForAll)
{
	FStage Stage;
	FLiveLinkClient Client;
	const UA2FBridgeLiveLinkSourceFactory* Factory = NewObject<UA2FBridgeLiveLinkSourceFactory>();
	EXPECT(Factory->GetMenuType() == ULiveLinkSourceFactory::EMenuType::MenuEntry);
	TSharedPtr<ILiveLinkSource> Source = Factory->CreateSource(FString());
	Client.AddSource(Source);
	EXPECT(Source->IsSourceStillValid());
	EXPECT(Factory->CreateSource(FString()).Get() == Source.Get());
	EXPECT(FA2FBridgeLiveLinkSource::FindOrAdd().Get() == Source.Get());
	EXPECT(Source->RequestSourceShutdown() && !Source->IsSourceStillValid());
	EXPECT(Factory->CreateSource(FString()).Get() != Source.Get());
}

TEST(TheButtonMakesTheEnvironment)
{
	FStage Stage;
	Shim::Clock = -1.0; // real processes
	const FString Python = FString((Shim::ProjectFolder + "/python").c_str());
	const TCHAR* Script = TEXT("#!/bin/sh\nif [ \"$2\" = venv ]; then mkdir -p \"$3/bin\" && cp \"$0\" \"$3/bin/python3\" && echo made; ")
						  TEXT("elif [ \"$6\" = refused ]; then echo no such package; exit 3; else echo \"installed $6\"; fi\n");
	FFileHelper::SaveStringToFile(Script, *Python);
	std::filesystem::permissions(Shim::Narrow(*Python), std::filesystem::perms::owner_all);
	UA2FBridgeSettings* Settings = GetMutableDefault<UA2FBridgeSettings>();
	UA2FBridgeUserSettings* User = GetMutableDefault<UA2FBridgeUserSettings>();
	UA2FBridgeEditorSubsystem* Editor = GEditor->GetEditorSubsystem<UA2FBridgeEditorSubsystem>();
	const auto Log = [&] { return Text(FString::Join(Editor->GetLocalEnvironmentLog(), TEXT("|"))); };
	const auto Make = [&](EA2FBridgeEnvironmentState Wanted)
	{
		bool bStarted = false;
		FString Error;
		Editor->CreateLocalEnvironment(bStarted, Error);
		EXPECT(bStarted && Error.IsEmpty());
		Editor->CreateLocalEnvironment(bStarted, Error);
		EXPECT(!bStarted);
		EXPECT_TEXT(Text(Error), "being made already");
		EXPECT(Stage.StepUntil([&] { return Editor->GetLocalEnvironmentState() == Wanted; }, 20.0));
	};
	EXPECT(Editor->GetLocalEnvironmentState() == EA2FBridgeEnvironmentState::Missing);
	User->Python = Python;
	Settings->LocalPackage = TEXT("refused");
	Make(EA2FBridgeEnvironmentState::Failed);
	EXPECT_TEXT(Log(), "no such package|ended with status 3");
	Settings->LocalPackage = TEXT("a2fbridge[studio]");
	Make(EA2FBridgeEnvironmentState::Ready);
	EXPECT_TEXT(Log(), "made|");
	EXPECT_TEXT(Log(), "|installed a2fbridge");
	User->Python.Reset();
}

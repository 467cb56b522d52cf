// A2FBridge.Face: a face speaks through the Mock connection, records, and plays what it recorded.
#include "Misc/AutomationTest.h"

#if WITH_AUTOMATION_TESTS

#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "HAL/PlatformProcess.h"
#include "Misc/Paths.h"

#include "A2FBridgeAnimateJob.h"
#include "A2FBridgeClip.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSetupChecker.h"

BEGIN_DEFINE_SPEC(FA2FBridgeFaceSpec, "A2FBridge.Face",
	EAutomationTestFlags::EditorContext | EAutomationTestFlags::ClientContext | EAutomationTestFlags::EngineFilter)
/** A hum that opens and closes twice a second, in the project's Saved folder. */
FString WriteVoice(float Seconds);
END_DEFINE_SPEC(FA2FBridgeFaceSpec)

FString FA2FBridgeFaceSpec::WriteVoice(float Seconds)
{
	TArray<FName> Names = {TEXT("JawOpen")};
	TArray<float> Values;
	for (int32 Frame = 0; Frame < static_cast<int32>(Seconds * 30.0f); ++Frame)
	{
		Values.Add(0.01f * static_cast<float>(Frame));
	}
	FString Error;
	UA2FBridgeClip* Clip = UA2FBridgeClip::MakeClip(Names, Values, FIntPoint(30, 1), TEXT("a2f"), Error);
	const FString File = FPaths::Combine(FPaths::ProjectSavedDir(), TEXT("A2FBridge/Spec.a2frec"));
	bool bSaved = false;
	if (Clip != nullptr)
	{
		Clip->SaveRecording(File, bSaved, Error);
	}
	TestTrue(TEXT("the recording is written"), bSaved);
	return File;
}

void FA2FBridgeFaceSpec::Define()
{
	Describe("Tables",
		[this]()
		{
			It("ship with the plugin",
				[this]()
				{
					TestTrue(
						TEXT("mh4 is among them"), UA2FBridgeMappingTable::GetShippedTables().Contains(FString(TEXT("mh4"))));
					FString Error;
					const UA2FBridgeMappingTable* Table = UA2FBridgeMappingTable::LoadShippedTable(TEXT("mh4"), Error);
					TestEqual(TEXT("no error"), Error, FString());
					TestTrue(TEXT("it drives the jaw"),
						Table != nullptr && Table->GetTargets().Contains(FName(TEXT("CTRL_expressions_jawOpen"))));
				});

			It("name what is wrong",
				[this]()
				{
					FString Error;
					TestNull(TEXT("no such table"), UA2FBridgeMappingTable::LoadShippedTable(TEXT("nobody"), Error));
					TestTrue(TEXT("the error lists the tables"), Error.Contains(TEXT("mh4")));
				});
		});

	Describe("Clips",
		[this]()
		{
			It("are mapped and resampled",
				[this]()
				{
					FString Error;
					UA2FBridgeClip* Clip = UA2FBridgeClip::LoadRecording(WriteVoice(1.0f), Error);
					TestTrue(TEXT("thirty frames"), Clip != nullptr && Clip->GetNumFrames() == 30);
					UA2FBridgeClip* Curves = Clip->Mapped(UA2FBridgeMappingTable::LoadShippedTable(TEXT("mh4"), Error), Error);
					TestEqual(TEXT("no error"), Error, FString());
					TestNearlyEqual(
						TEXT("the jaw at frame ten"), Curves->GetValues(TEXT("CTRL_expressions_jawOpen"))[10], 0.1f, 1e-4f);
					TestEqual(TEXT("twice the rate"), Clip->Resampled(FIntPoint(60, 1), Error)->GetNumFrames(), 59);
				});
		});

	Describe("Connections",
		[this]()
		{
			It("have a mock that is always ready",
				[this]() {
					TestTrue(TEXT("Mock"),
						UA2FBridgeLibrary::GetConnectionStatus(TEXT("Mock")).State == EA2FBridgeConnectionState::Ready);
				});

			It("say what is missing",
				[this]()
				{
					TestTrue(TEXT("an unknown name"),
						UA2FBridgeLibrary::GetConnectionStatus(TEXT("Nobody")).Text.Contains(TEXT("no connection 'Nobody'")));
				});
		});

	Describe("The setup checker",
		[this]()
		{
			It("looks at library, server and audio without an actor",
				[this]() {
					TestTrue(TEXT("three findings or more"),
						UA2FBridgeSetupChecker::CheckSetup(nullptr, nullptr, TEXT("Mock")).Num() >= 3);
				});
		});
}

#endif // WITH_AUTOMATION_TESTS

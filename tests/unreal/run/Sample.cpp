// The sample project's character, as its Blueprints use it.
#include "Stage.h"

#include "Components/SkeletalMeshComponent.h"

#include "A2FBridgeTalkingHead.h"

using namespace Run;

namespace
{
AA2FBridgeTalkingHead* SpawnHead(FStage& Stage)
{
	AA2FBridgeTalkingHead* Head = NewObject<AA2FBridgeTalkingHead>();
	Head->World = Stage.World;
	Head->Outer = Stage.World;
	Stage.World->Actors.Add(Head);
	Head->Face->RegisterComponent();
	return Head;
}
} // namespace

TEST(TheHeadTalksFromARecording)
{
	FStage Stage;
	std::filesystem::create_directories(Shim::ProjectFolder + "/Content/Speech");
	WriteRamp("Content/Speech/hello.a2frec", 2.0);
	AA2FBridgeTalkingHead* Head = SpawnHead(Stage);
	FString Error;
	bool bTaken = false;
	Head->Face->SetMappingTable(UA2FBridgeMappingTable::LoadShippedTable(TEXT("arkit"), Error), bTaken, Error);
	EXPECT(bTaken);
	EXPECT(Head->GetRootComponent() == Head->Head && Head->Face->GetAttachParent() == Head->Head);
	Head->BeginPlay();
	EXPECT(Stage.StepUntil([&] { return Head->Face->GetPlaybackTime() > 1.0f; }, 3.0));
	EXPECT_NEAR(*Head->Head->Morphs.Find(TEXT("jawOpen")), 0.3, 0.02);
}

TEST(WhatFailsShowsOnTheScreen)
{
	FStage Stage;
	AA2FBridgeTalkingHead* Head = SpawnHead(Stage);
	Head->Demo = EA2FBridgeDemo::File;
	Head->Speech = TEXT("Speech/none.wav");
	Head->BeginPlay();
	Stage.Step();
	EXPECT(GEngine->OnScreen.Num() == 1);
	EXPECT_TEXT(Text(GEngine->OnScreen[0]), "none.wav cannot be read");
	Head->Demo = EA2FBridgeDemo::Microphone;
	Head->Settings.Connection = TEXT("Mock");
	Head->Talk();
	Stage.Step();
	EXPECT(Head->Face->GetStream() != 0);
}

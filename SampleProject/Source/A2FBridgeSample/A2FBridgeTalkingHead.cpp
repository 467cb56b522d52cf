#include "A2FBridgeTalkingHead.h"

#include "A2FBridgeFaceComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/Engine.h"
#include "Misc/Paths.h"

AA2FBridgeTalkingHead::AA2FBridgeTalkingHead()
{
	Head = CreateDefaultSubobject<USkeletalMeshComponent>(TEXT("Head"));
	SetRootComponent(Head);
	Face = CreateDefaultSubobject<UA2FBridgeFaceComponent>(TEXT("Face"));
	Face->SetupAttachment(Head);
	Face->bDriveMorphTargets = true;
}

void AA2FBridgeTalkingHead::BeginPlay()
{
	Super::BeginPlay();
	Face->OnFailed.AddDynamic(this, &AA2FBridgeTalkingHead::HandleFailed);
	Talk();
}

void AA2FBridgeTalkingHead::Talk()
{
	const FString Path = FPaths::ProjectContentDir() / Speech;
	switch (Demo)
	{
	case EA2FBridgeDemo::File:
		Face->StartWavFile(Path, Settings);
		break;
	case EA2FBridgeDemo::Microphone:
		Face->StartMicrophone(FString(), Settings);
		break;
	case EA2FBridgeDemo::Recording:
		Face->StartRecording(Path);
		break;
	}
}

void AA2FBridgeTalkingHead::HandleFailed(UA2FBridgeFaceComponent* Failed, const FString& Error)
{
	if (GEngine)
	{
		GEngine->AddOnScreenDebugMessage(-1, 20.0f, FColor::Red, FString::Printf(TEXT("A2FBridge: %s"), *Error));
	}
}

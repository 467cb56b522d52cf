// The sample's character: a head that talks from a file, the microphone or a recorded session.

#pragma once

#include "A2FBridgeStreamSettings.h"
#include "CoreMinimal.h"
#include "GameFramework/Actor.h"

#include "A2FBridgeTalkingHead.generated.h"

class UA2FBridgeFaceComponent;
class USkeletalMeshComponent;

/** Where the voice comes from. */
UENUM(BlueprintType)
enum class EA2FBridgeDemo : uint8
{
	/** A WAV file, animated by the connection. */
	File,
	/** The microphone, animated by the connection while you speak. */
	Microphone,
	/** A recorded session: needs no server. */
	Recording
};

/** A talking head; begins to talk when the game does. */
UCLASS()
class A2FBRIDGESAMPLE_API AA2FBridgeTalkingHead : public AActor
{
	GENERATED_BODY()

public:
	/** Makes the components. */
	AA2FBridgeTalkingHead();

	/** Where the voice comes from. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	EA2FBridgeDemo Demo = EA2FBridgeDemo::Recording;

	/** Sound (.wav) or recorded session (.a2frec), relative to the project's Content folder. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FString Speech = TEXT("Speech/hello.a2frec");

	/** Connection, emotion and face parameters. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FA2FBridgeStreamSettings Settings;

	/** The head. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, Category = "A2FBridge")
	TObjectPtr<USkeletalMeshComponent> Head;

	/** What makes it talk. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, Category = "A2FBridge")
	TObjectPtr<UA2FBridgeFaceComponent> Face;

	/** Begins to talk, from the beginning. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge")
	void Talk();

	//~ Begin AActor
	virtual void BeginPlay() override;
	//~ End AActor

private:
	UFUNCTION()
	void HandleFailed(UA2FBridgeFaceComponent* Failed, const FString& Error);
};

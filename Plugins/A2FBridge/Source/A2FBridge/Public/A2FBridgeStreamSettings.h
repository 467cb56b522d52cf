// What one stream is asked for: everything that an Animate node has besides the character and the sound.
#pragma once

#include "CoreMinimal.h"

#include "A2FBridgeTypes.h"

#include "A2FBridgeStreamSettings.generated.h"

/** Options of the Animate nodes that are seldom needed. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeAnimateOptions
{
	GENERATED_BODY()

	/** Emotions over time; between two keys they are mixed. Without a key at 0, the emotion of the node holds until the first. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	TArray<FA2FBridgeEmotionKey> EmotionKeys;

	/** Factors and offsets of blend shapes, applied by the server. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FA2FBridgeBlendShapeTuning BlendShapes;

	/** Whether the face plays the sound. Off: the face moves by the wall clock, and you play the sound yourself. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	bool bPlaySound = true;

	/** How fast sound is sent; Default: as the connection says. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	EA2FBridgePacing Pacing = EA2FBridgePacing::Default;

	/** Record the session to this file (.a2frec), absolute or relative to the project's Saved folder; empty: no. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FString RecordTo;
};

/** Everything that a stream is asked for. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeStreamSettings
{
	GENERATED_BODY()

	/** Name of the connection, see Project Settings > Plugins > A2FBridge. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FName Connection = TEXT("Default");

	/** Emotion. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FA2FBridgeEmotion Emotion;

	/** Face parameters. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FA2FBridgeFaceParameters FaceParameters;

	/** The rest. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	FA2FBridgeAnimateOptions Options;
};

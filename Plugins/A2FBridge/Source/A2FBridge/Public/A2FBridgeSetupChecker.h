// Finds why a face does not move.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"

#include "A2FBridgeSetupChecker.generated.h"

class AActor;

/** How bad a finding is. */
UENUM(BlueprintType)
enum class EA2FBridgeSeverity : uint8
{
	/** All is well here. */
	Fine,
	/** It works, but perhaps not as meant. */
	Warning,
	/** The face cannot move, or not be heard, because of this. */
	Error
};

/** One thing that was looked at. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeFinding
{
	GENERATED_BODY()

	/** How bad it is. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Check")
	EA2FBridgeSeverity Severity = EA2FBridgeSeverity::Fine;

	/** What was looked at: library, server, component, mapping, mesh, animation, curves, audio, Live Link. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Check")
	FName Part;

	/** What was found. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Check")
	FString Text;

	/** What would help; empty when nothing is wrong. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Check")
	FString Advice;
};

/** The setup checker; also in the menu Tools > A2FBridge and as console command A2FBridge.Check. */
UCLASS()
class A2FBRIDGE_API UA2FBridgeSetupChecker : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/** Looks at everything that a face needs, link by link: client library, connection, face component, mapping table, meshes, what applies the curves, their names, audio device, Live Link. Without an actor only the first two and the audio device. Asks no server: pre-warm the connection first. Connection: None is Default. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Check", meta = (WorldContext = "WorldContextObject"))
	static TArray<FA2FBridgeFinding> CheckSetup(UObject* WorldContextObject, AActor* Character, FName Connection = NAME_None);

	/** Findings as text, the worst first. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Check")
	static FString DescribeFindings(const TArray<FA2FBridgeFinding>& Findings);
};

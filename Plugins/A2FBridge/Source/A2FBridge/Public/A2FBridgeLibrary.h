// Blueprint's plain nodes: stop, pause, seek, connections, recording.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"

#include "A2FBridgeConnection.h"
#include "A2FBridgeTypes.h"

#include "A2FBridgeLibrary.generated.h"

class AActor;
class UA2FBridgeFaceComponent;

/** Nodes of A2FBridge. */
UCLASS()
class A2FBRIDGE_API UA2FBridgeLibrary : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/** Stops a character: sound and stream end, the face comes to rest. False when it has no face component. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static bool StopCharacter(AActor* Character);

	/** Pauses a character or lets it go on; the face stays as it is meanwhile. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static bool PauseCharacter(AActor* Character, bool bPause = true);

	/** Goes to a time of the sound, in seconds. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static void SeekCharacter(AActor* Character, float Seconds, bool& bSucceeded, FString& Error);

	/** Records what a character says from now on, or next, to a file (.a2frec), absolute or relative to the project's Saved folder. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static void RecordSession(AActor* Character, const FString& Path, bool& bSucceeded, FString& Error);

	/** Ends the recording; it also ends with the stream. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static void StopRecordingSession(AActor* Character, bool& bSucceeded, FString& Error);

	/** Finds the face component of a character, or makes one. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Animate")
	static UA2FBridgeFaceComponent* GetFace(AActor* Character);

	/** Sets a connection until the engine ends, beside or over those of the project settings; acts from the next stream on. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static void SetConnection(FName Name, const FA2FBridgeConnection& Connection);

	/** Forgets what Set Connection and Set Connection Token said of a connection. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static void ResetConnection(FName Name);

	/** Returns a connection. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static bool GetConnection(FName Name, FA2FBridgeConnection& Connection);

	/** Names of all connections. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Connection")
	static TArray<FName> GetConnectionNames();

	/** Sets the bearer token of a connection until the engine ends. It is saved nowhere and logged nowhere. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static void SetConnectionToken(FName Name, const FString& Token);

	/** What is known of a connection. Pre-Warm asks. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static FA2FBridgeConnectionStatus GetConnectionStatus(FName Name);

	/** Connects ahead of the first stream, and asks the server for its health; starts a local server. Returns at once; the answer shows in Get Connection Status. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection", meta = (DisplayName = "Pre-Warm Connection"))
	static void PreWarm(FName Name);

	/** Stops the local server; streams on it fail. It starts again when it is needed. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Connection")
	static void StopLocalServer();

	/** Last lines that the local server printed. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Connection")
	static TArray<FString> GetLocalServerLog();

	/** Face parameters by their names on the wire, with the defaults of Audio2Face-3D. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	static TMap<FString, float> GetDefaultFaceParameters();

	/** Face parameters from their names on the wire; unknown ones are returned, and sent as they are. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	static FA2FBridgeFaceParameters MakeFaceParametersFromMap(const TMap<FString, float>& Values, TArray<FString>& Unknown);

	/** The 68 blend shapes of Audio2Face-3D (52 of ARKit, 16 of the tongue), each with a value: a start for multipliers (1) and offsets (0). */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Face")
	static TMap<FName, float> GetDefaultBlendShapeMap(float Value = 1.0f);

	/** Folder of the plugin on this machine. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge")
	static FString GetPluginFolder();
};

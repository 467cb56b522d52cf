// What the editor and its Python do besides baking: the local environment, the setup checker.
#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "EditorSubsystem.h"
#include "HAL/PlatformProcess.h"

#include "A2FBridgeEditorSubsystem.generated.h"

/** How the making of the local environment stands. */
UENUM(BlueprintType)
enum class EA2FBridgeEnvironmentState : uint8
{
	/** There is none, and none is being made. */
	Missing,
	/** It is being made. */
	Working,
	/** It is there. */
	Ready,
	/** Making it failed; the log says why. */
	Failed
};

/** Editor side of A2FBridge. Python: unreal.get_editor_subsystem(unreal.A2FBridgeEditorSubsystem). */
UCLASS()
class A2FBRIDGEEDITOR_API UA2FBridgeEditorSubsystem : public UEditorSubsystem
{
	GENERATED_BODY()

public:
	//~ Begin USubsystem
	virtual void Deinitialize() override;
	//~ End USubsystem

	/** Makes the Python environment of the local server as the project settings say (python -m venv, pip install). Returns at once; false, and why, when it cannot begin. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	void CreateLocalEnvironment(bool& bSucceeded, FString& Error);

	/** How that stands. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Editor")
	EA2FBridgeEnvironmentState GetLocalEnvironmentState() const;

	/** What Python and pip printed. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Editor")
	TArray<FString> GetLocalEnvironmentLog() const;

	/** Gives up making it. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	void CancelLocalEnvironment();

	/** Runs the setup checker on the selected actors and shows its findings in the message log. Returns the findings as text. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	FString CheckSelectedActors();

private:
	bool StartStep(const FString& Program, const FString& Arguments);
	bool Tick(float DeltaSeconds);
	void Finish(EA2FBridgeEnvironmentState NewState);
	void ReadOutput();

	FProcHandle Process;
	void* PipeRead = nullptr;
	void* PipeWrite = nullptr;
	int32 Step = 0;
	EA2FBridgeEnvironmentState State = EA2FBridgeEnvironmentState::Missing;
	FString Pending;
	TArray<FString> Log;
	FTSTicker::FDelegateHandle Ticker;
};

// What editor Python and editor Blueprints ask of the editor's C++: file dialogs, a Live Link preset.
#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintFunctionLibrary.h"

#include "A2FBridgeEditorLibrary.generated.h"

/** Editor functions that Unreal's own Python API lacks. Python: unreal.A2FBridgeEditorLibrary. */
UCLASS()
class A2FBRIDGEEDITOR_API UA2FBridgeEditorLibrary : public UBlueprintFunctionLibrary
{
	GENERATED_BODY()

public:
	/** Lets the user choose files of this machine, several at once. File Types: "Sounds (*.wav)|*.wav|All|*.*". Returns full paths; none when the user gave up or there are no windows. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	static TArray<FString> ChooseFiles(const FString& Title, const FString& FileTypes);

	/** Lets the user choose a folder of this machine. Returns its full path; empty when the user gave up or there are no windows. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	static FString ChooseFolder(const FString& Title);

	/** Makes a Live Link preset that holds Live Link's sources of now and A2FBridge's own, which is added if it is not there; an existing preset of that path is filled anew. It is not saved. Returns the preset, or nothing and why. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Editor")
	static UObject* MakeLiveLinkPreset(const FString& AssetPath, FString& Error);
};

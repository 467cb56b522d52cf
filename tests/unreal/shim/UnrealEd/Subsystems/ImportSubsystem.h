// Told of imports.
#pragma once

#include "EditorSubsystem.h"

class UFactory;

// EPIC Editor/UnrealEd/UImportSubsystem
class UImportSubsystem : public UEditorSubsystem
{
public:
	void BroadcastAssetPreImport(UFactory* InFactory, UClass* InClass, UObject* InParent, const FName& Name, const TCHAR* Type) { ++Pre; }
	void BroadcastAssetPostImport(UFactory* InFactory, UObject* InCreatedObject) { ++Post; }
	// shim
	int32 Pre = 0;
	int32 Post = 0;
};

// The folders that dialogs open in.
#pragma once

#include "CoreMinimal.h"

// EPIC Editor/UnrealEd/ELastDirectory__Type
namespace ELastDirectory
{
enum Type
{
	GENERIC_IMPORT,
	GENERIC_EXPORT
};
}

// EPIC Editor/UnrealEd/FEditorDirectories
class FEditorDirectories
{
public:
	static FEditorDirectories& Get()
	{
		static FEditorDirectories Only;
		return Only;
	}
	FString GetLastDirectory(const ELastDirectory::Type InLastDir) const { return Folder; }
	void SetLastDirectory(const ELastDirectory::Type InLastDir, const FString& InLastStr) { Folder = InLastStr; }
	// shim
	FString Folder;
};

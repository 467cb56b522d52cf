// The system's file dialogs.
#pragma once

#include "CoreMinimal.h"

// EPIC Developer/DesktopPlatform/EFileDialogFlags__Type
namespace EFileDialogFlags
{
enum Type
{
	None = 0x00,
	Multiple = 0x01
};
}

// EPIC Developer/DesktopPlatform/IDesktopPlatform
class IDesktopPlatform
{
public:
	bool OpenFileDialog(const void* ParentWindowHandle, const FString& DialogTitle, const FString& DefaultPath, const FString& DefaultFile, const FString& FileTypes, uint32 Flags, TArray<FString>& OutFilenames)
	{
		Asked = DialogTitle + TEXT("|") + DefaultPath + TEXT("|") + FileTypes;
		OutFilenames = Answer;
		return !Answer.IsEmpty();
	}
	bool OpenDirectoryDialog(const void* ParentWindowHandle, const FString& DialogTitle, const FString& DefaultPath, FString& OutFolderName)
	{
		Asked = DialogTitle + TEXT("|") + DefaultPath;
		OutFolderName = Answer.IsEmpty() ? FString() : Answer[0];
		return !Answer.IsEmpty();
	}
	// shim: what the user chooses, and what was asked
	TArray<FString> Answer;
	FString Asked;
};

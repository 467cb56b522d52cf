// Factories.
#pragma once

#include "UObject/Object.h"

class FFeedbackContext;

// EPIC Editor/UnrealEd/UFactory
class UFactory : public UObject
{
public:
	static constexpr int32 DefaultImportPriority = 100;
	virtual bool FactoryCanImport(const FString& Filename) { return false; }
	virtual UObject* FactoryCreateText(UClass* InClass, UObject* InParent, FName InName, EObjectFlags Flags, UObject* Context, const TCHAR* Type, const TCHAR*& Buffer, const TCHAR* BufferEnd, FFeedbackContext* Warn) { return nullptr; }
	static FString GetCurrentFilename() { return CurrentFilename; }
	TArray<FString> Formats;
	int32 ImportPriority = DefaultImportPriority;
	// shim
	inline static FString CurrentFilename;
	UClass* SupportedClass = nullptr;
	bool bCreateNew = false;
	bool bEditorImport = false;
	bool bText = false;
};

// Subsystems of the editor.
#pragma once

#include "Subsystems/EngineSubsystem.h"

// EPIC Editor/EditorSubsystem/UEditorSubsystem
class UEditorSubsystem : public USubsystem
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("EditorSubsystem"), UObject::StaticClass(), nullptr);
		return &Class;
	}
};

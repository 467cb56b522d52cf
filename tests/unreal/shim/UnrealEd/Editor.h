// GEditor.
#pragma once

#include "EditorSubsystem.h"
#include "Engine/Engine.h"
#include "Engine/Selection.h"

// EPIC Runtime/Engine/FWorldContext (header: UnrealEd)
struct FWorldContext
{
	UWorld* World() const { return Current; }
	UWorld* Current = nullptr;
};

// EPIC Editor/UnrealEd/UEditorEngine
class UEditorEngine : public UEngine
{
public:
	template <typename T>
	T* GetEditorSubsystem() const
	{
		for (UEditorSubsystem* Found : EditorSubsystems)
		{
			if (T* Typed = Cast<T>(Found))
			{
				return Typed;
			}
		}
		T* Made = new T();
		EditorSubsystems.Add(Made);
		return Made;
	}
	USelection* GetSelectedActors() const { return Selected; }
	FWorldContext& GetEditorWorldContext(bool bEnsureIsGWorld = false) { return Context; }
	// shim
	mutable TArray<UEditorSubsystem*> EditorSubsystems;
	USelection* Selected = new USelection();
	FWorldContext Context;
};

// EPIC Editor/UnrealEd/GEditor
inline UEditorEngine* GEditor = nullptr;

// Selections of the editor.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/USelection
class USelection : public UObject
{
public:
	template <typename T>
	int32 GetSelectedObjects(TArray<T*>& Out) const
	{
		for (UObject* Object : Objects)
		{
			if (T* Found = Cast<T>(Object))
			{
				Out.Add(Found);
			}
		}
		return Out.Num();
	}
	// shim
	TArray<UObject*> Objects;
};

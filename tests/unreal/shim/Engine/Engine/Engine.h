// GEngine.
#pragma once

#include "Subsystems/EngineSubsystem.h"
#include "UObject/Object.h"

// EPIC Runtime/Engine/UEngine
class UEngine : public UObject
{
public:
	template <typename T>
	T* GetEngineSubsystem() const
	{
		return Cast<T>(Subsystem);
	}
	// shim: one is enough here
	UEngineSubsystem* Subsystem = nullptr;
};

// EPIC Runtime/Engine/GEngine
inline UEngine* GEngine = nullptr;

// Subsystems of the engine.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/FSubsystemCollectionBase
class FSubsystemCollectionBase
{
};

// EPIC Runtime/Engine/USubsystem
class USubsystem : public UObject
{
public:
	virtual void Initialize(FSubsystemCollectionBase& Collection) {}
	virtual void Deinitialize() {}
};

// EPIC Runtime/Engine/UEngineSubsystem
class UEngineSubsystem : public USubsystem
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("EngineSubsystem"), UObject::StaticClass(), nullptr);
		return &Class;
	}
};

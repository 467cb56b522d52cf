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
	void AddOnScreenDebugMessage(int32 Key, float TimeToDisplay, FColor DisplayColor, const FString& DebugMessage) { OnScreen.Add(DebugMessage); }
	// shim: one is enough here
	TArray<FString> OnScreen;
	UEngineSubsystem* Subsystem = nullptr;
};

// EPIC Runtime/Engine/GEngine
inline UEngine* GEngine = nullptr;

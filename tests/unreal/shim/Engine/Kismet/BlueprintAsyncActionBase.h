// Latent nodes.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/UBlueprintAsyncActionBase
class UBlueprintAsyncActionBase : public UObject
{
public:
	virtual void Activate() {}
	void RegisterWithGameInstance(const UObject* WorldContextObject) { bRegistered = true; }
	virtual void SetReadyToDestroy() { bReadyToDestroy = true; }
	// shim
	bool bRegistered = false;
	bool bReadyToDestroy = false;
};

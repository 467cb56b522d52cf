// Telling the content browser of new assets.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/AssetRegistry/FAssetRegistryModule
class FAssetRegistryModule
{
public:
	static void AssetCreated(UObject* NewAsset) { Created().Add(NewAsset); }
	// shim
	static TArray<UObject*>& Created()
	{
		static TArray<UObject*> All;
		return All;
	}
};

// Skeletons.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/USkeleton
class USkeleton : public UObject
{
public:
	// EPIC Runtime/Engine/Animation/USkeleton/GetCurveMetaDataNames
	void GetCurveMetaDataNames(TArray<FName>& OutNames) const { OutNames = Curves; }
	// shim
	TArray<FName> Curves;
};

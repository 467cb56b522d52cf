// Packages.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/CoreUObject/UPackage
class UPackage : public UObject
{
};

// EPIC Runtime/CoreUObject/GetTransientPackage
inline UPackage* GetTransientPackage()
{
	static UPackage Package;
	return &Package;
}

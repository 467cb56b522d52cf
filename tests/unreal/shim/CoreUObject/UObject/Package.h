// Packages.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/CoreUObject/UPackage
class UPackage : public UObject
{
public:
	void FullyLoad() {}
};

// EPIC Runtime/CoreUObject/CreatePackage
inline UPackage* CreatePackage(const TCHAR* PackageName)
{
	static std::vector<UPackage*> All;
	for (UPackage* Package : All)
	{
		if (Package->Name == FName(PackageName))
		{
			return Package;
		}
	}
	All.push_back(new UPackage());
	All.back()->Name = FName(PackageName);
	return All.back();
}

// EPIC Runtime/CoreUObject/GetTransientPackage
inline UPackage* GetTransientPackage()
{
	static UPackage Package;
	return &Package;
}

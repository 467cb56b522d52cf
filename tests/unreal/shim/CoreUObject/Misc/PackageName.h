// Names of packages.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/CoreUObject/FPackageName
class FPackageName
{
public:
	static bool IsValidLongPackageName(const FString& InLongPackageName) { return InLongPackageName.StartsWith(TEXT("/Game/")) && !InLongPackageName.Contains(TEXT(".")) && !InLongPackageName.EndsWith(TEXT("/")); }
	static FString GetLongPackageAssetName(const FString& InLongPackageName)
	{
		const std::string Text = Shim::Narrow(*InLongPackageName);
		return FString(Text.substr(Text.find_last_of('/') + 1).c_str());
	}
};

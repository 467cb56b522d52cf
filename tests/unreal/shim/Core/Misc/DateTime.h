// FDateTime.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FDateTime
struct FDateTime
{
	static FDateTime Now() { return FDateTime(); }
	FString ToString() const { return TEXT("2026.01.01-00.00.00"); }
};

// Environment variables.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FGenericPlatformMisc
struct FPlatformMisc
{
	static FString GetEnvironmentVariable(const TCHAR* Name)
	{
		const char* Value = std::getenv(Shim::Narrow(Name).c_str());
		return Value ? FString(Value) : FString();
	}
};

// FOutputDevice.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FOutputDevice
class FOutputDevice
{
public:
	virtual ~FOutputDevice() = default;
	template <typename... Arguments>
	void Logf(const TCHAR* Pattern, Arguments... Values)
	{
		Text += FString::Printf(Pattern, Values...) + TEXT("\n");
	}
	// shim
	FString Text;
};

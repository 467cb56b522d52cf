// The clock; tests set it.
#pragma once

#include "HAL/Platform.h"

// shim: seconds that FPlatformTime says; below 0: the real clock
namespace Shim
{
inline double Clock = -1.0;
}

// EPIC Runtime/Core/FGenericPlatformTime
struct FPlatformTime
{
	static double Seconds();
};

#include <chrono>
inline double FPlatformTime::Seconds()
{
	if (Shim::Clock >= 0.0)
	{
		return Shim::Clock;
	}
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

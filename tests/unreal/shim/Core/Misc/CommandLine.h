// The command line.
#pragma once

#include "Containers/UnrealString.h"

// shim: what the program was started with
namespace Shim
{
inline FString CommandLine;
}

// EPIC Runtime/Core/FCommandLine
struct FCommandLine
{
	static const TCHAR* Get() { return *Shim::CommandLine; }
};

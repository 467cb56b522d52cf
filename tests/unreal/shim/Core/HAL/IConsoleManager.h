// Console commands.
#pragma once

#include "CoreMinimal.h"

class FOutputDevice;
class UWorld;

// EPIC Runtime/Core/FConsoleCommandWithWorldArgsAndOutputDeviceDelegate
using FConsoleCommandWithWorldArgsAndOutputDeviceDelegate = TDelegate<void(const TArray<FString>&, UWorld*, FOutputDevice&)>;

// shim: commands by name
namespace Shim
{
inline TMap<FString, FConsoleCommandWithWorldArgsAndOutputDeviceDelegate>& ConsoleCommands()
{
	static TMap<FString, FConsoleCommandWithWorldArgsAndOutputDeviceDelegate> Commands;
	return Commands;
}
} // namespace Shim

// EPIC Runtime/Core/FAutoConsoleCommand
class FAutoConsoleCommand
{
public:
	FAutoConsoleCommand(const TCHAR* Name, const TCHAR* Help, const FConsoleCommandWithWorldArgsAndOutputDeviceDelegate& Command, uint32 Flags = 0)
	{
		Shim::ConsoleCommands().Add(FString(Name), Command);
	}
};

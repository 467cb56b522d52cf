// Where the system's dialogs come from.
#pragma once

#include "IDesktopPlatform.h"

// EPIC Developer/DesktopPlatform/FDesktopPlatformModule
class FDesktopPlatformModule
{
public:
	static IDesktopPlatform* Get()
	{
		static IDesktopPlatform Only;
		return &Only;
	}
};

// The application of all windows.
#pragma once

#include "Widgets/SBoxPanel.h"

// EPIC Runtime/Slate/FSlateApplication
class FSlateApplication
{
public:
	static FSlateApplication& Get()
	{
		static FSlateApplication Only;
		return Only;
	}
	static bool IsInitialized() { return Get().bWindows; }
	const void* FindBestParentWindowHandleForDialogs(const TSharedPtr<const SWidget>& InWidget) { return this; }
	// shim: false in a commandlet
	bool bWindows = true;
};

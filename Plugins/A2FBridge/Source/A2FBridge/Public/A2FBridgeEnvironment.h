// Where the local server's Python lies.
#pragma once

#include "CoreMinimal.h"

/** Paths of the local environment, as the settings say. */
struct A2FBRIDGE_API FA2FBridgeEnvironment
{
	/** Its folder. */
	static FString GetFolder();
	/** Its Python, whether it is there or not. */
	static FString GetPython();
	/** The Python that makes it. */
	static FString GetSystemPython();
};

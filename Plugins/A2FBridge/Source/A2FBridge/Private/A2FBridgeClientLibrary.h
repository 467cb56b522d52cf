// The client library, loaded by full path when it is first needed. Everything but servers works without it.
#pragma once

#include "CoreMinimal.h"

#include "a2fbridge/a2fbridge.h"

/** The loaded library. It stays loaded until the process ends, as its header asks. Game thread. */
class FA2FBridgeClientLibrary
{
public:
	/** Returns its functions, or null with GetProblem() set. Tries once. */
	const a2fb_api* Get();
	/** Why it cannot be used, and how to get it. */
	const FString& GetProblem() const { return Problem; }
	/** Version for people; empty when it is not loaded. */
	FString GetVersion() const;
	/** File that is loaded: -A2FBridgeClient=FILE of the command line, or the plugin's own for this platform. */
	static FString GetFile();

private:
	const a2fb_api* Api = nullptr;
	bool bTried = false;
	FString Problem;
};

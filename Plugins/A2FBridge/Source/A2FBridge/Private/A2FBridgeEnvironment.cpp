#include "A2FBridgeEnvironment.h"

#include "Misc/Paths.h"

#include "A2FBridgeSettings.h"
#include "A2FBridgeText.h"

FString FA2FBridgeEnvironment::GetFolder()
{
	return A2FBridge::Resolve(GetDefault<UA2FBridgeSettings>()->LocalEnvironment, FPaths::ProjectDir());
}

FString FA2FBridgeEnvironment::GetPython()
{
#if PLATFORM_WINDOWS
	return FPaths::Combine(GetFolder(), TEXT("Scripts/python.exe"));
#else
	return FPaths::Combine(GetFolder(), TEXT("bin/python3"));
#endif
}

FString FA2FBridgeEnvironment::GetSystemPython()
{
	const FString Named = GetDefault<UA2FBridgeUserSettings>()->Python;
	if (!Named.IsEmpty())
	{
		return Named;
	}
#if PLATFORM_WINDOWS
	return TEXT("C:/Windows/py.exe");
#else
	return TEXT("/usr/bin/python3");
#endif
}

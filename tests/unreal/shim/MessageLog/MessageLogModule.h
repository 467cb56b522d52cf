// The module of message logs.
#pragma once

#include "Modules/ModuleManager.h"

// EPIC Developer/MessageLog/FMessageLogInitializationOptions
struct FMessageLogInitializationOptions
{
};

// EPIC Developer/MessageLog/FMessageLogModule
class FMessageLogModule : public IModuleInterface
{
public:
	virtual void RegisterLogListing(const FName& LogName, const FText& LogLabel, const FMessageLogInitializationOptions& InitializationOptions = FMessageLogInitializationOptions()) { Listings.Add(LogName, LogLabel); }
	virtual bool UnregisterLogListing(const FName& LogName) { return Listings.Remove(LogName) > 0; }
	// shim
	TMap<FName, FText> Listings;
};

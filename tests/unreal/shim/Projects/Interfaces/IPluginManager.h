// The plugin manager.
#pragma once

#include "CoreMinimal.h"

// shim: the plugin's folder
namespace Shim
{
inline std::string PluginFolder;
}

// EPIC Runtime/Projects/IPlugin
class IPlugin
{
public:
	FString GetBaseDir() const { return FString(Shim::PluginFolder.c_str()); }
};

// EPIC Runtime/Projects/IPluginManager
class IPluginManager
{
public:
	static IPluginManager& Get()
	{
		static IPluginManager Manager;
		return Manager;
	}
	TSharedPtr<IPlugin> FindPlugin(const FString& Name) { return MakeShared<IPlugin>(); }
};

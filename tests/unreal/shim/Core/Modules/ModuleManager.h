// Modules.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/Core/IModuleInterface
class IModuleInterface
{
public:
	virtual ~IModuleInterface() = default;
	virtual void StartupModule() {}
	virtual void ShutdownModule() {}
};

// EPIC Runtime/Core/FDefaultModuleImpl
class FDefaultModuleImpl : public IModuleInterface
{
};

// EPIC Runtime/Core/FDefaultGameModuleImpl
class FDefaultGameModuleImpl : public FDefaultModuleImpl
{
};

// EPIC Runtime/Core/FModuleManager
class FModuleManager
{
public:
	template <typename Module>
	static Module& LoadModuleChecked(const FName Name)
	{
		return *GetModulePtr<Module>(Name);
	}
	template <typename Module>
	static Module* GetModulePtr(const FName Name)
	{
		static Module Only;
		return &Only;
	}
};

// shim: modules by name
namespace Shim
{
struct FModule
{
	FModule(const char* InName, IModuleInterface* (*InMake)()) : Name(InName), Make(InMake) { All().push_back(this); }
	static std::vector<FModule*>& All()
	{
		static std::vector<FModule*> Modules;
		return Modules;
	}
	const char* Name;
	IModuleInterface* (*Make)();
};
} // namespace Shim

// EPIC documentation "Gameplay Modules"
#define IMPLEMENT_PRIMARY_GAME_MODULE(Class, Module, Name) IMPLEMENT_MODULE(Class, Module)
#define IMPLEMENT_MODULE(Class, Name) static Shim::FModule ShimModule##Name(#Name, []() -> IModuleInterface* { return new Class(); });

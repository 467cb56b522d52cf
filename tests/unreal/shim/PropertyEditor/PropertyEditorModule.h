// The module of details panels.
#pragma once

#include "IDetailCustomization.h"
#include "Modules/ModuleManager.h"

// EPIC Editor/PropertyEditor/FOnGetDetailCustomizationInstance
using FOnGetDetailCustomizationInstance = TDelegate<TSharedRef<IDetailCustomization>()>;

// EPIC Editor/PropertyEditor/FPropertyEditorModule
class FPropertyEditorModule : public IModuleInterface
{
public:
	virtual void RegisterCustomClassLayout(FName ClassName, FOnGetDetailCustomizationInstance DetailLayoutDelegate) { Layouts.Add(ClassName, DetailLayoutDelegate); }
	virtual void UnregisterCustomClassLayout(FName ClassName) { Layouts.Remove(ClassName); }
	// shim
	TMap<FName, FOnGetDetailCustomizationInstance> Layouts;
};

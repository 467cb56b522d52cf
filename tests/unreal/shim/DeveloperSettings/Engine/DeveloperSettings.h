// UDeveloperSettings.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/DeveloperSettings/UDeveloperSettings
class UDeveloperSettings : public UObject
{
public:
	virtual FName GetContainerName() const { return TEXT("Project"); }
	virtual FName GetCategoryName() const { return FName(); }
	virtual FName GetSectionName() const { return FName(); }
};

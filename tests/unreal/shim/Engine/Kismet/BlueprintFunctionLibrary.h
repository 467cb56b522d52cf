// Plain nodes.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/UBlueprintFunctionLibrary
class UBlueprintFunctionLibrary : public UObject
{
};

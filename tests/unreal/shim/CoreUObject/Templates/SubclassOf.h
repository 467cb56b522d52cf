// Classes that derive from another.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/CoreUObject/TSubclassOf
template <typename T>
using TSubclassOf = UClass*;

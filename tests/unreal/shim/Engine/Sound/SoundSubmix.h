// Submixes.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/USoundSubmixBase
class USoundSubmixBase : public UObject
{
};

// EPIC Runtime/Engine/USoundSubmix
class USoundSubmix : public USoundSubmixBase
{
};

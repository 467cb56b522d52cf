// Sound classes.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/USoundClass
class USoundClass : public UObject
{
};

// Attenuation.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/USoundAttenuation
class USoundAttenuation : public UObject
{
};

// Morph targets.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/UMorphTarget
class UMorphTarget : public UObject
{
};

// UDataAsset.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/UDataAsset
class UDataAsset : public UObject
{
};

// The usual base of asset definitions.
#pragma once

#include "AssetDefinition.h"

// EPIC Editor/UnrealEd/UAssetDefinitionDefault
class UAssetDefinitionDefault : public UAssetDefinition
{
};

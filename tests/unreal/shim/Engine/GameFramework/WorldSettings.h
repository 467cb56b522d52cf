// World settings.
#pragma once

#include "GameFramework/Actor.h"

// EPIC Runtime/Engine/AWorldSettings
class AWorldSettings : public AActor
{
};

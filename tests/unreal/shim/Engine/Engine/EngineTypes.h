// Types that much of Engine shares.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/ELevelTick
enum ELevelTick
{
	LEVELTICK_TimeOnly = 0,
	LEVELTICK_ViewportsOnly = 1,
	LEVELTICK_All = 2,
	LEVELTICK_PauseTick = 3
};

// EPIC Runtime/Engine/ETickingGroup
enum ETickingGroup
{
	TG_PrePhysics,
	TG_DuringPhysics,
	TG_PostPhysics
};

// EPIC Runtime/Engine/FTickFunction
struct FTickFunction
{
	bool bCanEverTick = false;
	bool bTickEvenWhenPaused = false;
	ETickingGroup TickGroup = TG_PrePhysics;
};

// EPIC Runtime/Engine/FActorComponentTickFunction
struct FActorComponentTickFunction : public FTickFunction
{
};

// EPIC Runtime/Engine/EEndPlayReason
namespace EEndPlayReason
{
enum Type
{
	Destroyed,
	LevelTransition,
	EndPlayInEditor,
	RemovedFromWorld,
	Quit
};
}

// EPIC Runtime/Engine/FAttachmentTransformRules
class FAttachmentTransformRules
{
public:
	static const FAttachmentTransformRules SnapToTargetNotIncludingScale;
};
inline const FAttachmentTransformRules FAttachmentTransformRules::SnapToTargetNotIncludingScale = {};

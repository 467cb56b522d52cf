// Stats do nothing here but must be declared and defined.
#pragma once

#include "CoreMinimal.h"

// EPIC documentation "Stats System Overview"
#define DECLARE_STATS_GROUP(Description, Group, Category) struct Group
#define DECLARE_CYCLE_STAT_EXTERN(Description, Stat, Group, Api) \
	extern Api int Stat; \
	static_assert(sizeof(Group*) > 0)
#define DECLARE_DWORD_COUNTER_STAT_EXTERN(Description, Stat, Group, Api) DECLARE_CYCLE_STAT_EXTERN(Description, Stat, Group, Api)
#define DECLARE_DWORD_ACCUMULATOR_STAT_EXTERN(Description, Stat, Group, Api) DECLARE_CYCLE_STAT_EXTERN(Description, Stat, Group, Api)
#define DEFINE_STAT(Stat) int Stat
#define SCOPE_CYCLE_COUNTER(Stat) (void)Stat
#define INC_DWORD_STAT(Stat) ++Stat
#define INC_DWORD_STAT_BY(Stat, Amount) Stat += static_cast<int>(Amount)

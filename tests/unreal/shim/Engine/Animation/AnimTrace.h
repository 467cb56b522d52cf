// Tracing of animation.
#pragma once

#include "CoreMinimal.h"

// ACE AnimNode_ApplyACEAnimation.cpp
#define TRACE_ANIM_NODE_VALUE(Context, Name, Value) (void)(Value)

// The part of an animation instance that runs on worker threads.
#pragma once

#include "Animation/AnimNodeBase.h"

// EPIC Runtime/Engine/FAnimInstanceProxy
struct FAnimInstanceProxy
{
	FAnimInstanceProxy() = default;
	explicit FAnimInstanceProxy(UAnimInstance* Instance) : Instance_(Instance) {}
	FAnimInstanceProxy(const FAnimInstanceProxy&) = delete;
	virtual ~FAnimInstanceProxy() = default;
	virtual void Initialize(UAnimInstance* InAnimInstance) {}
	// EPIC Runtime/Engine/Animation/FAnimInstanceProxy/PreUpdate
	virtual void PreUpdate(UAnimInstance* InAnimInstance, float DeltaSeconds) {}
	// EPIC Runtime/Engine/Animation/FAnimInstanceProxy/Evaluate: true means that the graph is not evaluated
	virtual bool Evaluate(FPoseContext& Output) { return false; }

private:
	UAnimInstance* Instance_ = nullptr;
};

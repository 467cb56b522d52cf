// Nodes of animation graphs.
#pragma once

#include "UObject/Object.h"

class UAnimInstance;
struct FAnimInstanceProxy;
struct FAnimNode_Base;

// shim: curves of a pose
struct FShimCurves
{
	// EPIC Runtime/Engine/TBaseBlendedCurve: Get, Set by name (5.3 and later)
	void Set(FName Name, float Value) { Values.Add(Name, Value); }
	float Get(FName Name) const
	{
		const float* Found = Values.Find(Name);
		return Found ? *Found : 0.0f;
	}
	TMap<FName, float> Values;
};

// EPIC Runtime/Engine/FAnimationBaseContext
struct FAnimationBaseContext
{
	FAnimInstanceProxy* AnimInstanceProxy = nullptr;
};
// EPIC Runtime/Engine/FAnimationInitializeContext
struct FAnimationInitializeContext : public FAnimationBaseContext
{
};
// EPIC Runtime/Engine/FAnimationCacheBonesContext
struct FAnimationCacheBonesContext : public FAnimationBaseContext
{
};
// EPIC Runtime/Engine/FAnimationUpdateContext
struct FAnimationUpdateContext : public FAnimationBaseContext
{
	float GetDeltaTime() const { return 0.0f; }
};
// EPIC Runtime/Engine/FPoseContext
struct FPoseContext : public FAnimationBaseContext
{
	FShimCurves Curve;
	void ResetToRefPose() { Curve.Values.Reset(); }
};

// EPIC Runtime/Engine/FNodeDebugData
struct FNodeDebugData
{
	FString GetNodeName(FAnimNode_Base* Node) { return TEXT("Node"); }
	void AddDebugItem(FString DebugData, bool bPoseSource = false) {}
};

// EPIC Runtime/Engine/FPoseLink
struct FPoseLink
{
	void Initialize(const FAnimationInitializeContext& Context) {}
	void CacheBones(const FAnimationCacheBonesContext& Context) {}
	void Update(const FAnimationUpdateContext& Context) {}
	void Evaluate(FPoseContext& Output)
	{
		for (const auto& Entry : Below.Values)
		{
			Output.Curve.Set(Entry.Key, Entry.Value);
		}
	}
	void GatherDebugData(FNodeDebugData& DebugData) {}
	// shim: what lies below
	FShimCurves Below;
};

// EPIC Runtime/Engine/FExposedValueHandler
struct FExposedValueHandler
{
	void Execute(const FAnimationBaseContext& Context) const {}
};

// EPIC Runtime/Engine/FAnimNode_Base
struct FAnimNode_Base
{
	virtual ~FAnimNode_Base() = default;
	virtual void Initialize_AnyThread(const FAnimationInitializeContext& Context) {}
	virtual void CacheBones_AnyThread(const FAnimationCacheBonesContext& Context) {}
	virtual void Update_AnyThread(const FAnimationUpdateContext& Context) {}
	virtual void Evaluate_AnyThread(FPoseContext& Output) {}
	virtual void GatherDebugData(FNodeDebugData& DebugData) {}
	virtual bool HasPreUpdate() const { return false; }
	virtual void PreUpdate(const UAnimInstance* InAnimInstance) {}

protected:
	const FExposedValueHandler& GetEvaluateGraphExposedInputs() const
	{
		static const FExposedValueHandler Handler;
		return Handler;
	}
};

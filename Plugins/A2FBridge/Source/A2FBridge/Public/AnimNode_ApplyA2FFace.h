// The AnimGraph node Apply A2F Face.
#pragma once

#include "Animation/AnimNodeBase.h"
#include "CoreMinimal.h"

#include "A2FBridgeCurves.h"

#include "AnimNode_ApplyA2FFace.generated.h"

class UA2FBridgeMappingTable;

/** Sets the curves of the actor's A2FBridge face in the pose. Put it into the face's AnimGraph, with a mapping table whose curves that graph or its rig knows. */
USTRUCT(BlueprintInternalUseOnly)
struct A2FBRIDGE_API FAnimNode_ApplyA2FFace : public FAnimNode_Base
{
	GENERATED_BODY()

	/** The pose to work on. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Links)
	FPoseLink Source;

	/** Share of the face in the curves, 0 to 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinShownByDefault, ClampMin = "0", ClampMax = "1"))
	float Alpha = 1.0f;

	/** When nobody speaks, the curves of the pose below show again; off: the face's curves are always set, 0 at rest. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinHiddenByDefault))
	bool bBlendOut = true;

	/** Above 0: at the end the last pose fades by this rate (10: to a third in a tenth of a second) instead of coming to rest within a quarter of a second. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings,
		meta = (PinHiddenByDefault, EditCondition = "bBlendOut", ClampMin = "0", ClampMax = "100"))
	float BlendOutRate = 0.0f;

	/** New values with each tick; off: only with each frame of the animation, for a stepped look. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinHiddenByDefault))
	bool bInterpolate = true;

	/** Mapping table to use here instead of the face's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinHiddenByDefault))
	TObjectPtr<UA2FBridgeMappingTable> MappingTable;

	/** Factors by curve name. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinHiddenByDefault))
	TMap<FName, float> CurveMultipliers;

	/** Numbers added, by curve name. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = Settings, meta = (PinHiddenByDefault))
	TMap<FName, float> CurveOffsets;

	FAnimNode_ApplyA2FFace() = default;
	/** Settings are copied; what was copied from a face is not. */
	FAnimNode_ApplyA2FFace(const FAnimNode_ApplyA2FFace& Other);
	FAnimNode_ApplyA2FFace& operator=(const FAnimNode_ApplyA2FFace& Other);

	//~ Begin FAnimNode_Base
	virtual void Initialize_AnyThread(const FAnimationInitializeContext& Context) override;
	virtual void CacheBones_AnyThread(const FAnimationCacheBonesContext& Context) override;
	virtual void Update_AnyThread(const FAnimationUpdateContext& Context) override;
	virtual void Evaluate_AnyThread(FPoseContext& Output) override;
	virtual void GatherDebugData(FNodeDebugData& DebugData) override;
	virtual bool HasPreUpdate() const override { return true; }
	virtual void PreUpdate(const UAnimInstance* InAnimInstance) override;
	//~ End FAnimNode_Base

private:
	FA2FBridgeCurves Curves;
};

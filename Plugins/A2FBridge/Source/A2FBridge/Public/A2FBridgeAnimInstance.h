// An animation instance without a graph: for content made by script, and for heads that only speak.
#pragma once

#include "Animation/AnimInstance.h"
#include "Animation/AnimInstanceProxy.h"
#include "CoreMinimal.h"

#include "A2FBridgeCurves.h"

#include "A2FBridgeAnimInstance.generated.h"

class UA2FBridgeMappingTable;

/** The part that runs on worker threads. */
USTRUCT()
struct A2FBRIDGE_API FA2FBridgeAnimInstanceProxy : public FAnimInstanceProxy
{
	GENERATED_BODY()

	FA2FBridgeAnimInstanceProxy() = default;
	explicit FA2FBridgeAnimInstanceProxy(UAnimInstance* Instance) : FAnimInstanceProxy(Instance) {}
	FA2FBridgeAnimInstanceProxy(const FA2FBridgeAnimInstanceProxy&) = delete;
	FA2FBridgeAnimInstanceProxy& operator=(const FA2FBridgeAnimInstanceProxy&) = delete;

	//~ Begin FAnimInstanceProxy
	virtual void PreUpdate(UAnimInstance* InAnimInstance, float DeltaSeconds) override;
	virtual bool Evaluate(FPoseContext& Output) override;
	//~ End FAnimInstanceProxy

private:
	FA2FBridgeCurves Curves;
};

/** A proxy belongs to its instance and is never copied. */
template <>
struct TStructOpsTypeTraits<FA2FBridgeAnimInstanceProxy> : public TStructOpsTypeTraitsBase2<FA2FBridgeAnimInstanceProxy>
{
	enum
	{
		WithCopy = false
	};
};

/** Assign it as the Anim Class of a skeletal mesh: reference pose, and the curves of the actor's A2FBridge face. Curves with the names of morph targets drive those. */
UCLASS(Transient, NotBlueprintable)
class A2FBRIDGE_API UA2FBridgeAnimInstance : public UAnimInstance
{
	GENERATED_BODY()

public:
	/** Share of the face in the curves, 0 to 1. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge", meta = (ClampMin = "0", ClampMax = "1"))
	float Alpha = 1.0f;

	/** Mapping table to use instead of the face's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge")
	TObjectPtr<UA2FBridgeMappingTable> MappingTable;

protected:
	//~ Begin UAnimInstance
	virtual FAnimInstanceProxy* CreateAnimInstanceProxy() override;
	virtual void DestroyAnimInstanceProxy(FAnimInstanceProxy* InProxy) override;
	//~ End UAnimInstance
};

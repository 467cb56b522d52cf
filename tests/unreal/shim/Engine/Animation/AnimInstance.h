// Animation instances.
#pragma once

#include "Animation/AnimInstanceProxy.h"
#include "Components/SkeletalMeshComponent.h"

// EPIC Runtime/Engine/UAnimInstance
class UAnimInstance : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("AnimInstance"), UObject::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<UAnimInstance>(Outer); });
		return &Class;
	}
	USkeletalMeshComponent* GetSkelMeshComponent() const { return Cast<USkeletalMeshComponent>(GetOuter()); }
	float GetDeltaSeconds() const { return Delta; }
	// shim
	float Delta = 1.0f / 60.0f;
	FAnimInstanceProxy* ShimProxy() { return CreateAnimInstanceProxy(); }
	void ShimDestroy(FAnimInstanceProxy* Proxy) { DestroyAnimInstanceProxy(Proxy); }

protected:
	virtual FAnimInstanceProxy* CreateAnimInstanceProxy() { return new FAnimInstanceProxy(this); }
	virtual void DestroyAnimInstanceProxy(FAnimInstanceProxy* InProxy) { delete InProxy; }
};

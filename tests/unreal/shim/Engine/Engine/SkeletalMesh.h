// Skeletal meshes.
#pragma once

#include "Animation/MorphTarget.h"
#include "Animation/Skeleton.h"

// EPIC Runtime/Engine/USkeletalMesh
class USkeletalMesh : public UObject
{
public:
	TArray<TObjectPtr<UMorphTarget>>& GetMorphTargets() { return MorphTargets; }
	USkeleton* GetSkeleton() const { return Skeleton; }
	// shim
	TArray<TObjectPtr<UMorphTarget>> MorphTargets;
	USkeleton* Skeleton = nullptr;
};

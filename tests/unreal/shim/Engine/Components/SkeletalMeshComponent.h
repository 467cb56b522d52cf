// Skeletal mesh components.
#pragma once

#include "Components/SceneComponent.h"
#include "Engine/SkeletalMesh.h"

class UAnimInstance;

// EPIC Runtime/Engine/USkeletalMeshComponent
class USkeletalMeshComponent : public USceneComponent
{
public:
	USkeletalMesh* GetSkeletalMeshAsset() const { return Mesh; }
	UAnimInstance* GetAnimInstance() const { return Instance; }
	void SetMorphTarget(FName MorphTargetName, float Value, bool bRemoveZeroWeight = true) { Morphs.Add(MorphTargetName, Value); }
	// shim
	USkeletalMesh* Mesh = nullptr;
	UAnimInstance* Instance = nullptr;
	TMap<FName, float> Morphs;
};

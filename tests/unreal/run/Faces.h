// Tables and meshes for faces under test.
#pragma once

#include "Stage.h"

#include "Animation/AnimInstance.h"
#include "Components/SkeletalMeshComponent.h"

namespace Run
{

inline UA2FBridgeMappingTable* Shipped(const TCHAR* Name)
{
	FString Error;
	UA2FBridgeMappingTable* Table = UA2FBridgeMappingTable::LoadShippedTable(Name, Error);
	EXPECT(Table != nullptr);
	return Table;
}

/** A mesh with an animation instance on a face's actor. */
inline USkeletalMeshComponent* AddMesh(UA2FBridgeFaceComponent* Face, UAnimInstance* Instance)
{
	USkeletalMeshComponent* Mesh = new USkeletalMeshComponent();
	Mesh->Outer = Face->GetOwner();
	Mesh->Instance = Instance;
	if (Instance)
	{
		Instance->Outer = Mesh;
	}
	Face->GetOwner()->Components.Add(Mesh);
	return Mesh;
}

} // namespace Run

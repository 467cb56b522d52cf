// The curves of a face as an animation node or instance takes them: copied on the game thread, applied on any.
#pragma once

#include <memory>
#include <vector>

#include "CoreMinimal.h"
#include "Templates/PimplPtr.h"

class UA2FBridgeFaceComponent;
class UA2FBridgeMappingTable;
class UAnimInstance;
struct FA2FBridgePose;
struct FPoseContext;

/** What the node and the instance let people set. */
struct FA2FBridgeCurveOptions
{
	/** Share of the face, 0 to 1. */
	float Alpha = 1.0f;
	/** Whether the share goes with the face's activity. */
	bool bBlendOut = true;
	/** Above 0: the share falls by exp(-rate * seconds) at the end. */
	float BlendOutRate = 0.0f;
	/** New values each tick; off: only with a new animation frame. */
	bool bInterpolate = true;
	/** Table to use instead of the face's. */
	UA2FBridgeMappingTable* Table = nullptr;
	/** Factors by curve. */
	const TMap<FName, float>* Multipliers = nullptr;
	/** Numbers added, by curve. */
	const TMap<FName, float>* Offsets = nullptr;
};

/** Copies a face's curves on the game thread and sets them in a pose on whatever thread evaluates it. */
class A2FBRIDGE_API FA2FBridgeCurves
{
public:
	FA2FBridgeCurves();
	~FA2FBridgeCurves();

	/** Copies what the face of this instance's actor shows now; nothing when it has none. */
	void Copy_GameThread(const UAnimInstance* Instance, const FA2FBridgeCurveOptions& Options, float DeltaSeconds);
	/** The same for a given face. */
	void CopyFace_GameThread(const UA2FBridgeFaceComponent* Face, const FA2FBridgeCurveOptions& Options, float DeltaSeconds);
	/** Sets the copied curves in a pose. */
	void Apply_AnyThread(FPoseContext& Output) const;
	/** Share that was used last, for debugging. */
	float GetShare() const { return Share; }
	/** Curves that are set. */
	int32 Num() const { return Names.Num(); }

private:
	struct FState;
	void Map(const FA2FBridgePose& Pose, UA2FBridgeMappingTable* Table);

	TArray<FName> Names;
	TArray<float> Values;
	float Share = 0.0f;
	TUniquePtr<FState> State;
};

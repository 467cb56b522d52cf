#include "AnimNode_ApplyA2FFace.h"

#include "Animation/AnimInstance.h"
#include "Animation/AnimTrace.h"

#include "A2FBridgeMappingTable.h"

FAnimNode_ApplyA2FFace::FAnimNode_ApplyA2FFace(const FAnimNode_ApplyA2FFace& Other) : FAnimNode_Base(Other)
{
	*this = Other;
}

FAnimNode_ApplyA2FFace& FAnimNode_ApplyA2FFace::operator=(const FAnimNode_ApplyA2FFace& Other)
{
	FAnimNode_Base::operator=(Other);
	Source = Other.Source;
	Alpha = Other.Alpha;
	bBlendOut = Other.bBlendOut;
	BlendOutRate = Other.BlendOutRate;
	bInterpolate = Other.bInterpolate;
	MappingTable = Other.MappingTable;
	CurveMultipliers = Other.CurveMultipliers;
	CurveOffsets = Other.CurveOffsets;
	return *this;
}

void FAnimNode_ApplyA2FFace::Initialize_AnyThread(const FAnimationInitializeContext& Context)
{
	Source.Initialize(Context);
}

void FAnimNode_ApplyA2FFace::CacheBones_AnyThread(const FAnimationCacheBonesContext& Context)
{
	Source.CacheBones(Context);
}

void FAnimNode_ApplyA2FFace::Update_AnyThread(const FAnimationUpdateContext& Context)
{
	GetEvaluateGraphExposedInputs().Execute(Context);
	Source.Update(Context);
	TRACE_ANIM_NODE_VALUE(Context, TEXT("Alpha"), Alpha);
	TRACE_ANIM_NODE_VALUE(Context, TEXT("Share"), Curves.GetShare());
}

void FAnimNode_ApplyA2FFace::Evaluate_AnyThread(FPoseContext& Output)
{
	Source.Evaluate(Output);
	Curves.Apply_AnyThread(Output);
}

void FAnimNode_ApplyA2FFace::GatherDebugData(FNodeDebugData& DebugData)
{
	const FString Line =
		FString::Printf(TEXT("%s(share %.2f, %d curves)"), *DebugData.GetNodeName(this), Curves.GetShare(), Curves.Num());
	DebugData.AddDebugItem(Line);
	Source.GatherDebugData(DebugData);
}

void FAnimNode_ApplyA2FFace::PreUpdate(const UAnimInstance* InAnimInstance)
{
	FA2FBridgeCurveOptions Options;
	Options.Alpha = Alpha;
	Options.bBlendOut = bBlendOut;
	Options.BlendOutRate = BlendOutRate;
	Options.bInterpolate = bInterpolate;
	Options.Table = MappingTable;
	Options.Multipliers = &CurveMultipliers;
	Options.Offsets = &CurveOffsets;
	Curves.Copy_GameThread(InAnimInstance, Options, InAnimInstance->GetDeltaSeconds());
}

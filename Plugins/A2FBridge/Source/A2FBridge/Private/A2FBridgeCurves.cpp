#include "A2FBridgeCurves.h"

#include "Animation/AnimInstance.h"
#include "Animation/AnimNodeBase.h"
#include "Components/SkeletalMeshComponent.h"
#include "GameFramework/Actor.h"

#include "A2FBridge/MappingTable.h"
#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeStats.h"
#include "A2FBridgeText.h"
#include "Speech/CurveBlend.h"

/** What lasts from tick to tick. */
struct FA2FBridgeCurves::FState
{
	TWeakObjectPtr<UA2FBridgeFaceComponent> Face;
	a2fbridge::CurveBlend Blend;
	uint64 Revision = 0;
	// A table of the node's own, bound to the face's shapes.
	std::shared_ptr<const a2fbridge::MappingTable> Table;
	std::shared_ptr<const a2fbridge::MappingPlan> Plan;
	std::vector<double> Scratch;
};

FA2FBridgeCurves::FA2FBridgeCurves() : State(MakeUnique<FState>()) {}

FA2FBridgeCurves::~FA2FBridgeCurves() = default;

void FA2FBridgeCurves::Copy_GameThread(const UAnimInstance* Instance, const FA2FBridgeCurveOptions& Options, float DeltaSeconds)
{
	check(IsInGameThread());
	const USkeletalMeshComponent* Mesh = Instance != nullptr ? Instance->GetSkelMeshComponent() : nullptr;
	const AActor* Owner = Mesh != nullptr ? Mesh->GetOwner() : nullptr;
	UA2FBridgeFaceComponent* Face = State->Face.Get();
	if (Face == nullptr || Face->GetOwner() != Owner)
	{
		Face = Owner != nullptr ? Owner->FindComponentByClass<UA2FBridgeFaceComponent>() : nullptr;
		State->Face = Face;
	}
	CopyFace_GameThread(Face, Options, DeltaSeconds);
}

void FA2FBridgeCurves::CopyFace_GameThread(
	const UA2FBridgeFaceComponent* Face, const FA2FBridgeCurveOptions& Options, float DeltaSeconds)
{
	check(IsInGameThread());
	const FA2FBridgePose Pose = Face != nullptr ? Face->GetPose() : FA2FBridgePose();
	a2fbridge::CurveBlendOptions Blend;
	Blend.alpha = Options.Alpha;
	Blend.blendOut = Options.bBlendOut;
	Blend.blendOutRate = Options.BlendOutRate;
	Blend.stepped = !Options.bInterpolate;
	Share = State->Blend.share(Blend, Pose.Activity, DeltaSeconds);
	const bool bFirst = Names.IsEmpty() || State->Revision != Pose.Revision;
	if (Pose.Names.Num() == 0 || !State->Blend.takes(Blend, Pose.Activity, Pose.Frame, bFirst))
	{
		return;
	}
	if (Options.Table != nullptr && Options.Table != Face->GetTableInForce())
	{
		Map(Pose, Options.Table);
	}
	else
	{
		State->Table.reset();
		Names = TArray<FName>(Pose.Names);
		Values = TArray<float>(Pose.Values);
	}
	State->Revision = Pose.Revision;
	for (int32 Index = 0; Index < Names.Num(); ++Index)
	{
		const float* Multiplier = Options.Multipliers != nullptr ? Options.Multipliers->Find(Names[Index]) : nullptr;
		const float* Offset = Options.Offsets != nullptr ? Options.Offsets->Find(Names[Index]) : nullptr;
		Values[Index] = Values[Index] * (Multiplier != nullptr ? *Multiplier : 1.0f) + (Offset != nullptr ? *Offset : 0.0f);
	}
}

void FA2FBridgeCurves::Map(const FA2FBridgePose& Pose, UA2FBridgeMappingTable* Table)
{
	const std::shared_ptr<const a2fbridge::MappingTable> Compiled = Table->GetTable();
	if (!Compiled)
	{
		return;
	}
	if (State->Table != Compiled || State->Revision != Pose.Revision || !State->Plan)
	{
		std::vector<std::string> Columns;
		for (const FName& Name : Pose.WeightNames)
		{
			Columns.push_back(A2FBridge::ToUtf8(Name.ToString()));
		}
		const auto Plan = Compiled->bind(Columns);
		if (!Plan.ok())
		{
			return;
		}
		State->Table = Compiled;
		State->Plan = Plan.value();
		State->Scratch.resize(Plan.value()->scratchSize());
		Names.Reset();
		for (const std::string& Target : Compiled->targets())
		{
			Names.Add(A2FBridge::NameFromUtf8(Target));
		}
	}
	Values.SetNumZeroed(Names.Num());
	if (State->Plan->inputCount() == static_cast<size_t>(Pose.Weights.Num()))
	{
		State->Plan->apply(Pose.Weights.GetData(), Values.GetData(), State->Scratch.data());
	}
}

void FA2FBridgeCurves::Apply_AnyThread(FPoseContext& Output) const
{
	SCOPE_CYCLE_COUNTER(STAT_A2FBridgeApply);
	if (Share <= 0.0f)
	{
		return; // what is below stays
	}
	for (int32 Index = 0; Index < Names.Num(); ++Index)
	{
		Output.Curve.Set(Names[Index], a2fbridge::blendCurve(Output.Curve.Get(Names[Index]), Values[Index], Share));
	}
}

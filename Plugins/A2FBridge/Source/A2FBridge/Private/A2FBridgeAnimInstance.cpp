#include "A2FBridgeAnimInstance.h"

#include "A2FBridgeMappingTable.h"

void FA2FBridgeAnimInstanceProxy::PreUpdate(UAnimInstance* InAnimInstance, float DeltaSeconds)
{
	FAnimInstanceProxy::PreUpdate(InAnimInstance, DeltaSeconds);
	const UA2FBridgeAnimInstance* Instance = Cast<UA2FBridgeAnimInstance>(InAnimInstance);
	if (Instance == nullptr)
	{
		return;
	}
	FA2FBridgeCurveOptions Options;
	Options.Alpha = Instance->Alpha;
	Options.Table = Instance->MappingTable;
	Options.bBlendOut = false; // there is nothing below
	Curves.Copy_GameThread(InAnimInstance, Options, DeltaSeconds);
}

bool FA2FBridgeAnimInstanceProxy::Evaluate(FPoseContext& Output)
{
	Output.ResetToRefPose();
	Curves.Apply_AnyThread(Output);
	return true;
}

FAnimInstanceProxy* UA2FBridgeAnimInstance::CreateAnimInstanceProxy()
{
	return new FA2FBridgeAnimInstanceProxy(this);
}

void UA2FBridgeAnimInstance::DestroyAnimInstanceProxy(FAnimInstanceProxy* InProxy)
{
	delete InProxy;
}

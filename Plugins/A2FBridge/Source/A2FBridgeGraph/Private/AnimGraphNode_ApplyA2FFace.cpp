#include "AnimGraphNode_ApplyA2FFace.h"

#define LOCTEXT_NAMESPACE "A2FBridgeGraph"

FText UAnimGraphNode_ApplyA2FFace::GetNodeTitle(ENodeTitleType::Type TitleType) const
{
	return LOCTEXT("Title", "Apply A2F Face");
}

FText UAnimGraphNode_ApplyA2FFace::GetTooltipText() const
{
	return LOCTEXT("Tooltip",
		"Sets the curves of the actor's A2FBridge face in the pose. In a MetaHuman's Face_AnimBP, put it before the ARKit pose mapping's result is used, and leave that mapping out: the table speaks the rig's own curves.");
}

FLinearColor UAnimGraphNode_ApplyA2FFace::GetNodeTitleColor() const
{
	return FLinearColor(0.2f, 0.6f, 0.4f);
}

FText UAnimGraphNode_ApplyA2FFace::GetMenuCategory() const
{
	return LOCTEXT("Category", "A2FBridge");
}

#undef LOCTEXT_NAMESPACE

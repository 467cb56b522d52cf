// The editor's half of the AnimGraph node Apply A2F Face.
#pragma once

#include "AnimGraphNode_Base.h"
#include "CoreMinimal.h"

#include "AnimNode_ApplyA2FFace.h"

#include "AnimGraphNode_ApplyA2FFace.generated.h"

/** Apply A2F Face: sets the curves of the actor's A2FBridge face in the pose. */
UCLASS()
class A2FBRIDGEGRAPH_API UAnimGraphNode_ApplyA2FFace : public UAnimGraphNode_Base
{
	GENERATED_BODY()

public:
	/** The node itself. */
	UPROPERTY(EditAnywhere, Category = Settings)
	FAnimNode_ApplyA2FFace Node;

	//~ Begin UEdGraphNode
	virtual FText GetNodeTitle(ENodeTitleType::Type TitleType) const override;
	virtual FText GetTooltipText() const override;
	virtual FLinearColor GetNodeTitleColor() const override;
	virtual FText GetMenuCategory() const override;
	//~ End UEdGraphNode
};

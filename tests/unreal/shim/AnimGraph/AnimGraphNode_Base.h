// Nodes of the AnimGraph editor.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/ENodeTitleType (header: AnimGraph)
namespace ENodeTitleType
{
enum Type
{
	FullTitle,
	ListView,
	EditableTitle,
	MenuTitle
};
}

// EPIC Runtime/Engine/UEdGraphNode (header: AnimGraph)
class UEdGraphNode : public UObject
{
public:
	virtual FText GetNodeTitle(ENodeTitleType::Type TitleType) const { return FText(); }
	virtual FText GetTooltipText() const { return FText(); }
	virtual FLinearColor GetNodeTitleColor() const { return FLinearColor(); }
};

// EPIC Editor/BlueprintGraph/UK2Node (header: AnimGraph)
class UK2Node : public UEdGraphNode
{
public:
	virtual FText GetMenuCategory() const { return FText(); }
};

// EPIC Editor/AnimGraph/UAnimGraphNode_Base
class UAnimGraphNode_Base : public UK2Node
{
};

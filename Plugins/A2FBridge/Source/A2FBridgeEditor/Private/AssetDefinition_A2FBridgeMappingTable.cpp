#include "AssetDefinition_A2FBridgeMappingTable.h"

#include "A2FBridgeMappingTable.h"

#define LOCTEXT_NAMESPACE "A2FBridgeEditor"

FText UAssetDefinition_A2FBridgeMappingTable::GetAssetDisplayName() const
{
	return LOCTEXT("MappingTable", "A2FBridge Mapping Table");
}

FLinearColor UAssetDefinition_A2FBridgeMappingTable::GetAssetColor() const
{
	return FLinearColor(FColor(60, 160, 110));
}

TSoftClassPtr<UObject> UAssetDefinition_A2FBridgeMappingTable::GetAssetClass() const
{
	return UA2FBridgeMappingTable::StaticClass();
}

TConstArrayView<FAssetCategoryPath> UAssetDefinition_A2FBridgeMappingTable::GetAssetCategories() const
{
	static const FAssetCategoryPath Categories[] = {EAssetCategoryPaths::Animation};
	return Categories;
}

bool UAssetDefinition_A2FBridgeMappingTable::CanImport() const
{
	return true;
}

#undef LOCTEXT_NAMESPACE

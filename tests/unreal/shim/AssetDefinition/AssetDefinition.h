// How assets look.
#pragma once

#include "UObject/Object.h"

// EPIC Editor/AssetDefinition/FAssetCategoryPath
struct FAssetCategoryPath
{
	FText Name;
};

// EPIC Editor/AssetDefinition/EAssetCategoryPaths
struct EAssetCategoryPaths
{
	inline static FAssetCategoryPath Animation;
	inline static FAssetCategoryPath Misc;
};

// EPIC Editor/AssetDefinition/UAssetDefinition
class UAssetDefinition : public UObject
{
public:
	virtual FText GetAssetDisplayName() const = 0;
	virtual FLinearColor GetAssetColor() const = 0;
	virtual TSoftClassPtr<UObject> GetAssetClass() const = 0;
	virtual TConstArrayView<FAssetCategoryPath> GetAssetCategories() const { return TConstArrayView<FAssetCategoryPath>(); }
	virtual bool CanImport() const { return false; }
};

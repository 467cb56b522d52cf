// How mapping tables look in the Content Browser.
#pragma once

#include "AssetDefinitionDefault.h"
#include "CoreMinimal.h"

#include "AssetDefinition_A2FBridgeMappingTable.generated.h"

/** Name, colour and category of mapping tables. */
UCLASS()
class UAssetDefinition_A2FBridgeMappingTable : public UAssetDefinitionDefault
{
	GENERATED_BODY()

public:
	//~ Begin UAssetDefinition
	virtual FText GetAssetDisplayName() const override;
	virtual FLinearColor GetAssetColor() const override;
	virtual TSoftClassPtr<UObject> GetAssetClass() const override;
	virtual TConstArrayView<FAssetCategoryPath> GetAssetCategories() const override;
	virtual bool CanImport() const override;
	//~ End UAssetDefinition
};

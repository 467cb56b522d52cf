// The layout of a details panel.
#pragma once

#include "DetailCategoryBuilder.h"
#include "UObject/Object.h"

// EPIC Runtime/SlateCore/FSlateFontInfo (header: PropertyEditor)
struct FSlateFontInfo
{
};

// EPIC Editor/PropertyEditor/IDetailLayoutBuilder
class IDetailLayoutBuilder
{
public:
	static FSlateFontInfo GetDetailFont() { return {}; }
	void GetObjectsBeingCustomized(TArray<TWeakObjectPtr<UObject>>& OutObjects) const { OutObjects = Objects; }
	IDetailCategoryBuilder& EditCategory(FName CategoryName, const FText& NewLocalizedDisplayName = FText::GetEmpty()) { return Categories.FindOrAdd(CategoryName); }
	// shim
	TArray<TWeakObjectPtr<UObject>> Objects;
	TMap<FName, IDetailCategoryBuilder> Categories;
};

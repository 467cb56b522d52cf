// Categories of details panels.
#pragma once

#include "DetailWidgetRow.h"

// EPIC Editor/PropertyEditor/IDetailCategoryBuilder
class IDetailCategoryBuilder
{
public:
	FDetailWidgetRow& AddCustomRow(const FText& FilterString, bool bForAdvanced = false)
	{
		Rows.push_back(FilterString.ToString());
		return Row;
	}
	// shim
	std::vector<FString> Rows;
	FDetailWidgetRow Row;
};

// Rows of details panels.
#pragma once

#include "Widgets/SBoxPanel.h"

// EPIC Editor/PropertyEditor/FDetailWidgetRow
class FDetailWidgetRow
{
public:
	class FDetailWidgetDecl
	{
	public:
		explicit FDetailWidgetDecl(FDetailWidgetRow& InRow) : Row(InRow) {}
		FDetailWidgetDecl& MinDesiredWidth(float Width) { return *this; }
		FDetailWidgetRow& operator[](TSharedRef<SWidget> Widget) { return Row; }

	private:
		FDetailWidgetRow& Row;
	};
	FDetailWidgetDecl NameContent() { return FDetailWidgetDecl(*this); }
	FDetailWidgetDecl ValueContent() { return FDetailWidgetDecl(*this); }
};

// Customisation of details panels.
#pragma once

#include "CoreMinimal.h"

class IDetailLayoutBuilder;

// EPIC Editor/PropertyEditor/IDetailCustomization
class IDetailCustomization : public TSharedFromThis<IDetailCustomization>
{
public:
	virtual ~IDetailCustomization() = default;
	virtual void CustomizeDetails(IDetailLayoutBuilder& DetailBuilder) = 0;
};

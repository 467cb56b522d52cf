// Details panels: of mapping tables (inputs, curves, weights) and of the project settings (the local server).
#pragma once

#include "CoreMinimal.h"
#include "IDetailCustomization.h"

/** Shows what a table does: each blend shape with the curves that it drives, and what is wrong. */
class FA2FBridgeMappingDetails final : public IDetailCustomization
{
public:
	static TSharedRef<IDetailCustomization> MakeInstance();
	virtual void CustomizeDetails(IDetailLayoutBuilder& DetailBuilder) override;
};

/** Adds the buttons that make the local environment and start the local server, and their state. */
class FA2FBridgeSettingsDetails final : public IDetailCustomization
{
public:
	static TSharedRef<IDetailCustomization> MakeInstance();
	virtual void CustomizeDetails(IDetailLayoutBuilder& DetailBuilder) override;
};

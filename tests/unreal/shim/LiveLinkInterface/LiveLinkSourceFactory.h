// Factories of sources.
#pragma once

#include "ILiveLinkSource.h"
#include "UObject/Object.h"

// EPIC Runtime/LiveLinkInterface/ULiveLinkSourceFactory
class ULiveLinkSourceFactory : public UObject
{
public:
	enum class EMenuType : uint8
	{
		SubPanel,
		MenuEntry,
		Disabled
	};
	virtual FText GetSourceDisplayName() const = 0;
	virtual FText GetSourceTooltip() const = 0;
	virtual EMenuType GetMenuType() const { return EMenuType::Disabled; }
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const { return nullptr; }
};

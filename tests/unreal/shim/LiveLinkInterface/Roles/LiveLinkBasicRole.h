// The Basic role.
#pragma once

#include "LiveLinkTypes.h"

// EPIC Runtime/LiveLinkInterface/ULiveLinkRole
class ULiveLinkRole : public UObject
{
};

// EPIC Runtime/LiveLinkInterface/ULiveLinkBasicRole
class ULiveLinkBasicRole : public ULiveLinkRole
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("LiveLinkBasicRole"), UObject::StaticClass(), nullptr);
		return &Class;
	}
};

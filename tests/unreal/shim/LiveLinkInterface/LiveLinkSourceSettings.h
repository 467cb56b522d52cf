// What a source is set to.
#pragma once

#include "Templates/SubclassOf.h"
#include "UObject/Object.h"

class ULiveLinkSourceFactory;

// EPIC Runtime/LiveLinkInterface/ULiveLinkSourceSettings
class ULiveLinkSourceSettings : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("LiveLinkSourceSettings"), UObject::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<ULiveLinkSourceSettings>(Outer); });
		return &Class;
	}
	FString ConnectionString;
	TSubclassOf<ULiveLinkSourceFactory> Factory = nullptr;
};

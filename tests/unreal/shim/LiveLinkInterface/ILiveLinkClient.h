// The client that sources push to.
#pragma once

#include "Features/IModularFeatures.h"
#include "ILiveLinkSource.h"
#include "LiveLinkTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Templates/SubclassOf.h"

// EPIC Runtime/LiveLinkInterface/ILiveLinkClient
class ILiveLinkClient : public IModularFeature
{
public:
	inline static const FName ModularFeatureName = TEXT("ModularFeature_LiveLinkClient");
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& SubjectKey, TSubclassOf<ULiveLinkRole> Role, FLiveLinkStaticDataStruct&& StaticData) = 0;
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& SubjectKey, FLiveLinkFrameDataStruct&& FrameData) = 0;
	virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey& SubjectKey) = 0;
	// shim: the source that presets find
	static ILiveLinkSource*& ShimSource()
	{
		static ILiveLinkSource* Source = nullptr;
		return Source;
	}
};

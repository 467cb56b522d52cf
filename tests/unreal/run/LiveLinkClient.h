// A Live Link that keeps what is pushed.
#pragma once

#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"

namespace Run
{

/** Keeps what was pushed. */
class FLiveLinkClient final : public ILiveLinkClient
{
public:
	FLiveLinkClient() { IModularFeatures::Get().RegisterModularFeature(ModularFeatureName, this); }
	virtual ~FLiveLinkClient() override { ShimSource() = nullptr; IModularFeatures::Get().UnregisterModularFeature(ModularFeatureName, this); }
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource> InSource) override
	{
		Source = InSource;
		ShimSource() = Source.Get();
		Source->ReceiveClient(this, FGuid{7});
		return FGuid{7};
	}
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& Key, TSubclassOf<ULiveLinkRole>, FLiveLinkStaticDataStruct&& Data) override
	{
		Names.Add(Key.SubjectName, Data.Cast<FLiveLinkBaseStaticData>()->PropertyNames);
		++Statics;
	}
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& Key, FLiveLinkFrameDataStruct&& Data) override { Values.Add(Key.SubjectName, Data.Cast<FLiveLinkBaseFrameData>()->PropertyValues); }
	virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey& Key) override { Values.Remove(Key.SubjectName); }
	float Value(const char* Subject, const char* Name)
	{
		const TArray<FName>* Known = Names.Find(FName(Subject));
		const int32 At = Known ? Known->Find(FName(Name)) : INDEX_NONE;
		return At != INDEX_NONE ? (*Values.Find(FName(Subject)))[At] : -1.0f;
	}
	TSharedPtr<ILiveLinkSource> Source;
	TMap<FName, TArray<FName>> Names;
	TMap<FName, TArray<float>> Values;
	int32 Statics = 0;
};

} // namespace Run

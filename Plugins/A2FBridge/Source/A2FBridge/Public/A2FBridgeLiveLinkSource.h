// The Live Link source that faces send through, and its factory.
#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"
#include "LiveLinkSourceFactory.h"

#include "A2FBridgeLiveLinkSource.generated.h"

class ULiveLinkSourceSettings;

/** Sends the curves of faces as subjects of the Basic role, as the Live Link Face app does. One is enough for all faces; a face that sends adds it by itself. */
class A2FBRIDGE_API FA2FBridgeLiveLinkSource final : public ILiveLinkSource
{
public:
	//~ Begin ILiveLinkSource
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual void InitializeSettings(ULiveLinkSourceSettings* Settings) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;
	//~ End ILiveLinkSource

	/** The source in use, added to Live Link if there is none; null without Live Link. Game thread. */
	static TSharedPtr<FA2FBridgeLiveLinkSource> FindOrAdd();

	/** Sends one pose. Static data is sent anew only when the names change: Live Link forgets its frames with it. Game thread. */
	void Push(FName Subject, TConstArrayView<FName> Names, TConstArrayView<float> Values);
	/** Takes a subject away. */
	void Remove(FName Subject);

private:
	ILiveLinkClient* Client = nullptr;
	FGuid Guid;
	TMap<FName, TArray<FName>> Subjects;
};

/** Lets people add the source in the Live Link window, and presets make it. */
UCLASS()
class A2FBRIDGE_API UA2FBridgeLiveLinkSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
	//~ Begin ULiveLinkSourceFactory
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
	virtual EMenuType GetMenuType() const override;
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;
	//~ End ULiveLinkSourceFactory
};

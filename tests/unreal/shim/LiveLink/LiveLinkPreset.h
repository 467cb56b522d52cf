// Presets: sources and subjects to make again.
#pragma once

#include "ILiveLinkClient.h"
#include "LiveLinkSourceSettings.h"

// EPIC Runtime/LiveLinkInterface/FLiveLinkSourcePreset (header: LiveLink)
struct FLiveLinkSourcePreset
{
	FGuid Guid;
	TObjectPtr<ULiveLinkSourceSettings> Settings;
	FText SourceType;
};

// EPIC Plugins/LiveLink/ULiveLinkPreset
class ULiveLinkPreset : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("LiveLinkPreset"), UObject::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<ULiveLinkPreset>(Outer); });
		return &Class;
	}
	const TArray<FLiveLinkSourcePreset>& GetSourcePresets() const { return Sources; }
	void BuildFromClient()
	{
		Sources.Reset();
		if (ILiveLinkSource* Source = ILiveLinkClient::ShimSource())
		{
			FLiveLinkSourcePreset Preset;
			Preset.Settings = NewObject<ULiveLinkSourceSettings>(this);
			Preset.SourceType = Source->GetSourceType();
			Source->InitializeSettings(Preset.Settings);
			Sources.Add(Preset);
		}
	}

private:
	TArray<FLiveLinkSourcePreset> Sources;
};

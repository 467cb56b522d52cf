// Modular features.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/Core/IModularFeature
class IModularFeature
{
public:
	virtual ~IModularFeature() = default;
};

// EPIC Runtime/Core/IModularFeatures
class IModularFeatures
{
public:
	static IModularFeatures& Get()
	{
		static IModularFeatures Features;
		return Features;
	}
	bool IsModularFeatureAvailable(const FName Type) const { return Known.Contains(Type); }
	template <typename Feature>
	Feature& GetModularFeature(const FName Type)
	{
		return static_cast<Feature&>(**Known.Find(Type));
	}
	void RegisterModularFeature(const FName Type, IModularFeature* Feature) { Known.Add(Type, Feature); }
	void UnregisterModularFeature(const FName Type, IModularFeature* Feature) { Known.Remove(Type); }

private:
	TMap<FName, IModularFeature*> Known;
};

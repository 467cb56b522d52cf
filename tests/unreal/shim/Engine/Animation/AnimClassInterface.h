// What an animation Blueprint's class tells of its nodes.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/IAnimClassInterface
class IAnimClassInterface
{
public:
	virtual ~IAnimClassInterface() = default;
	virtual const TArray<FStructProperty*>& GetAnimNodeProperties() const = 0;
	static const IAnimClassInterface* GetFromClass(const UClass* InClass) { return Registered; }
	// shim
	inline static const IAnimClassInterface* Registered = nullptr;
};

// Live sound: a microphone, or what a submix of the game plays.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "Templates/UniquePtr.h"

class UObject;
class USoundSubmix;

namespace a2fbridge
{
class LiveQueue;
}

/** A running capture; ends when it is destroyed. Game thread. */
class IA2FBridgeLiveInput
{
public:
	virtual ~IA2FBridgeLiveInput() = default;
	/** What was captured, to be taken each tick. */
	virtual a2fbridge::LiveQueue& GetQueue() = 0;
};

namespace A2FBridge
{
/** Opens a microphone: by a part of its name, or the system's default when that is empty. Nothing, and why, when it cannot be had. */
TUniquePtr<IA2FBridgeLiveInput> OpenMicrophone(const FString& Device, FString& OutError);
/** Listens to a submix; null is the main one. */
TUniquePtr<IA2FBridgeLiveInput> OpenSubmix(const UObject* WorldContext, USoundSubmix* Submix, FString& OutError);
} // namespace A2FBridge

// Faces as Live Link subjects.
#pragma once

#include "CoreMinimal.h"

class UA2FBridgeFaceComponent;

namespace A2FBridge
{
/** Pushes what a face shows now; adds our source to Live Link when it is not there. Game thread. */
void SendToLiveLink(UA2FBridgeFaceComponent* Face);
/** Takes a face's subject away. */
void RemoveLiveLinkSubject(const UA2FBridgeFaceComponent* Face);
/** Why subjects cannot be sent; empty when they can. */
FString GetLiveLinkProblem();
} // namespace A2FBridge

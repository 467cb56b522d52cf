// Settings of a stream as the client library takes them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CoreMinimal.h"

#include "A2FBridgeConnection.h"
#include "A2FBridgeStreamSettings.h"
#include "Speech/NativeSource.h"

namespace A2FBridge
{
/** Names and numbers for the core. */
std::vector<std::pair<std::string, double>> NamedNumbers(const TMap<FName, float>& Values);
/** A key of emotions for the core, values within 0 to 1. */
a2fbridge::EmotionKey KeyOf(const FA2FBridgeEmotionKey& Key);
/** Seconds that sound is sent ahead of its own pace; nothing: as fast as the server takes it. */
std::optional<double> LeadOf(const FA2FBridgeConnection& Connection, const FA2FBridgeStreamSettings& Settings);
/** Everything that is asked of a server for one stream. */
a2fbridge::NativeStreamOptions NativeOptions(const FA2FBridgeConnection& Connection, const FA2FBridgeStreamSettings& Settings);
} // namespace A2FBridge

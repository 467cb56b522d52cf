// Names and order of the 68 blend shapes and the ten emotions (docs/mapping.md, tests/vectors).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

inline constexpr std::size_t kArkitCount = 52;  ///< ARKit shapes, the first of the 68.
inline constexpr std::size_t kTongueCount = 16; ///< Tongue shapes, after the 52.
inline constexpr std::size_t kFaceCount = kArkitCount + kTongueCount;
inline constexpr std::size_t kEmotionCount = 10;
inline constexpr std::size_t kNotFound = static_cast<std::size_t>(-1);

/// The 68 names in NVIDIA's order, PascalCase ("EyeBlinkLeft"). What a server sends is named by its header all the
/// same: look names up, do not count on the order.
A2FBRIDGECORE_API const std::array<std::string_view, kFaceCount>& faceNames();
/// The ten emotions in NVIDIA's order, lower case ("amazement").
A2FBRIDGECORE_API const std::array<std::string_view, kEmotionCount>& emotionNames();

/// Returns the index of a blend shape, compared without case ("jawOpen" is "JawOpen"), or kNotFound.
A2FBRIDGECORE_API std::size_t faceIndex(std::string_view name);
/// Returns the index of an emotion, compared without case; "out_of_breath" is "outofbreath". Or kNotFound.
A2FBRIDGECORE_API std::size_t emotionIndex(std::string_view name);

/// Returns ARKit's spelling of a name: "JawOpen" -> "jawOpen".
A2FBRIDGECORE_API std::string camelCase(std::string_view name);
/// Returns the name as names are compared: A-Z in lower case, everything else as it is.
A2FBRIDGECORE_API std::string foldName(std::string_view name);
/// Returns the known name that is most like `name` (at least 0.6 of it fits, as in Python's difflib), or "".
A2FBRIDGECORE_API std::string nearestName(std::string_view name, Span<std::string> known);

} // namespace a2fbridge

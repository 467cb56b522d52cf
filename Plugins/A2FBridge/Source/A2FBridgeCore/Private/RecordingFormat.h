// Numbers that reader and writer of recordings share (docs/formats.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace a2fbridge
{

inline constexpr std::string_view kRecordingMagic = "A2FREC\r\n";
inline constexpr std::uint16_t kRecordingVersion = 1;
inline constexpr std::size_t kRecordingFixed = 16; ///< Bytes before the header's text.
inline constexpr std::size_t kRecordHead = 8;      ///< type, reserved, length
inline constexpr std::size_t kRecordTail = 4;      ///< checksum
inline constexpr std::size_t kFrameHead = 16;      ///< sample index, time code
inline constexpr std::size_t kIndexBytes = 8;      ///< sample index of audio and events

} // namespace a2fbridge

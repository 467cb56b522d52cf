// Little-endian numbers in byte buffers, and the checksum of recordings.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "A2FBridge/Span.h"

namespace a2fbridge
{

template <std::size_t Size>
struct UnsignedOf;
template <>
struct UnsignedOf<1>
{
    using Type = std::uint8_t;
};
template <>
struct UnsignedOf<2>
{
    using Type = std::uint16_t;
};
template <>
struct UnsignedOf<4>
{
    using Type = std::uint32_t;
};
template <>
struct UnsignedOf<8>
{
    using Type = std::uint64_t;
};

/// The number of type T at `bytes`, which need not be aligned.
template <class T>
T loadLittle(const std::uint8_t* bytes)
{
    using Bits = typename UnsignedOf<sizeof(T)>::Type;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
    {
        bits |= static_cast<std::uint64_t>(bytes[i]) << (8U * i);
    }
    const auto narrowed = static_cast<Bits>(bits);
    T value;
    std::memcpy(&value, &narrowed, sizeof(T));
    return value;
}

template <class T>
void appendLittle(std::vector<std::uint8_t>& out, T value)
{
    typename UnsignedOf<sizeof(T)>::Type narrowed;
    std::memcpy(&narrowed, &value, sizeof(T));
    const std::uint64_t bits = narrowed;
    for (std::size_t i = 0; i < sizeof(T); ++i)
    {
        out.push_back(static_cast<std::uint8_t>((bits >> (8U * i)) & 0xFFU));
    }
}

/// CRC-32 as in zlib (polynomial 0xEDB88320), eight bytes at a time.
std::uint32_t crc32(Span<std::uint8_t> bytes);

} // namespace a2fbridge

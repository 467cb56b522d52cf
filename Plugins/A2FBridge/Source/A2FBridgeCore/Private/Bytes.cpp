#include "Bytes.h"

namespace a2fbridge
{
namespace
{

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

Table makeTable()
{
    Table table{};
    for (std::uint32_t i = 0; i < 256; ++i)
    {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
        {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
        }
        table[0][i] = crc;
    }
    for (std::size_t i = 0; i < 256; ++i)
    {
        for (std::size_t slice = 1; slice < 8; ++slice)
        {
            const std::uint32_t before = table[slice - 1][i];
            table[slice][i] = (before >> 8U) ^ table[0][before & 0xFFU];
        }
    }
    return table;
}

} // namespace

std::uint32_t crc32(Span<std::uint8_t> bytes)
{
    static const Table table = makeTable();
    std::uint32_t crc = 0xFFFFFFFFU;
    std::size_t at = 0;
    for (; bytes.size() - at >= 8; at += 8)
    {
        const std::uint32_t low = loadLittle<std::uint32_t>(bytes.data() + at) ^ crc;
        const auto high = loadLittle<std::uint32_t>(bytes.data() + at + 4);
        crc = table[7][low & 0xFFU] ^ table[6][(low >> 8U) & 0xFFU] ^ table[5][(low >> 16U) & 0xFFU] ^
              table[4][low >> 24U] ^ table[3][high & 0xFFU] ^ table[2][(high >> 8U) & 0xFFU] ^
              table[1][(high >> 16U) & 0xFFU] ^ table[0][high >> 24U];
    }
    for (; at < bytes.size(); ++at)
    {
        crc = (crc >> 8U) ^ table[0][(crc ^ bytes[at]) & 0xFFU];
    }
    return ~crc;
}

} // namespace a2fbridge

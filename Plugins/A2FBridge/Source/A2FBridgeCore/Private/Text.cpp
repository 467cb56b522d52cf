#include "Text.h"

#include <cmath>
#include <limits>
#include <locale>
#include <sstream>

namespace a2fbridge
{

void appendUtf8(std::string& text, char32_t code)
{
    const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (code < 0x80)
    {
        put(code);
    }
    else if (code < 0x800)
    {
        put(0xC0U | (code >> 6U));
        put(0x80U | (code & 0x3FU));
    }
    else if (code < 0x10000)
    {
        put(0xE0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
    else
    {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

std::string toUtf8(std::u32string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char32_t code : text)
    {
        appendUtf8(out, code);
    }
    return out;
}

std::optional<char32_t> nextUtf8(std::string_view text, std::size_t& at)
{
    const auto byte = [text](std::size_t index) -> char32_t { return static_cast<unsigned char>(text[index]); };
    const char32_t lead = byte(at);
    if (lead < 0x80)
    {
        ++at;
        return lead;
    }
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - at <= more)
    {
        return std::nullopt;
    }
    char32_t code = lead & (0x3FU >> more);
    for (std::size_t i = 1; i <= more; ++i)
    {
        if ((byte(at + i) & 0xC0U) != 0x80U)
        {
            return std::nullopt;
        }
        code = (code << 6U) | (byte(at + i) & 0x3FU);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF)
    {
        return std::nullopt;
    }
    at += more + 1;
    return code;
}

std::optional<double> decimalValue(const std::string& text)
{
    std::istringstream stream(text);
    stream.imbue(std::locale::classic());
    double value = 0.0;
    stream >> value;
    // A failed read leaves the largest number (or infinity) on overflow; on underflow the value is right, though some
    // libraries call it a failure too.
    if (!std::isfinite(value) || (stream.fail() && std::abs(value) >= std::numeric_limits<double>::max()))
    {
        return std::nullopt;
    }
    return value;
}

std::string shortNumber(double value)
{
    std::ostringstream stream;
    stream.imbue(std::locale::classic());
    stream << value;
    return stream.str();
}

} // namespace a2fbridge

// Characters and numbers: the parts of text handling that the standard library leaves to the locale or throws in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace a2fbridge
{

/// Appends a code point in UTF-8.
void appendUtf8(std::string& text, char32_t code);
std::string toUtf8(std::u32string_view text);

/// Decodes the UTF-8 sequence that begins at `at` and moves on; nothing when it is not well-formed (overlong,
/// surrogate, cut off, beyond U+10FFFF).
std::optional<char32_t> nextUtf8(std::string_view text, std::size_t& at);

/// Returns the nearest binary64 of a decimal number such as "-1.5e3", whatever the locale; nothing when it overflows.
std::optional<double> decimalValue(const std::string& text);

/// Returns the number with at most six significant digits, as printf's %g, whatever the locale.
std::string shortNumber(double value);

} // namespace a2fbridge

#include "Json.h"

#include <limits>

#include "Text.h"

namespace a2fbridge
{
namespace
{

constexpr int kMaxDepth = 512;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();)
    {
        if (!nextUtf8(text, at))
        {
            return false;
        }
    }
    return true;
}

} // namespace

bool isJsonObject(std::string_view text)
{
    JsonCursor cursor(text);
    if (cursor.kind() != '{' || !isUtf8(text))
    {
        return false;
    }
    cursor.skip();
    return cursor.atEnd();
}

void appendJsonString(std::string& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text)
    {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
        {
            out.push_back('\\');
            out.push_back(c);
        }
        else if (byte < 0x20)
        {
            out += "\\u00";
            out.push_back(digits[byte >> 4U]);
            out.push_back(digits[byte & 0xFU]);
        }
        else
        {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

bool JsonCursor::fail()
{
    failed_ = true;
    at_ = text_.size();
    return false;
}

void JsonCursor::space()
{
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
    {
        ++at_;
    }
}

bool JsonCursor::take(char expected)
{
    space();
    if (failed_ || at_ >= text_.size() || peek() != expected)
    {
        return fail();
    }
    ++at_;
    return true;
}

char JsonCursor::kind()
{
    space();
    const char c = peek();
    return c == '-' || isDigit(c) || c == 'N' || c == 'I' ? '0' : c;
}

bool JsonCursor::enterObject()
{
    fresh_ = take('{');
    return fresh_;
}

bool JsonCursor::enterArray()
{
    fresh_ = take('[');
    return fresh_;
}

/// Passes the comma before the next element; false behind the closing bracket.
bool JsonCursor::nextOf(char closing)
{
    space();
    const bool first = fresh_;
    fresh_ = false;
    if (!failed_ && peek() == closing)
    {
        ++at_;
        return false;
    }
    return first ? !failed_ : take(',');
}

bool JsonCursor::nextKey(std::string& key)
{
    return nextOf('}') && readString(key) && take(':');
}

bool JsonCursor::nextItem()
{
    return nextOf(']');
}

bool JsonCursor::atEnd()
{
    space();
    return !failed_ && at_ == text_.size();
}

bool JsonCursor::hexadecimal(char32_t& code)
{
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_)
    {
        const char c = peek();
        const char lower = static_cast<char>(c | 0x20);
        if (isDigit(c))
        {
            code = code * 16 + static_cast<char32_t>(c - '0');
        }
        else if (lower >= 'a' && lower <= 'f')
        {
            code = code * 16 + static_cast<char32_t>(lower - 'a' + 10);
        }
        else
        {
            return fail();
        }
    }
    return true;
}

/// What follows a backslash. Half a surrogate pair becomes U+FFFD: UTF-8 cannot hold it.
bool JsonCursor::escape(std::string& value)
{
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    ++at_;
    if (letter != 'u')
    {
        const std::size_t known = letter != '\0' ? letters.find(letter) : std::string_view::npos;
        if (known == std::string_view::npos)
        {
            return fail();
        }
        value.push_back(meanings[known]);
        return true;
    }
    char32_t code = 0;
    if (!hexadecimal(code))
    {
        return false;
    }
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u")
    {
        const std::size_t back = at_;
        char32_t low = 0;
        at_ += 2;
        if (!hexadecimal(low))
        {
            return false;
        }
        if (low >= 0xDC00 && low < 0xE000)
        {
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        else
        {
            at_ = back;
        }
    }
    appendUtf8(value, code >= 0xD800 && code < 0xE000 ? char32_t{0xFFFD} : code);
    return true;
}

bool JsonCursor::readString(std::string& value)
{
    value.clear();
    if (!take('"'))
    {
        return false;
    }
    while (at_ < text_.size())
    {
        const char c = text_[at_++];
        if (c == '"')
        {
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20)
        {
            return fail();
        }
        if (c != '\\')
        {
            value.push_back(c);
        }
        else if (!escape(value))
        {
            return false;
        }
    }
    return fail();
}

bool JsonCursor::digits()
{
    const std::size_t start = at_;
    while (isDigit(peek()))
    {
        ++at_;
    }
    return at_ > start || fail();
}

bool JsonCursor::word(std::string_view expected)
{
    if (text_.substr(at_, expected.size()) != expected)
    {
        return fail();
    }
    at_ += expected.size();
    return true;
}

/// A number as JSON has it; also NaN and the infinities, which Python writes and reads.
bool JsonCursor::number(bool& integer)
{
    integer = false;
    if (peek() == 'N')
    {
        return word("NaN");
    }
    at_ += peek() == '-' ? 1 : 0;
    if (peek() == 'I')
    {
        return word("Infinity");
    }
    if (peek() == '0')
    {
        ++at_;
    }
    else if (!digits())
    {
        return false;
    }
    integer = true;
    if (peek() == '.')
    {
        integer = false;
        ++at_;
        if (!digits())
        {
            return false;
        }
    }
    if (peek() == 'e' || peek() == 'E')
    {
        integer = false;
        ++at_;
        at_ += peek() == '-' || peek() == '+' ? 1 : 0;
        return digits();
    }
    return true;
}

bool JsonCursor::readInteger(std::int64_t& value)
{
    space();
    const std::size_t start = at_;
    bool integer = false;
    if (failed_ || kind() != '0' || !number(integer) || !integer)
    {
        return false;
    }
    const bool negative = text_[start] == '-';
    value = 0;
    for (std::size_t i = start + (negative ? 1 : 0); i < at_; ++i)
    {
        const int digit = text_[i] - '0';
        if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10)
        {
            return false;
        }
        value = value * 10 + digit;
    }
    value = negative ? -value : value;
    return true;
}

std::string_view JsonCursor::skip()
{
    space();
    const std::size_t start = at_;
    return value(1) ? text_.substr(start, at_ - start) : std::string_view();
}

bool JsonCursor::value(int depth)
{
    if (failed_ || depth > kMaxDepth)
    {
        return fail();
    }
    std::string ignored;
    bool integer = false;
    switch (kind())
    {
    case '{':
        enterObject();
        while (nextKey(ignored))
        {
            value(depth + 1);
        }
        break;
    case '[':
        enterArray();
        while (nextItem())
        {
            value(depth + 1);
        }
        break;
    case '"':
        readString(ignored);
        break;
    case '0':
        number(integer);
        break;
    case 't':
        word("true");
        break;
    case 'f':
        word("false");
        break;
    case 'n':
        word("null");
        break;
    default:
        fail();
    }
    return !failed_;
}

} // namespace a2fbridge

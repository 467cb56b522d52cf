#include "YamlText.h"

#include <array>

#include "Text.h"

namespace a2fbridge
{
namespace
{

/// Follows lines and columns while a text is decoded.
struct Walker
{
    Place place;

    void pass(char32_t code)
    {
        if (code == U'\n')
        {
            ++place.line;
            place.column = 1;
        }
        else
        {
            ++place.column;
        }
    }
};

bool allowed(char32_t code, char32_t following)
{
    if (code == U'\r')
    {
        return following == U'\n';
    }
    return code == U'\n' || (code >= 0x20 && code <= 0x7E) || (code >= 0xA0 && code <= 0x2027) ||
           (code >= 0x202A && code <= 0xD7FF) || (code >= 0xE000 && code <= 0xFEFE) ||
           (code >= 0xFF00 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

std::string hexadecimal(char32_t code)
{
    static constexpr std::array<char, 16> digits = {'0', '1', '2', '3', '4', '5', '6', '7',
                                                    '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    std::string text;
    for (unsigned shift = code > 0xFFFF ? 20 : 12; true; shift -= 4)
    {
        text.push_back(digits[(code >> shift) & 0xFU]);
        if (shift == 0)
        {
            return text;
        }
    }
}

std::u32string decode(std::string_view bytes, Walker walker, Mistake& mistake)
{
    std::u32string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();)
    {
        const std::optional<char32_t> code = nextUtf8(bytes, at);
        if (!code)
        {
            mistake.say(walker.place, "utf8", "this is not UTF-8 text");
            return {};
        }
        walker.pass(*code);
        text.push_back(*code);
    }
    return text;
}

void checkCharacters(const std::u32string& text, Walker walker, Mistake& mistake)
{
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const char32_t code = text[i];
        if (!allowed(code, i + 1 < text.size() ? text[i + 1] : U'\0'))
        {
            if (code == U'\t')
            {
                mistake.say(walker.place, "tab", "a tab; right are spaces");
            }
            else
            {
                mistake.say(walker.place, "character",
                            "the character U+" + hexadecimal(code) + " is not allowed in a table");
            }
            return;
        }
        walker.pass(code);
    }
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::size_t digitsFrom(const std::string& word, std::size_t at)
{
    std::size_t end = at;
    while (end < word.size() && isDigit(word[end]))
    {
        ++end;
    }
    return end - at;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool isDecimal(const std::string& word)
{
    std::size_t at = !word.empty() && (word[0] == '-' || word[0] == '+') ? 1 : 0;
    const std::size_t whole = digitsFrom(word, at);
    at += whole;
    if (at < word.size() && word[at] == '.')
    {
        const std::size_t fraction = digitsFrom(word, at + 1);
        if (whole == 0 && fraction == 0)
        {
            return false;
        }
        at += 1 + fraction;
    }
    else if (whole == 0)
    {
        return false;
    }
    if (at < word.size() && (word[at] == 'e' || word[at] == 'E'))
    {
        at += at + 1 < word.size() && (word[at + 1] == '-' || word[at + 1] == '+') ? 2 : 1;
        const std::size_t exponent = digitsFrom(word, at);
        if (exponent == 0)
        {
            return false;
        }
        at += exponent;
    }
    return at == word.size();
}

bool isLeadingZero(const std::string& word)
{
    const std::size_t at = word[0] == '-' || word[0] == '+' ? 1 : 0;
    return word.size() > at + 1 && word[at] == '0' && isDigit(word[at + 1]);
}

/// 0o17, 0x1F, .inf, .nan in the spellings of YAML's core schema.
bool isOtherNumber(const std::string& word)
{
    if (word.size() > 2 && word[0] == '0' && (word[1] == 'o' || word[1] == 'x'))
    {
        const char* digits = word[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
        return word.find_first_not_of(digits, 2) == std::string::npos;
    }
    const std::string_view tail = std::string_view(word).substr(word[0] == '-' || word[0] == '+' ? 1 : 0);
    if (tail == ".inf" || tail == ".Inf" || tail == ".INF")
    {
        return true;
    }
    return word == ".nan" || word == ".NaN" || word == ".NAN";
}

bool isOneOf(const std::string& word, std::initializer_list<const char*> words)
{
    for (const char* other : words)
    {
        if (word == other)
        {
            return true;
        }
    }
    return false;
}

std::optional<char32_t> hexadecimalValue(std::u32string_view digits)
{
    char32_t value = 0;
    for (const char32_t c : digits)
    {
        if (c >= U'0' && c <= U'9')
        {
            value = value * 16 + (c - U'0');
        }
        else if (c >= U'a' && c <= U'f')
        {
            value = value * 16 + (c - U'a' + 10);
        }
        else if (c >= U'A' && c <= U'F')
        {
            value = value * 16 + (c - U'A' + 10);
        }
        else
        {
            return std::nullopt;
        }
    }
    return value;
}

/// The character of an escape, `body[at]` being what follows the backslash; moves `at` behind it.
std::optional<char32_t> escaped(std::u32string_view body, std::size_t& at)
{
    const char32_t letter = at < body.size() ? body[at] : U'\0';
    ++at;
    switch (letter)
    {
    case U'\\':
    case U'"':
    case U'/':
        return letter;
    case U'n':
        return U'\n';
    case U't':
        return U'\t';
    case U'u':
        if (at + 4 <= body.size())
        {
            const std::optional<char32_t> code = hexadecimalValue(body.substr(at, 4));
            if (code && *code != 0 && (*code < 0xD800 || *code >= 0xE000))
            {
                at += 4;
                return code;
            }
        }
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

} // namespace

std::vector<std::u32string> decodeLines(std::string_view bytes, const std::string* path, Mistake& mistake)
{
    const Walker start{Place{path, 1, 1}};
    if (bytes.size() > kMaxYamlBytes)
    {
        mistake.say(start.place, "size", "the file has more than " + std::to_string(kMaxYamlBytes) + " bytes");
        return {};
    }
    if (bytes.substr(0, 3) == "\xEF\xBB\xBF")
    {
        bytes.remove_prefix(3);
    }
    const std::u32string text = decode(bytes, start, mistake);
    checkCharacters(text, start, mistake);
    std::vector<std::u32string> lines(1);
    for (const char32_t code : text)
    {
        if (code == U'\n')
        {
            lines.emplace_back();
        }
        else if (code != U'\r')
        {
            lines.back().push_back(code);
        }
    }
    return lines;
}

void resolvePlain(const std::string& word, YamlNode& node, Mistake& mistake)
{
    if (isOneOf(word, {"null", "Null", "NULL", "~"}))
    {
        node.kind = YamlNode::Kind::Null;
        return;
    }
    if (isOneOf(word, {"true", "True", "TRUE", "false", "False", "FALSE"}))
    {
        node.kind = YamlNode::Kind::Flag;
        node.flag = word[0] == 't' || word[0] == 'T';
        return;
    }
    const bool decimal = isDecimal(word);
    if (isOtherNumber(word) || (decimal && isLeadingZero(word)))
    {
        mistake.say(node.place, "number", "'" + word + "' is not a plain decimal number such as 0.5, -1 or 1e-4");
        return;
    }
    if (!decimal)
    {
        node.kind = YamlNode::Kind::Text;
        node.text = word;
        return;
    }
    const std::optional<double> value = decimalValue(word);
    if (!value)
    {
        mistake.say(node.place, "number", "'" + word + "' is too large");
        return;
    }
    node.kind = YamlNode::Kind::Number;
    node.number = *value;
}

std::string unescape(std::u32string_view body, const Place& place, Mistake& mistake)
{
    std::string text;
    for (std::size_t at = 0; at < body.size();)
    {
        const char32_t c = body[at++];
        if (c != U'\\')
        {
            appendUtf8(text, c);
            continue;
        }
        const std::size_t start = at;
        const std::optional<char32_t> code = escaped(body, at);
        if (!code)
        {
            mistake.say(place, "escape",
                        "unknown escape '\\" + toUtf8(body.substr(start, 1)) +
                            "'; right are \\\\ \\\" \\/ \\n \\t \\uXXXX");
            return {};
        }
        appendUtf8(text, *code);
    }
    return text;
}

} // namespace a2fbridge

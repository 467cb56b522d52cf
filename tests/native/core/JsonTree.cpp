#include "JsonTree.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include <doctest/doctest.h>

#include "A2FBridge/File.h"
#include "Json.h"
#include "Text.h"

namespace a2fbridge::test
{
namespace
{

Json build(JsonCursor& cursor)
{
    Json json;
    json.kind = cursor.kind();
    switch (json.kind)
    {
    case '{':
    {
        std::string key;
        cursor.enterObject();
        while (cursor.nextKey(key))
        {
            const std::string kept = key;
            json.entries.emplace_back(kept, build(cursor));
        }
        break;
    }
    case '[':
        cursor.enterArray();
        while (cursor.nextItem())
        {
            json.entries.emplace_back(std::string(), build(cursor));
        }
        break;
    case '"':
        cursor.readString(json.text);
        break;
    case '0':
        json.number = std::strtod(std::string(cursor.skip()).c_str(), nullptr);
        break;
    default:
        json.flag = cursor.skip() == "true";
        json.kind = json.kind == 'n' ? 'n' : 't';
    }
    return json;
}

} // namespace

const Json& Json::operator[](const std::string& key) const
{
    static const Json none;
    for (const auto& entry : entries)
    {
        if (entry.first == key)
        {
            return entry.second;
        }
    }
    return none;
}

bool Json::has(const std::string& key) const
{
    return &(*this)[key] != &Json()[key];
}

std::vector<std::string> Json::texts() const
{
    std::vector<std::string> values;
    for (const auto& entry : entries)
    {
        values.push_back(entry.second.text);
    }
    return values;
}

std::vector<float> Json::floats() const
{
    std::vector<float> values;
    for (const auto& entry : entries)
    {
        values.push_back(entry.second.kind == 'n' ? std::numeric_limits<float>::quiet_NaN()
                                                  : static_cast<float>(entry.second.number));
    }
    return values;
}

Json parseJson(const std::string& text)
{
    JsonCursor cursor(text);
    Json json = build(cursor);
    REQUIRE(cursor.atEnd());
    return json;
}

bool sameJson(const Json& a, const Json& b)
{
    if (a.kind != b.kind || a.size() != b.size() || a.text != b.text || a.flag != b.flag ||
        std::abs(a.number - b.number) > 0.0)
    {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        const Json& other = a.kind == '{' ? b[a.entries[i].first] : b[i];
        if (!sameJson(a[i], other))
        {
            return false;
        }
    }
    return true;
}

std::vector<std::uint8_t> readBytes(const std::string& path)
{
    auto bytes = readFile(std::string(A2FBRIDGE_ROOT) + "/" + path, std::size_t{64} << 20);
    REQUIRE_MESSAGE(bytes.ok(), path);
    return std::move(bytes).value();
}

std::string readText(const std::string& path)
{
    const std::vector<std::uint8_t> bytes = readBytes(path);
    return {bytes.begin(), bytes.end()};
}

Json readVector(const std::string& path)
{
    return parseJson(readText("tests/vectors/" + path));
}

std::string decodeBase64(const std::string& text)
{
    static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text)
    {
        const std::size_t value = letters.find(c);
        if (value == std::string::npos)
        {
            break;
        }
        bits = (bits << 6U) | static_cast<unsigned>(value);
        have += 6;
        if (have >= 8)
        {
            have -= 8;
            out.push_back(static_cast<char>((bits >> static_cast<unsigned>(have)) & 0xFFU));
        }
    }
    return out;
}

} // namespace a2fbridge::test

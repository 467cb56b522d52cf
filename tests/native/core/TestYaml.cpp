// The YAML subset: accepted and refused documents, the latter at the same line and column as in Python.
#include <doctest/doctest.h>

#include "JsonTree.h"
#include "Text.h"
#include "Yaml.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

std::string documentOf(const Json& vector)
{
    if (vector.has("base64"))
    {
        return decodeBase64(vector["base64"].text);
    }
    if (vector.has("repeat"))
    {
        const Json& repeat = vector["repeat"];
        std::string text = repeat[0].text;
        for (std::int64_t i = 0; i < repeat[2].integer(); ++i)
        {
            text += repeat[1].text;
        }
        return text;
    }
    return vector["text"].text;
}

Json toJson(const YamlNode& node)
{
    Json json;
    switch (node.kind)
    {
    case YamlNode::Kind::Null:
        break;
    case YamlNode::Kind::Flag:
        json.kind = 't';
        json.flag = node.flag;
        break;
    case YamlNode::Kind::Number:
        json.kind = '0';
        json.number = node.number;
        break;
    case YamlNode::Kind::Text:
        json.kind = '"';
        json.text = node.text;
        break;
    case YamlNode::Kind::Sequence:
    case YamlNode::Kind::Map:
        json.kind = node.kind == YamlNode::Kind::Map ? '{' : '[';
        for (const YamlEntry& entry : node.entries)
        {
            json.entries.emplace_back(entry.key, toJson(entry.value));
        }
        break;
    }
    return json;
}

} // namespace

TEST_CASE("A2FBridge.Yaml.Accepted")
{
    const std::string path = "vector";
    const Json vectors = readVector("yaml/accepted.json");
    REQUIRE(vectors.size() > 20);
    for (const auto& entry : vectors.entries)
    {
        const Json& vector = entry.second;
        CAPTURE(vector["name"].text);
        const auto node = readYaml(documentOf(vector), &path);
        REQUIRE_MESSAGE(node.ok(), node.error().text());
        CHECK(sameJson(toJson(node.value()), vector["value"]));
    }
}

TEST_CASE("A2FBridge.Yaml.Refused")
{
    const std::string path = "vector";
    const Json vectors = readVector("yaml/refused.json");
    REQUIRE(vectors.size() > 20);
    for (const auto& entry : vectors.entries)
    {
        const Json& vector = entry.second;
        CAPTURE(vector["name"].text);
        const auto node = readYaml(documentOf(vector), &path);
        REQUIRE_FALSE(node.ok());
        CHECK(node.error().reason == vector["code"].text);
        CHECK(node.error().line == vector["line"].integer());
        CHECK(node.error().column == vector["column"].integer());
        CHECK(node.error().path == path);
        CHECK_FALSE(node.error().message.empty());
    }
}

TEST_CASE("A2FBridge.Yaml.NumbersAreReadWhateverTheLocale")
{
    CHECK(decimalValue("0.5").value() == 0.5);
    CHECK(decimalValue("-1.5e3").value() == -1500.0);
    CHECK(decimalValue("+.25").value() == 0.25);
    CHECK(decimalValue("1e-400").value() == 0.0);
    CHECK(decimalValue("4.9e-324").value() > 0.0);
    CHECK(decimalValue("0.1").value() == 0.1);
    CHECK(decimalValue("123456789012345678901234567890").value() == 123456789012345678901234567890.0);
    CHECK_FALSE(decimalValue("1e400").has_value());
    CHECK_FALSE(decimalValue("-1e400").has_value());
}

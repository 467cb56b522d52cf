#include "TableFields.h"

#include "A2FBridge/Names.h"
#include "Text.h"

namespace a2fbridge
{
namespace
{

bool isText(const YamlNode& node)
{
    return node.kind == YamlNode::Kind::Text && !node.text.empty();
}

std::string joined(Words words)
{
    std::string text;
    for (const char* word : words)
    {
        text += (text.empty() ? "" : ", ") + std::string(word);
    }
    return text;
}

bool contains(Words words, const std::string& word)
{
    for (const char* known : words)
    {
        if (word == known)
        {
            return true;
        }
    }
    return false;
}

std::string rightCount(std::size_t least, std::size_t most)
{
    if (most == least)
    {
        return std::to_string(least);
    }
    return most == SIZE_MAX ? "at least " + std::to_string(least)
                            : std::to_string(least) + " to " + std::to_string(most);
}

} // namespace

double Numeric::resolve(const ParamValues& params, Mistake& mistake) const
{
    if (param.empty())
    {
        return value;
    }
    const auto found = params.find(foldName(param));
    if (found != params.end())
    {
        return found->second;
    }
    std::vector<std::string> known;
    for (const auto& entry : params)
    {
        known.push_back(entry.first);
    }
    mistake.say(place, "unknown_param", "no parameter '$" + param + "'" + didYouMean(param, known));
    return 0.0;
}

Bounds resolveRange(const NumericRange& range, const ParamValues& params, Mistake& mistake)
{
    const Bounds bounds{range.low.resolve(params, mistake), range.high.resolve(params, mistake)};
    if (bounds.low > bounds.high)
    {
        mistake.say(range.place, "value",
                    "the range [" + shortNumber(bounds.low) + ", " + shortNumber(bounds.high) +
                        "] is empty; the lower end comes first");
    }
    return bounds;
}

std::string didYouMean(std::string_view name, const std::vector<std::string>& known)
{
    const std::string close = nearestName(name, known);
    return close.empty() ? std::string() : " (did you mean '" + close + "'?)";
}

std::string didYouMean(std::string_view name, Words known)
{
    return didYouMean(name, std::vector<std::string>(known.begin(), known.end()));
}

const YamlNode& asMap(const YamlNode& node, const std::string& what, Words allowed, Words required, Mistake& mistake)
{
    static const YamlNode none;
    if (node.kind != YamlNode::Kind::Map)
    {
        mistake.say(node.place, "schema", what + " must be a mapping of names to values");
        return none;
    }
    for (const YamlEntry& entry : node.entries)
    {
        if (allowed.size() > 0 && !contains(allowed, entry.key))
        {
            mistake.say(entry.keyPlace, "schema",
                        what + " has no '" + entry.key + "'" + didYouMean(entry.key, allowed) + "; right are " +
                            joined(allowed));
            return none;
        }
    }
    for (const char* key : required)
    {
        if (node.find(key) == nullptr)
        {
            mistake.say(node.place, "schema", what + " needs '" + key + "'");
        }
    }
    return node;
}

const std::vector<YamlEntry>& itemsOf(const YamlNode& node, const std::string& what, Mistake& mistake,
                                      std::size_t least, std::size_t most)
{
    static const std::vector<YamlEntry> none;
    if (node.kind != YamlNode::Kind::Sequence)
    {
        mistake.say(node.place, "schema", what + " must be a list");
        return none;
    }
    const std::size_t count = node.entries.size();
    if (count < least || count > most)
    {
        mistake.say(node.place, "schema",
                    what + " has " + std::to_string(count) + " items; right is " + rightCount(least, most));
        return none;
    }
    return node.entries;
}

void checkUniqueKeys(const YamlNode& map, Mistake& mistake)
{
    std::unordered_map<std::string, const std::string*> seen;
    for (const YamlEntry& entry : map.entries)
    {
        const auto [known, fresh] = seen.emplace(foldName(entry.key), &entry.key);
        if (!fresh)
        {
            mistake.say(entry.keyPlace, "duplicate_name",
                        "'" + entry.key + "' and '" + *known->second + "' are the same name");
            return;
        }
    }
}

TableName asName(const YamlNode& node, const std::string& what, Mistake& mistake)
{
    if (!isText(node))
    {
        mistake.say(node.place, "schema", what + " must be text");
    }
    return TableName{node.text, node.place};
}

std::size_t asChoice(const YamlNode& node, const std::string& what, Words choices, Mistake& mistake)
{
    const TableName name = asName(node, what, mistake);
    std::size_t index = 0;
    for (const char* choice : choices)
    {
        if (name.text == choice)
        {
            return index;
        }
        ++index;
    }
    mistake.say(node.place, "schema",
                what + " '" + name.text + "' is unknown" + didYouMean(name.text, choices) + "; right are " +
                    joined(choices));
    return 0;
}

bool asFlag(const YamlNode& node, const std::string& what, Mistake& mistake)
{
    if (node.kind != YamlNode::Kind::Flag)
    {
        mistake.say(node.place, "schema", what + " must be true or false");
    }
    return node.flag;
}

Numeric asNumber(const YamlNode& node, const std::string& what, Mistake& mistake)
{
    if (node.kind == YamlNode::Kind::Number)
    {
        return Numeric{node.number, {}, node.place};
    }
    if (isText(node) && node.text.size() > 1 && node.text[0] == '$')
    {
        return Numeric{0.0, node.text.substr(1), node.place};
    }
    mistake.say(node.place, "schema", what + " must be a number or $parameter");
    return Numeric{0.0, {}, node.place};
}

NumericRange asRange(const YamlNode& node, const std::string& what, Mistake& mistake)
{
    const std::vector<YamlEntry>& ends = itemsOf(node, what, mistake, 2, 2);
    if (ends.empty())
    {
        return {};
    }
    return NumericRange{asNumber(ends[0].value, what, mistake), asNumber(ends[1].value, what, mistake), node.place};
}

} // namespace a2fbridge

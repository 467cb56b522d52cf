#include "TableReader.h"

#include <utility>

#include "TableRemap.h"

namespace a2fbridge
{
namespace
{

struct OperationShape
{
    std::size_t least;
    std::size_t most;
};

/// How many arguments an operation takes, in the order of Operation.
constexpr OperationShape kOperations[] = {{1, SIZE_MAX}, {1, SIZE_MAX}, {1, SIZE_MAX}, {1, SIZE_MAX},
                                          {2, 2},        {2, 2},        {3, 3},        {1, 1}};

class Reader
{
public:
    explicit Reader(Mistake& mistake) : mistake_(mistake) {}

    TableDocument document(const YamlNode& node)
    {
        const YamlNode& top = asMap(node, "a table",
                                    {"schema_version", "name", "convention", "description", "provenance", "extends",
                                     "source", "target", "defaults", "params", "inputs", "expressions", "mappings",
                                     "limits", "outputs", "constants", "null_outputs", "mirror"},
                                    {"schema_version", "name", "convention"}, mistake_);
        TableDocument table;
        table.place = node.place;
        if (mistake_.made())
        {
            return table;
        }
        checkVersion(*top.find("schema_version"));
        table.name = asName(*top.find("name"), "name", mistake_).text;
        const YamlNode& convention = *top.find("convention");
        const std::size_t chosen = asChoice(convention, "convention", {"a2f", "arkit"}, mistake_);
        table.convention = chosen == 0 ? Convention::A2F : Convention::ARKit;
        table.conventionPlace = convention.place;
        readHead(top, table);
        readStages(top, table);
        return table;
    }

private:
    void readHead(const YamlNode& top, TableDocument& table)
    {
        if (const YamlNode* node = top.find("description"))
        {
            table.description = asName(*node, "description", mistake_).text;
        }
        for (const YamlEntry& item : list(top, "provenance"))
        {
            table.provenance.push_back(asName(item.value, "provenance", mistake_).text);
        }
        if (const YamlNode* node = top.find("extends"))
        {
            table.extends = asName(*node, "extends", mistake_);
        }
        if (const YamlNode* node = top.find("source"))
        {
            const YamlNode& source = asMap(*node, "source", {"profile"}, {"profile"}, mistake_);
            table.source = name(source, "profile", "source.profile");
        }
        if (const YamlNode* node = top.find("target"))
        {
            table.target = target(*node);
        }
        if (const YamlNode* node = top.find("defaults"))
        {
            table.defaults = defaults(*node);
        }
        for (const YamlEntry& entry : section(top, "params"))
        {
            if (entry.value.kind != YamlNode::Kind::Number)
            {
                mistake_.say(entry.value.place, "schema", "params." + entry.key + " must be a number");
            }
            table.params.emplace_back(entry.key, entry.value.number);
        }
    }

    void readStages(const YamlNode& top, TableDocument& table)
    {
        for (const YamlEntry& entry : section(top, "inputs"))
        {
            table.inputs.push_back(input(entry));
        }
        for (const YamlEntry& item : list(top, "expressions"))
        {
            table.expressions.push_back(expression(item.value));
        }
        for (const YamlEntry& entry : section(top, "mappings"))
        {
            table.mappings.push_back(mapping(entry));
        }
        for (const YamlEntry& entry : section(top, "outputs"))
        {
            table.outputs.push_back(output(entry));
        }
        for (const YamlEntry& entry : section(top, "constants"))
        {
            table.constants.push_back(
                {{entry.key, entry.keyPlace}, asNumber(entry.value, "constants." + entry.key, mistake_)});
        }
        if (top.find("limits") != nullptr)
        {
            table.limits.emplace();
            for (const YamlEntry& item : list(top, "limits"))
            {
                const YamlNode& limit =
                    asMap(item.value, "a limit", {"child", "parent"}, {"child", "parent"}, mistake_);
                table.limits->push_back({name(limit, "child", "child"), name(limit, "parent", "parent")});
            }
        }
        if (top.find("null_outputs") != nullptr)
        {
            table.nullOutputs.emplace();
            for (const YamlEntry& item : list(top, "null_outputs"))
            {
                table.nullOutputs->push_back(asName(item.value, "a curve", mistake_));
            }
        }
        if (top.find("mirror") != nullptr)
        {
            table.mirror.emplace();
            for (const YamlEntry& item : list(top, "mirror"))
            {
                table.mirror->push_back(tokens(item.value));
            }
        }
    }

    void checkVersion(const YamlNode& node)
    {
        if (node.kind != YamlNode::Kind::Number || node.number < 1.0 || node.number > 1.0)
        {
            mistake_.say(node.place, "schema", "schema_version must be 1; this is the only version");
        }
    }

    // --- sections

    /// The entries of a section whose keys are names.
    const std::vector<YamlEntry>& section(const YamlNode& top, const char* key)
    {
        static const std::vector<YamlEntry> none;
        const YamlNode* node = top.find(key);
        if (node == nullptr)
        {
            return none;
        }
        const YamlNode& map = asMap(*node, key, {}, {}, mistake_);
        checkUniqueKeys(map, mistake_);
        return map.entries;
    }

    const std::vector<YamlEntry>& list(const YamlNode& top, const char* key)
    {
        static const std::vector<YamlEntry> none;
        const YamlNode* node = top.find(key);
        return node == nullptr ? none : itemsOf(*node, key, mistake_);
    }

    TargetSpec target(const YamlNode& node)
    {
        const YamlNode& map = asMap(node, "target", {"profile", "prefix", "curves"}, {"profile"}, mistake_);
        TargetSpec spec;
        spec.profile = name(map, "profile", "target.profile");
        if (const YamlNode* prefix = map.find("prefix"))
        {
            if (prefix->kind != YamlNode::Kind::Text)
            {
                mistake_.say(prefix->place, "schema", "target.prefix must be text");
            }
            spec.prefix = prefix->text;
        }
        if (map.find("curves") != nullptr)
        {
            spec.curves.emplace();
            for (const YamlEntry& item : list(map, "curves"))
            {
                spec.curves->push_back(asName(item.value, "a curve", mistake_));
            }
        }
        return spec;
    }

    DefaultsSpec defaults(const YamlNode& node)
    {
        const YamlNode& map = asMap(
            node, "defaults", {"weight", "combine", "clamp", "on_missing_source", "on_unmapped_source"}, {}, mistake_);
        DefaultsSpec spec;
        spec.weight = number(map, "weight");
        spec.combine = combine(map);
        spec.clamp = range(map, "clamp", "defaults.clamp");
        if (const YamlNode* missing = map.find("on_missing_source"))
        {
            spec.zeroMissing = asChoice(*missing, "on_missing_source", {"skip", "zero"}, mistake_) == 1;
        }
        if (const YamlNode* unmapped = map.find("on_unmapped_source"))
        {
            spec.unmapped = static_cast<UnmappedPolicy>(
                asChoice(*unmapped, "on_unmapped_source", {"warn", "ignore", "error"}, mistake_));
        }
        return spec;
    }

    InputSpec input(const YamlEntry& entry)
    {
        const YamlNode& map =
            asMap(entry.value, "inputs." + entry.key, {"gain", "offset", "deadzone", "remap", "clamp"}, {}, mistake_);
        InputSpec spec;
        spec.source = {entry.key, entry.keyPlace};
        spec.gain = number(map, "gain");
        spec.offset = number(map, "offset");
        spec.deadzone = number(map, "deadzone");
        spec.remap = readRemap(map, mistake_);
        spec.clamp = range(map, "clamp", "clamp");
        return spec;
    }

    ExpressionSpec expression(const YamlNode& node)
    {
        ExpressionSpec spec;
        const YamlNode& map =
            asMap(node, "an expression", {"name", "op", "args", "eps", "else"}, {"name", "op", "args"}, mistake_);
        if (mistake_.made())
        {
            return spec;
        }
        const YamlNode& op = *map.find("op");
        const std::size_t chosen =
            asChoice(op, "op", {"sum", "product", "min", "max", "sub", "ratio", "lerp", "clamp01"}, mistake_);
        spec.op = static_cast<Operation>(chosen);
        for (const YamlEntry& entry : map.entries)
        {
            if ((entry.key == "eps" || entry.key == "else") && spec.op != Operation::Ratio)
            {
                mistake_.say(entry.keyPlace, "schema", entry.key + " belongs to the operation ratio");
            }
        }
        spec.name = asName(*map.find("name"), "name", mistake_);
        const OperationShape shape = kOperations[chosen];
        for (const YamlEntry& item :
             itemsOf(*map.find("args"), "args of " + op.text, mistake_, shape.least, shape.most))
        {
            spec.args.push_back(argument(item.value));
        }
        spec.eps = number(map, "eps");
        spec.otherwise = number(map, "else");
        return spec;
    }

    ArgumentSpec argument(const YamlNode& node)
    {
        ArgumentSpec spec;
        if (node.kind == YamlNode::Kind::Text && !node.text.empty() && node.text[0] != '$')
        {
            spec.name = {node.text, node.place};
        }
        else
        {
            spec.number = asNumber(node, "an argument", mistake_);
        }
        return spec;
    }

    MappingSpec mapping(const YamlEntry& entry)
    {
        MappingSpec spec;
        spec.source = {entry.key, entry.keyPlace};
        const std::string what = "mappings." + entry.key;
        for (const YamlEntry& item : itemsOf(entry.value, what, mistake_))
        {
            const YamlNode& map =
                asMap(item.value, "an entry of " + what,
                      {"curve", "weight", "offset", "remap", "clamp", "combine", "mirror"}, {"curve"}, mistake_);
            EntrySpec one;
            one.curve = name(map, "curve", "curve");
            one.weight = number(map, "weight");
            one.offset = number(map, "offset");
            one.remap = readRemap(map, mistake_);
            one.clamp = range(map, "clamp", "clamp");
            one.combine = combine(map);
            const YamlNode* mirror = map.find("mirror");
            one.mirror = mirror != nullptr && asFlag(*mirror, "mirror", mistake_);
            spec.entries.push_back(std::move(one));
        }
        return spec;
    }

    OutputSpec output(const YamlEntry& entry)
    {
        const YamlNode& map = asMap(entry.value, "outputs." + entry.key, {"gain", "clamp"}, {}, mistake_);
        return {{entry.key, entry.keyPlace}, number(map, "gain"), range(map, "clamp", "clamp")};
    }

    TokenPair tokens(const YamlNode& node)
    {
        const std::vector<YamlEntry>& pair = itemsOf(node, "a mirror pair", mistake_, 2, 2);
        if (pair.empty())
        {
            return {};
        }
        return {asName(pair[0].value, "a token", mistake_).text, asName(pair[1].value, "a token", mistake_).text};
    }

    // --- fields

    TableName name(const YamlNode& map, const char* key, const char* what)
    {
        const YamlNode* node = map.find(key);
        return node == nullptr ? TableName{} : asName(*node, what, mistake_);
    }

    std::optional<Numeric> number(const YamlNode& map, const char* key)
    {
        const YamlNode* node = map.find(key);
        return node == nullptr ? std::nullopt : std::optional<Numeric>(asNumber(*node, key, mistake_));
    }

    std::optional<NumericRange> range(const YamlNode& map, const char* key, const char* what)
    {
        const YamlNode* node = map.find(key);
        return node == nullptr ? std::nullopt : std::optional<NumericRange>(asRange(*node, what, mistake_));
    }

    std::optional<Combine> combine(const YamlNode& map)
    {
        const YamlNode* node = map.find("combine");
        if (node == nullptr)
        {
            return std::nullopt;
        }
        return static_cast<Combine>(
            asChoice(*node, "combine", {"add", "max", "min", "multiply", "override"}, mistake_));
    }

    Mistake& mistake_;
};

} // namespace

TableDocument readTableDocument(const YamlNode& node, Mistake& mistake)
{
    return Reader(mistake).document(node);
}

} // namespace a2fbridge

// Typed reading of nodes: text, numbers, ranges, fields; each refused with its place if it is something else.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "Yaml.h"

namespace a2fbridge
{

/// A name as written, and where.
struct TableName
{
    std::string text;
    Place place;
};

/// Values of the table's parameters by folded name.
using ParamValues = std::unordered_map<std::string, double>;

/// A number, or the parameter ($name) that stands for one.
struct Numeric
{
    double value = 0.0;
    std::string param; ///< Empty: it is the number.
    Place place;

    /// The number; a mistake and 0 when there is no such parameter.
    double resolve(const ParamValues& params, Mistake& mistake) const;
};

struct NumericRange
{
    Numeric low;
    Numeric high;
    Place place;
};

struct Bounds
{
    double low;
    double high;
};

/// The ends of a range; a mistake when they are the wrong way round.
Bounds resolveRange(const NumericRange& range, const ParamValues& params, Mistake& mistake);

using Words = std::initializer_list<const char*>;

/// " (did you mean 'x'?)" for the known name closest to `name`, or "".
std::string didYouMean(std::string_view name, const std::vector<std::string>& known);
std::string didYouMean(std::string_view name, Words known);

/// The entries of a mapping with none but the allowed keys (none given: any) and all of the required ones.
const YamlNode& asMap(const YamlNode& node, const std::string& what, Words allowed, Words required, Mistake& mistake);
/// The items of a sequence of `least` to `most` items; none when it is something else.
const std::vector<YamlEntry>& itemsOf(const YamlNode& node, const std::string& what, Mistake& mistake,
                                      std::size_t least = 0, std::size_t most = SIZE_MAX);
/// A mistake when two keys of a mapping differ only in case.
void checkUniqueKeys(const YamlNode& map, Mistake& mistake);

TableName asName(const YamlNode& node, const std::string& what, Mistake& mistake);
/// The index of the node's text among the choices.
std::size_t asChoice(const YamlNode& node, const std::string& what, Words choices, Mistake& mistake);
bool asFlag(const YamlNode& node, const std::string& what, Mistake& mistake);
Numeric asNumber(const YamlNode& node, const std::string& what, Mistake& mistake);
NumericRange asRange(const YamlNode& node, const std::string& what, Mistake& mistake);

} // namespace a2fbridge

#include "TableRemap.h"

#include <string>

#include "Text.h"

namespace a2fbridge
{
namespace
{

constexpr std::size_t kMaxPoints = 256;

void readNumbers(const YamlEntry& kind, RemapSpec& spec, Mistake& mistake)
{
    if (kind.key == "power")
    {
        spec.kind = RemapKind::Power;
        spec.numbers.push_back(asNumber(kind.value, "power", mistake));
        return;
    }
    const bool points = kind.key == "points";
    spec.kind = points ? RemapKind::Points : RemapKind::Smoothstep;
    for (const YamlEntry& item : itemsOf(kind.value, kind.key, mistake, 2, points ? kMaxPoints : 2))
    {
        if (!points)
        {
            spec.numbers.push_back(asNumber(item.value, "smoothstep", mistake));
            continue;
        }
        for (const YamlEntry& number : itemsOf(item.value, "a point", mistake, 2, 2))
        {
            spec.numbers.push_back(asNumber(number.value, "a point", mistake));
        }
    }
}

} // namespace

std::optional<RemapSpec> readRemap(const YamlNode& owner, Mistake& mistake)
{
    const YamlNode* node = owner.find("remap");
    if (node == nullptr)
    {
        return std::nullopt;
    }
    const YamlNode& map = asMap(*node, "remap", {"points", "power", "smoothstep", "extrapolate"}, {}, mistake);
    RemapSpec spec;
    spec.place = node->place;
    const YamlEntry* kind = nullptr;
    const YamlEntry* extrapolate = nullptr;
    for (const YamlEntry& entry : map.entries)
    {
        const YamlEntry*& slot = entry.key == "extrapolate" ? extrapolate : kind;
        if (slot != nullptr)
        {
            mistake.say(node->place, "schema", "remap needs exactly one of points, power, smoothstep");
        }
        slot = &entry;
    }
    if (kind == nullptr)
    {
        mistake.say(node->place, "schema", "remap needs exactly one of points, power, smoothstep");
        return spec;
    }
    if (extrapolate != nullptr)
    {
        if (kind->key != "points")
        {
            mistake.say(extrapolate->keyPlace, "schema", "extrapolate belongs to points");
        }
        spec.extrapolate = asFlag(extrapolate->value, "extrapolate", mistake);
    }
    readNumbers(*kind, spec, mistake);
    return spec;
}

Remap resolveRemap(const std::optional<RemapSpec>& spec, const ParamValues& params, Mistake& mistake)
{
    Remap made;
    if (!spec)
    {
        return made;
    }
    made.kind = spec->kind;
    made.extrapolate = spec->extrapolate;
    for (const Numeric& numeric : spec->numbers)
    {
        made.numbers.push_back(numeric.resolve(params, mistake));
    }
    if (made.kind == RemapKind::Power && !made.numbers.empty() && !(made.numbers[0] > 0.0))
    {
        mistake.say(spec->place, "value", "power is " + shortNumber(made.numbers[0]) + "; right is above 0");
    }
    const std::size_t step = made.kind == RemapKind::Points ? 2 : 1;
    for (std::size_t i = step; i < made.numbers.size(); i += step)
    {
        if (!(made.numbers[i] > made.numbers[i - step]))
        {
            mistake.say(spec->place, "value",
                        std::string("the x values of ") + (made.kind == RemapKind::Points ? "points" : "smoothstep") +
                            " must increase");
        }
    }
    return made;
}

} // namespace a2fbridge

#include "TableProfile.h"

#include <algorithm>

#include "A2FBridge/Names.h"

namespace a2fbridge
{
namespace
{

constexpr std::size_t kMaxCurves = 4096;

/// Adds names to a profile; none may stand there twice.
void addCurves(TargetProfile& profile, const std::vector<TableName>& names, Mistake& mistake)
{
    std::unordered_map<std::string, std::int32_t> lines;
    for (const TableName& name : names)
    {
        const auto [known, fresh] = lines.emplace(foldName(name.text), name.place.line);
        if (!fresh)
        {
            mistake.say(name.place, "duplicate_name",
                        "the curve '" + name.text + "' stands twice, first in line " + std::to_string(known->second));
            return;
        }
        profile.places[known->first] = profile.curves.size();
        profile.curves.push_back(name.text);
    }
    if (names.size() > kMaxCurves)
    {
        mistake.say(names[0].place, "schema", "more than " + std::to_string(kMaxCurves) + " curves");
    }
}

std::vector<TableName> namesOf(const YamlNode* list, const char* what, Mistake& mistake)
{
    std::vector<TableName> names;
    if (list != nullptr)
    {
        for (const YamlEntry& item : itemsOf(*list, what, mistake))
        {
            names.push_back(asName(item.value, "a curve", mistake));
        }
    }
    return names;
}

TargetProfile readProfile(const std::string& name, const TableText& text, Mistake& mistake)
{
    TargetProfile profile;
    profile.name = name;
    auto node = readYaml(text.text, &text.path);
    if (!node)
    {
        mistake.take(node.error());
        return profile;
    }
    const YamlNode& map =
        asMap(node.value(), "a profile", {"profile", "provenance", "prefix", "curves", "plain"}, {"curves"}, mistake);
    if (const YamlNode* prefix = map.find("prefix"))
    {
        profile.prefix = asName(*prefix, "prefix", mistake).text;
    }
    addCurves(profile, namesOf(map.find("curves"), "curves", mistake), mistake);
    profile.plainFrom = profile.curves.size();
    addCurves(profile, namesOf(map.find("plain"), "plain", mistake), mistake);
    return profile;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
    {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::vector<std::string> endings(const TableName& curve, std::string_view suffix, const std::string* channel,
                                 Mistake& mistake)
{
    if (suffix == "lr")
    {
        return {"L", "R"};
    }
    if (suffix == "quad")
    {
        return {"UL", "UR", "DL", "DR"};
    }
    if (suffix != "side")
    {
        mistake.say(curve.place, "suffix", "'@" + std::string(suffix) + "' is unknown; right are @lr, @quad and @side");
        return {};
    }
    const std::string folded = channel != nullptr ? foldName(*channel) : std::string();
    const auto endsWith = [&folded](std::string_view ending)
    { return folded.size() >= ending.size() && folded.substr(folded.size() - ending.size()) == ending; };
    if (endsWith("left"))
    {
        return {"L"};
    }
    if (endsWith("right"))
    {
        return {"R"};
    }
    const std::string where = channel != nullptr ? "'" + *channel + "' has" : std::string("an output has");
    mistake.say(curve.place, "suffix", "@side needs a source that ends with Left or Right; " + where + " no side");
    return {};
}

} // namespace

TargetProfile resolveTarget(const TargetSpec& spec, ITableLoader* loader, Mistake& mistake)
{
    TargetProfile profile;
    const Place& place = spec.profile.place;
    if (spec.profile.text == "custom")
    {
        profile.name = "custom";
        if (!spec.curves || spec.curves->empty())
        {
            mistake.say(place, "schema", "the profile custom needs curves: [...]");
            return profile;
        }
        addCurves(profile, *spec.curves, mistake);
        profile.plainFrom = profile.curves.size();
        return profile;
    }
    if (spec.curves)
    {
        mistake.say(place, "schema", "curves belong to the profile custom");
        return profile;
    }
    auto text = loader != nullptr ? loader->profile(spec.profile.text)
                                  : Result<TableText>(makeError(ErrorCode::NotFound, "no profiles here"));
    if (!text)
    {
        std::vector<std::string> known = loader != nullptr ? loader->profileNames() : std::vector<std::string>();
        known.emplace_back("custom");
        mistake.say(place, "unknown_profile",
                    "no target profile '" + spec.profile.text + "'" + didYouMean(spec.profile.text, known) +
                        "; right are " + joined(known));
        return profile;
    }
    return readProfile(spec.profile.text, text.value(), mistake);
}

std::vector<std::string> resolveSources(const std::optional<TableName>& profile, Mistake& mistake)
{
    const bool arkit = profile && profile->text == "arkit_52";
    if (profile && !arkit && profile->text != "a2f_68")
    {
        mistake.say(profile->place, "unknown_profile",
                    "no source profile '" + profile->text + "'" + didYouMean(profile->text, {"a2f_68", "arkit_52"}) +
                        "; right are a2f_68, arkit_52");
    }
    const auto& names = faceNames();
    return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(arkit ? kArkitCount : kFaceCount)};
}

std::vector<std::size_t> findCurves(const TargetProfile& profile, const TableName& curve, const std::string* channel,
                                    Mistake& mistake)
{
    std::vector<std::size_t> places;
    const std::size_t at = curve.text.find('@');
    const std::string base = curve.text.substr(0, at);
    const std::vector<std::string> tails =
        at == std::string::npos ? std::vector<std::string>{""}
                                : endings(curve, std::string_view(curve.text).substr(at + 1), channel, mistake);
    for (const std::string& tail : tails)
    {
        const auto found = profile.places.find(foldName(base + tail));
        if (found == profile.places.end())
        {
            if (!mistake.made())
            {
                mistake.say(curve.place, "unknown_target",
                            profile.name + " has no curve '" + base + tail + "'" +
                                didYouMean(base + tail, profile.curves));
            }
            return {};
        }
        places.push_back(found->second);
    }
    return places;
}

TokenSwap::TokenSwap(const std::vector<TokenPair>& pairs)
{
    const auto add = [this](const std::string& token, const std::string& partner, std::size_t order)
    {
        auto& entry = partners_.emplace(foldName(token), Partner{order, partner}).first->second;
        entry.text = partner; // the last one counts, as its place in the order is that of the first
        if (std::find(lengths_.begin(), lengths_.end(), token.size()) == lengths_.end())
        {
            lengths_.push_back(token.size());
        }
    };
    for (std::size_t i = 0; i < pairs.size(); ++i)
    {
        add(pairs[i].first, pairs[i].second, 2 * i);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i)
    {
        add(pairs[i].second, pairs[i].first, 2 * i + 1);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i)
    {
        Partner& second = partners_.find(foldName(pairs[i].second))->second;
        second.order = std::min(second.order, 2 * i + 1);
    }
}

std::string TokenSwap::operator()(const std::string& text) const
{
    const std::string folded = foldName(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();)
    {
        const Partner* best = nullptr;
        std::size_t length = 1;
        for (const std::size_t candidate : lengths_)
        {
            if (candidate > text.size() - at)
            {
                continue;
            }
            const auto found = partners_.find(folded.substr(at, candidate));
            if (found != partners_.end() && (best == nullptr || found->second.order < best->order))
            {
                best = &found->second;
                length = candidate;
            }
        }
        out += best != nullptr ? best->text : text.substr(at, 1);
        at += length;
    }
    return out;
}

} // namespace a2fbridge

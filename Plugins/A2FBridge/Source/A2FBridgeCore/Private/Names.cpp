#include "A2FBridge/Names.h"

#include <algorithm>
#include <string>

namespace a2fbridge
{
namespace
{

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool sameName(std::string_view a, std::string_view b)
{
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t N>
std::size_t indexOf(const std::array<std::string_view, N>& names, std::string_view name)
{
    const auto found =
        std::find_if(names.begin(), names.end(), [name](std::string_view known) { return sameName(known, name); });
    return found == names.end() ? kNotFound : static_cast<std::size_t>(found - names.begin());
}

/// Characters that fall into matching blocks: the longest common block, then the same left and right of it (Ratcliff
/// and Obershelp, as Python's difflib does it).
std::size_t matching(std::string_view a, std::string_view b)
{
    std::size_t bestA = 0;
    std::size_t bestB = 0;
    std::size_t best = 0;
    std::vector<std::size_t> lengths(b.size() + 1, 0);
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        for (std::size_t j = b.size(); j-- > 0;)
        {
            lengths[j + 1] = a[i] == b[j] ? lengths[j] + 1 : 0;
        }
        for (std::size_t j = 0; j < b.size(); ++j)
        {
            if (lengths[j + 1] > best)
            {
                best = lengths[j + 1];
                bestA = i + 1 - best;
                bestB = j + 1 - best;
            }
        }
    }
    if (best == 0)
    {
        return 0;
    }
    return best + matching(a.substr(0, bestA), b.substr(0, bestB)) +
           matching(a.substr(bestA + best), b.substr(bestB + best));
}

} // namespace

const std::array<std::string_view, kFaceCount>& faceNames()
{
    static constexpr std::array<std::string_view, kFaceCount> names = {
        "EyeBlinkLeft",      "EyeLookDownLeft",    "EyeLookInLeft",
        "EyeLookOutLeft",    "EyeLookUpLeft",      "EyeSquintLeft",
        "EyeWideLeft",       "EyeBlinkRight",      "EyeLookDownRight",
        "EyeLookInRight",    "EyeLookOutRight",    "EyeLookUpRight",
        "EyeSquintRight",    "EyeWideRight",       "JawForward",
        "JawLeft",           "JawRight",           "JawOpen",
        "MouthClose",        "MouthFunnel",        "MouthPucker",
        "MouthLeft",         "MouthRight",         "MouthSmileLeft",
        "MouthSmileRight",   "MouthFrownLeft",     "MouthFrownRight",
        "MouthDimpleLeft",   "MouthDimpleRight",   "MouthStretchLeft",
        "MouthStretchRight", "MouthRollLower",     "MouthRollUpper",
        "MouthShrugLower",   "MouthShrugUpper",    "MouthPressLeft",
        "MouthPressRight",   "MouthLowerDownLeft", "MouthLowerDownRight",
        "MouthUpperUpLeft",  "MouthUpperUpRight",  "BrowDownLeft",
        "BrowDownRight",     "BrowInnerUp",        "BrowOuterUpLeft",
        "BrowOuterUpRight",  "CheekPuff",          "CheekSquintLeft",
        "CheekSquintRight",  "NoseSneerLeft",      "NoseSneerRight",
        "TongueOut",         "TongueTipUp",        "TongueTipDown",
        "TongueTipLeft",     "TongueTipRight",     "TongueRollUp",
        "TongueRollDown",    "TongueRollLeft",     "TongueRollRight",
        "TongueUp",          "TongueDown",         "TongueLeft",
        "TongueRight",       "TongueIn",           "TongueStretch",
        "TongueWide",        "TongueNarrow"};
    return names;
}

const std::array<std::string_view, kEmotionCount>& emotionNames()
{
    static constexpr std::array<std::string_view, kEmotionCount> names = {
        "amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness"};
    return names;
}

std::size_t faceIndex(std::string_view name)
{
    return indexOf(faceNames(), name);
}

std::size_t emotionIndex(std::string_view name)
{
    return indexOf(emotionNames(), sameName(name, "out_of_breath") ? std::string_view("outofbreath") : name);
}

std::string camelCase(std::string_view name)
{
    std::string text(name);
    if (!text.empty())
    {
        text[0] = lower(text[0]);
    }
    return text;
}

std::string foldName(std::string_view name)
{
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

std::string nearestName(std::string_view name, Span<std::string> known)
{
    constexpr double leastRatio = 0.6;
    constexpr std::size_t longest = 512; // of what somebody may have mistyped; more would only cost time
    const std::string wanted = foldName(name.substr(0, longest));
    std::string best;
    std::string bestFolded;
    double bestRatio = leastRatio;
    for (const std::string& candidate : known)
    {
        const std::string folded = foldName(candidate);
        const std::size_t total = folded.size() + wanted.size();
        if (total == 0)
        {
            continue;
        }
        const double ratio = 2.0 * static_cast<double>(matching(folded, wanted)) / static_cast<double>(total);
        if (ratio > bestRatio || (ratio >= bestRatio && folded >= bestFolded))
        {
            best = candidate;
            bestFolded = folded;
            bestRatio = ratio;
        }
    }
    return best;
}

} // namespace a2fbridge

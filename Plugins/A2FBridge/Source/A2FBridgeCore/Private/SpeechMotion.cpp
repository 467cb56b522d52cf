#include "SpeechMotion.h"

#include <cmath>
#include <iterator>
#include <string_view>

namespace a2fbridge
{
namespace
{

constexpr std::int64_t kHopsPerSecond = 100;
/// RMS below which nobody speaks (-46 dB of full scale), and the quietest speaker that still opens the mouth fully.
constexpr float kSilence = 0.005F;
constexpr float kLeastPeak = 0.03F;
/// The loudest of late is forgotten with a half-life of some 7 s.
constexpr float kPeakDecay = 0.999F;
/// Share of the way to the new loudness in one hop: a jaw opens in some 30 ms and closes in some 60.
constexpr float kAttack = 0.35F;
constexpr float kRelease = 0.18F;
/// RMS of the first difference over RMS of the signal at 16 kHz: vowels stay below the one, hisses reach the other.
constexpr float kVowelSlope = 0.35F;
constexpr float kHissSlope = 1.1F;

float clamp01(float x)
{
    return x < 0.0F ? 0.0F : (x > 1.0F ? 1.0F : x);
}

/// Mixes the bits of a number (the finaliser of MurmurHash3, public domain).
std::uint32_t scramble(std::uint32_t x)
{
    x ^= x >> 16U;
    x *= 0x85EBCA6BU;
    x ^= x >> 13U;
    x *= 0xC2B2AE35U;
    return x ^ (x >> 16U);
}

float random01(std::int64_t step, std::uint32_t seed)
{
    const auto bits = scramble(static_cast<std::uint32_t>(step) ^ scramble(seed));
    return static_cast<float>(bits >> 8U) / 16777216.0F;
}

/// How much of each motion a blend shape takes.
struct Drive
{
    std::string_view name;
    float vowel;   ///< of the loudness of vowels
    float hiss;    ///< of the loudness of hisses
    float rounded; ///< of vowels, the rounder the syllable
    float spread;  ///< of loudness, the less round the syllable
    float stress;  ///< of the square of loudness
};

constexpr Drive kDrives[] = {
    {"JawOpen", 0.55F, 0.08F, 0.0F, 0.0F, 0.0F},
    {"MouthFunnel", 0.0F, 0.0F, 0.35F, 0.0F, 0.0F},
    {"MouthPucker", 0.0F, 0.0F, 0.2F, 0.0F, 0.0F},
    {"MouthStretchLeft", 0.0F, 0.0F, 0.0F, 0.25F, 0.0F},
    {"MouthStretchRight", 0.0F, 0.0F, 0.0F, 0.25F, 0.0F},
    {"MouthSmileLeft", 0.0F, 0.0F, 0.0F, 0.08F, 0.0F},
    {"MouthSmileRight", 0.0F, 0.0F, 0.0F, 0.08F, 0.0F},
    {"MouthLowerDownLeft", 0.2F, 0.35F, 0.0F, 0.0F, 0.0F},
    {"MouthLowerDownRight", 0.2F, 0.35F, 0.0F, 0.0F, 0.0F},
    {"MouthUpperUpLeft", 0.12F, 0.2F, 0.0F, 0.0F, 0.0F},
    {"MouthUpperUpRight", 0.12F, 0.2F, 0.0F, 0.0F, 0.0F},
    {"TongueTipUp", 0.0F, 0.5F, 0.0F, 0.0F, 0.0F},
    {"TongueUp", 0.0F, 0.0F, 0.0F, 0.2F, 0.0F},
    {"BrowInnerUp", 0.0F, 0.0F, 0.0F, 0.0F, 0.15F},
};

/// How an emotion shows, at full strength.
struct Expression
{
    std::string_view emotion;
    std::string_view name;
    float size;
};

constexpr Expression kExpressions[] = {
    {"amazement", "EyeWideLeft", 0.5F},     {"amazement", "EyeWideRight", 0.5F},
    {"amazement", "BrowOuterUpLeft", 0.4F}, {"amazement", "BrowOuterUpRight", 0.4F},
    {"anger", "BrowDownLeft", 0.6F},        {"anger", "BrowDownRight", 0.6F},
    {"anger", "NoseSneerLeft", 0.25F},      {"anger", "NoseSneerRight", 0.25F},
    {"disgust", "NoseSneerLeft", 0.5F},     {"disgust", "NoseSneerRight", 0.5F},
    {"fear", "BrowInnerUp", 0.5F},          {"fear", "EyeWideLeft", 0.4F},
    {"fear", "EyeWideRight", 0.4F},         {"joy", "MouthSmileLeft", 0.5F},
    {"joy", "MouthSmileRight", 0.5F},       {"joy", "CheekSquintLeft", 0.3F},
    {"joy", "CheekSquintRight", 0.3F},      {"sadness", "BrowInnerUp", 0.5F},
    {"sadness", "MouthFrownLeft", 0.4F},    {"sadness", "MouthFrownRight", 0.4F},
};

/// Indices of the names above, looked up once.
struct Indices
{
    Indices()
    {
        for (std::size_t i = 0; i < std::size(kDrives); ++i)
        {
            drives[i] = faceIndex(kDrives[i].name);
        }
        for (std::size_t i = 0; i < std::size(kExpressions); ++i)
        {
            emotions[i] = emotionIndex(kExpressions[i].emotion);
            expressions[i] = faceIndex(kExpressions[i].name);
        }
    }

    std::array<std::size_t, std::size(kDrives)> drives{};
    std::array<std::size_t, std::size(kExpressions)> emotions{};
    std::array<std::size_t, std::size(kExpressions)> expressions{};
};

} // namespace

SpeechAnalyser::SpeechAnalyser(std::int32_t sampleRate, double seconds)
    : hopSize_(sampleRate / kHopsPerSecond > 0 ? sampleRate / kHopsPerSecond : 1),
      ring_(static_cast<std::size_t>(seconds * kHopsPerSecond) + 2), peak_(kLeastPeak)
{
}

void SpeechAnalyser::add(float sample)
{
    const float clean = std::isfinite(sample) ? sample : 0.0F;
    const auto step = static_cast<double>(clean - last_);
    energy_ += static_cast<double>(clean) * static_cast<double>(clean);
    difference_ += step * step;
    last_ = clean;
    ++samples_;
    if (++inHop_ == hopSize_)
    {
        closeHop();
    }
}

void SpeechAnalyser::flush()
{
    if (inHop_ > 0)
    {
        closeHop();
    }
}

void SpeechAnalyser::closeHop()
{
    const auto rms = static_cast<float>(std::sqrt(energy_ / static_cast<double>(inHop_)));
    // The slope grows with the sample rate's inverse: bring it to 16 kHz.
    const double slope = std::sqrt(difference_ / (energy_ + 1e-12)) * static_cast<double>(hopSize_) / 160.0;
    peak_ = std::fmax(std::fmax(peak_ * kPeakDecay, rms), kLeastPeak);
    const float loud = rms < kSilence ? 0.0F : clamp01((rms - kSilence) / (0.8F * peak_));
    const float bright =
        loud > 0.0F ? clamp01((static_cast<float>(slope) - kVowelSlope) / (kHissSlope - kVowelSlope)) : 0.0F;
    smooth_.loudness += (loud - smooth_.loudness) * (loud > smooth_.loudness ? kAttack : kRelease);
    smooth_.brightness += (bright - smooth_.brightness) * kAttack;
    ring_[static_cast<std::size_t>(hops_) % ring_.size()] = smooth_;
    ++hops_;
    inHop_ = 0;
    energy_ = 0.0;
    difference_ = 0.0;
}

SpeechFeatures SpeechAnalyser::hop(std::int64_t index) const
{
    const bool known = index >= 0 && index < hops_ && index >= hops_ - static_cast<std::int64_t>(ring_.size());
    return known ? ring_[static_cast<std::size_t>(index) % ring_.size()] : SpeechFeatures{};
}

SpeechFeatures SpeechAnalyser::at(std::int64_t sample) const
{
    const std::int64_t index = sample / hopSize_;
    const float share = static_cast<float>(sample % hopSize_) / static_cast<float>(hopSize_);
    const SpeechFeatures a = hop(index);
    const SpeechFeatures b = hop(index + 1);
    return {a.loudness + (b.loudness - a.loudness) * share, a.brightness + (b.brightness - a.brightness) * share};
}

float wander(double seconds, double rate, std::uint32_t seed)
{
    const double place = seconds * rate;
    const double step = std::floor(place);
    const auto share = static_cast<float>(place - step);
    const float t = share * share * (3.0F - 2.0F * share);
    const float a = random01(static_cast<std::int64_t>(step), seed);
    const float b = random01(static_cast<std::int64_t>(step) + 1, seed);
    return a + (b - a) * t;
}

void poseSpeech(const SpeechFeatures& heard, float syllable, const std::array<float, kEmotionCount>& emotions,
                float strength, std::array<float, kFaceCount>& weights)
{
    static const Indices indices;
    weights.fill(0.0F);
    const float loud = heard.loudness * strength;
    const float vowel = loud * (1.0F - heard.brightness);
    const float hiss = loud * heard.brightness;
    for (std::size_t i = 0; i < std::size(kDrives); ++i)
    {
        const Drive& drive = kDrives[i];
        weights[indices.drives[i]] = drive.vowel * vowel + drive.hiss * hiss + drive.rounded * vowel * syllable +
                                     drive.spread * loud * (1.0F - syllable) + drive.stress * loud * loud;
    }
    for (std::size_t i = 0; i < std::size(kExpressions); ++i)
    {
        weights[indices.expressions[i]] += emotions[indices.emotions[i]] * kExpressions[i].size;
    }
    for (float& weight : weights)
    {
        weight = clamp01(weight);
    }
}

} // namespace a2fbridge

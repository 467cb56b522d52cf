#include "A2FBridge/Frame.h"

#include <cmath>
#include <unordered_set>

namespace a2fbridge
{
namespace
{

constexpr std::int64_t kMaxTerm = 1'000'000'000'000;
constexpr std::int64_t kMaxRate = 1000;
constexpr std::size_t kMaxNames = 4096;
constexpr std::int32_t kMaxSampleRate = 768000;

struct Quotient
{
    std::int64_t whole;
    std::int64_t rest;
};

/// floor(a * b / c) and what remains, for 0 <= a, 0 <= b, 0 < c < 2^62, without an intermediate beyond 64 bits: long
/// multiplication, one bit of `b` after the other. Saturates.
Quotient multiplyDivide(std::int64_t a, std::int64_t b, std::int64_t c)
{
    constexpr std::int64_t most = INT64_MAX / 2;
    std::int64_t whole = 0;
    std::int64_t rest = 0;
    const std::int64_t stepWhole = a / c;
    const std::int64_t stepRest = a % c;
    for (int bit = 62; bit >= 0; --bit)
    {
        if (whole > most)
        {
            return {INT64_MAX, 0};
        }
        whole *= 2;
        rest *= 2;
        if (((b >> bit) & 1) != 0)
        {
            whole = whole > INT64_MAX - stepWhole - 2 ? INT64_MAX - 2 : whole + stepWhole;
            rest += stepRest;
        }
        whole += rest / c;
        rest %= c;
    }
    return {whole, rest};
}

Status invalid(std::string message)
{
    return makeError(ErrorCode::InvalidArgument, std::move(message), "format");
}

std::string padded(std::int64_t value, std::size_t width)
{
    const std::string digits = std::to_string(value);
    return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

} // namespace

bool FrameRate::valid() const
{
    return numerator > 0 && denominator > 0 && numerator <= kMaxTerm && denominator <= kMaxTerm &&
           numerator / kMaxRate + (numerator % kMaxRate != 0 ? 1 : 0) <= denominator;
}

std::int64_t FrameRate::sampleOf(std::int64_t frame, std::int32_t sampleRate) const
{
    // denominator * sampleRate stays below 2^60, as kMaxTerm * kMaxSampleRate does.
    const std::int64_t stride = denominator * sampleRate;
    if (frame >= 0)
    {
        return multiplyDivide(stride, frame, numerator).whole;
    }
    const Quotient quotient = multiplyDivide(stride, -frame, numerator);
    return -quotient.whole - (quotient.rest != 0 ? 1 : 0);
}

double FrameRate::timeOf(std::int64_t frame) const
{
    return static_cast<double>(frame) * static_cast<double>(denominator) / static_cast<double>(numerator);
}

std::int64_t FrameRate::frameAt(double seconds) const
{
    return std::llround(seconds * static_cast<double>(numerator) / static_cast<double>(denominator));
}

double FrameRate::period() const
{
    return static_cast<double>(denominator) / static_cast<double>(numerator);
}

std::string liveLinkTimecode(std::int64_t frame, FrameRate rate)
{
    constexpr std::int64_t perSecond = 60000; // thousandths of a sixtieth
    Quotient parts = multiplyDivide(rate.denominator * perSecond, frame, rate.numerator);
    if (parts.rest >= rate.numerator - parts.rest)
    {
        ++parts.whole;
    }
    const std::int64_t sixtieths = parts.whole / 1000;
    const std::int64_t seconds = sixtieths / 60;
    return padded(seconds / 3600 % 24, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + ":" +
           padded(sixtieths % 60, 2) + "." + padded(parts.whole % 1000, 3);
}

Status StreamFormat::validate() const
{
    if (names.empty() || names.size() > kMaxNames)
    {
        return invalid(std::to_string(names.size()) + " names; right are 1 to " + std::to_string(kMaxNames));
    }
    std::unordered_set<std::string> seen;
    for (const std::string& name : names)
    {
        if (!seen.insert(name).second)
        {
            return invalid("the name '" + name + "' stands twice; right is each name once");
        }
    }
    if (!frameRate.valid())
    {
        return invalid("a frame rate of " + std::to_string(frameRate.numerator) + "/" +
                       std::to_string(frameRate.denominator) + "; right is above 0 and at most " +
                       std::to_string(kMaxRate));
    }
    if (sampleRate <= 0 || sampleRate > kMaxSampleRate)
    {
        return invalid("a sample rate of " + std::to_string(sampleRate) + " Hz; right are 1 to " +
                       std::to_string(kMaxSampleRate));
    }
    return {};
}

} // namespace a2fbridge

// Nothing from outside reaches a face unchecked: every weight must be finite and within a range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Names.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// What a guard has seen so far. Plain copy.
struct WeightReport
{
    std::uint64_t frames = 0;     ///< Frames checked.
    std::uint64_t notFinite = 0;  ///< Weights that were NaN or infinite; replaced by that weight's last good value.
    std::uint64_t outOfRange = 0; ///< Weights beyond the range; clamped to it.
    std::uint64_t wrongCount = 0; ///< Frames refused because they had not one weight for each name.
    std::string worstName;        ///< The name that offended most often; empty when none did.
    std::uint64_t worstCount = 0; ///< How often it did.
    float worstValue = 0.0F;      ///< Its last bad value.
    /// One line for a log, such as "3 weights not finite, 1 out of range; worst: JawOpen (3 times, last nan)"; empty
    /// when nothing was wrong.
    A2FBRIDGECORE_API std::string text() const;
};

/// Checks frames on arrival. One thread. No allocation after construction but in report().
class A2FBRIDGECORE_API WeightGuard
{
public:
    /// Weights outside [low, high] are clamped. Default [-4, 4]: far beyond what any solver gives (about [0, 1]).
    explicit WeightGuard(std::vector<std::string> names, float low = -4.0F, float high = 4.0F);

    /// Writes the checked frame to `out` (one value for each name). Returns false, and writes nothing, when the count
    /// is wrong.
    bool admit(Span<float> weights, float* out);

    const std::vector<std::string>& names() const { return names_; }
    WeightReport report() const;
    /// Offences per name, in the order of names().
    Span<std::uint64_t> offences() const { return offences_; }

private:
    std::vector<std::string> names_;
    float low_;
    float high_;
    std::vector<float> lastGood_;
    std::vector<float> lastBad_;
    std::vector<std::uint64_t> offences_;
    std::uint64_t frames_ = 0;
    std::uint64_t notFinite_ = 0;
    std::uint64_t outOfRange_ = 0;
    std::uint64_t wrongCount_ = 0;
};

} // namespace a2fbridge

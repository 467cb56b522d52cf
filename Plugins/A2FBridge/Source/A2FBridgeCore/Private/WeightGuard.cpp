#include "A2FBridge/WeightGuard.h"

#include <cmath>
#include <utility>

#include "Text.h"

namespace a2fbridge
{

WeightGuard::WeightGuard(std::vector<std::string> names, float low, float high)
    : names_(std::move(names)), low_(low), high_(high), lastGood_(names_.size(), 0.0F), lastBad_(names_.size(), 0.0F),
      offences_(names_.size(), 0)
{
}

bool WeightGuard::admit(Span<float> weights, float* out)
{
    if (weights.size() != names_.size())
    {
        ++wrongCount_;
        return false;
    }
    ++frames_;
    for (std::size_t i = 0; i < weights.size(); ++i)
    {
        const float weight = weights[i];
        if (weight >= low_ && weight <= high_)
        {
            lastGood_[i] = weight;
        }
        else
        {
            ++offences_[i];
            lastBad_[i] = weight;
            if (std::isfinite(weight))
            {
                ++outOfRange_;
                lastGood_[i] = weight < low_ ? low_ : high_;
            }
            else
            {
                ++notFinite_;
            }
        }
        out[i] = lastGood_[i];
    }
    return true;
}

WeightReport WeightGuard::report() const
{
    WeightReport report;
    report.frames = frames_;
    report.notFinite = notFinite_;
    report.outOfRange = outOfRange_;
    report.wrongCount = wrongCount_;
    for (std::size_t i = 0; i < names_.size(); ++i)
    {
        if (offences_[i] > report.worstCount)
        {
            report.worstCount = offences_[i];
            report.worstName = names_[i];
            report.worstValue = lastBad_[i];
        }
    }
    return report;
}

std::string WeightReport::text() const
{
    std::string text;
    const auto add = [&text](std::uint64_t count, const char* what)
    {
        if (count > 0)
        {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + what;
        }
    };
    add(notFinite, " weights not finite");
    add(outOfRange, " out of range");
    add(wrongCount, " frames with a wrong number of weights");
    if (worstCount > 0)
    {
        text += "; worst: " + worstName + " (" + std::to_string(worstCount) + " times, last " +
                shortNumber(static_cast<double>(worstValue)) + ")";
    }
    return text;
}

} // namespace a2fbridge

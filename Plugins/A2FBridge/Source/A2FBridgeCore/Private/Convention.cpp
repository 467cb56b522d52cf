#include "A2FBridge/Convention.h"

#include <string>

#include "A2FBridge/Names.h"

namespace a2fbridge
{
namespace
{

std::size_t columnOf(Span<std::string> names, std::size_t face)
{
    for (std::size_t i = 0; i < names.size(); ++i)
    {
        if (faceIndex(names[i]) == face)
        {
            return i;
        }
    }
    return kNotFound;
}

float clamp01(float x)
{
    return x < 0.0F ? 0.0F : (x > 1.0F ? 1.0F : x);
}

float atLeast0(float x)
{
    return x < 0.0F ? 0.0F : x;
}

} // namespace

const char* conventionName(Convention convention)
{
    switch (convention)
    {
    case Convention::A2F:
        return "a2f";
    case Convention::ARKit:
        return "arkit";
    case Convention::Target:
        break;
    }
    return "target";
}

Result<Convention> parseConvention(std::string_view name)
{
    for (const Convention convention : {Convention::A2F, Convention::ARKit, Convention::Target})
    {
        if (name == conventionName(convention))
        {
            return convention;
        }
    }
    return makeError(ErrorCode::InvalidData,
                     "convention '" + std::string(name) + "' is unknown; right are a2f, arkit, target", "convention");
}

Result<ConventionConverter> ConventionConverter::create(Span<std::string> names, Convention from, Convention to)
{
    ConventionConverter converter;
    if (from == to)
    {
        return converter;
    }
    if (from == Convention::Target || to == Convention::Target)
    {
        return makeError(ErrorCode::InvalidArgument,
                         std::string("weights in convention '") + conventionName(from) + "' cannot be converted to '" +
                             conventionName(to) + "'; right are a2f and arkit",
                         "convention");
    }
    const std::size_t jawOpen = columnOf(names, faceIndex("JawOpen"));
    const std::size_t mouthClose = columnOf(names, faceIndex("MouthClose"));
    if (jawOpen != kNotFound && mouthClose != kNotFound)
    {
        converter.kind_ = to == Convention::ARKit ? Kind::ToArkit : Kind::ToA2f;
        converter.jawOpen_ = jawOpen;
        converter.mouthClose_ = mouthClose;
    }
    return converter;
}

void ConventionConverter::apply(float* weights) const
{
    float* jawOpen = weights + jawOpen_;
    float* mouthClose = weights + mouthClose_;
    if (kind_ == Kind::ToArkit)
    {
        *jawOpen = clamp01(*jawOpen + *mouthClose);
    }
    else if (kind_ == Kind::ToA2f)
    {
        // Lips cannot close further than the jaw is open.
        const float jaw = atLeast0(*jawOpen);
        *mouthClose = *mouthClose < jaw ? *mouthClose : jaw;
        *jawOpen = jaw - atLeast0(*mouthClose);
    }
}

} // namespace a2fbridge

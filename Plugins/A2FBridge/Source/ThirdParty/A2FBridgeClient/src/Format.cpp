#include "Format.h"

#include "Border.h"

namespace a2fbridge::client
{

Convention readConvention(std::uint32_t convention)
{
    require(convention <= A2FB_CONVENTION_TARGET, "convention is none of A2FB_CONVENTION_A2F, _ARKIT, _TARGET");
    return static_cast<Convention>(convention);
}

StreamFormat readFormat(const a2fb_format* format)
{
    const a2fb_format given = read(format);
    StreamFormat out;
    out.names = texts(given.names, given.name_count, "a name");
    out.convention = readConvention(given.convention);
    if (given.frame_rate_numerator != 0)
    {
        out.frameRate = {given.frame_rate_numerator,
                         given.frame_rate_denominator == 0 ? 1 : given.frame_rate_denominator};
    }
    out.sampleRate = static_cast<std::int32_t>(option(given.sample_rate, 16000, 1, 768000, "sample_rate"));
    check(out.validate());
    return out;
}

} // namespace a2fbridge::client

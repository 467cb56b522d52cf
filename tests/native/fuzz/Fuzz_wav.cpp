// A WAV file from anywhere: refused with an offset, or finite samples within [-1, 1].
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "A2FBridge/Wav.h"

using namespace a2fbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto sound = readWav({data, size});
    if (!sound)
    {
        return sound.error().offset >= 0 && !sound.error().message.empty() ? 0 : (std::abort(), 0);
    }
    for (const float sample : sound.value().samples)
    {
        if (!(std::abs(sample) <= 1.0F))
        {
            std::abort();
        }
    }
    return 0;
}

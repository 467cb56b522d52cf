// WAV files: reading what occurs in practice, refusing the rest; writing PCM16.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Result.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// Decoded sound.
struct WavSound
{
    std::int32_t sampleRate = 0; ///< Hz.
    std::int32_t channels = 0;   ///< 1 or 2.
    std::vector<float> samples;  ///< Interleaved, in [-1, 1].
    bool truncated = false;      ///< The file ends before the sound does; what is there was read.

    /// Samples per channel.
    std::size_t frameCount() const { return channels > 0 ? samples.size() / static_cast<std::size_t>(channels) : 0; }
};

struct WavLimits
{
    std::int32_t minRate = 8000;   ///< Hz
    std::int32_t maxRate = 384000; ///< Hz
    double maxSeconds = 3600.0;
};

/// Decodes a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64 bits, plain or extensible, mono or stereo.
/// A data chunk of unknown length (0 or 0xFFFFFFFF, as streaming writers leave it) reaches to the end of the file.
/// Errors: InvalidData with the byte offset, Unsupported (another encoding), TooLarge; before anything is allocated.
/// Integers are value / 2^(bits - 1), as Python's side has them; floats are clipped to [-1, 1]; NaN is an error.
A2FBRIDGECORE_API Result<WavSound> readWav(Span<std::uint8_t> file, const WavLimits& limits = {});

/// Returns a mono or stereo PCM16 WAV file. Error: InvalidArgument (rate, channels, size beyond 4 GiB).
A2FBRIDGECORE_API Result<std::vector<std::uint8_t>> writeWav(Span<std::int16_t> interleaved, std::int32_t sampleRate,
                                                             std::int32_t channels);

/// Averages interleaved channels to mono. `mono` has samples.size() / channels values.
A2FBRIDGECORE_API void mixToMono(Span<float> interleaved, std::int32_t channels, std::vector<float>& mono);
/// Rounds samples in [-1, 1] to 16 bits, clipped at full scale.
A2FBRIDGECORE_API void toPcm16(Span<float> samples, std::vector<std::int16_t>& pcm);

} // namespace a2fbridge

// A frame of animation, and the clock that names it by its place in the audio.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "A2FBridge/Convention.h"
#include "A2FBridge/Export.h"
#include "A2FBridge/Names.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// Frames per second as an exact fraction.
struct A2FBRIDGECORE_API FrameRate
{
    std::int64_t numerator = 30;
    std::int64_t denominator = 1;

    /// Whether it is above 0 and at most 1000 frames a second, both numbers within 1 to 1e12.
    bool valid() const;
    /// Sample index of a frame: floor(frame * sampleRate / rate), in integers; strides are never accumulated.
    std::int64_t sampleOf(std::int64_t frame, std::int32_t sampleRate) const;
    /// Time code of a frame in seconds: frame / rate.
    double timeOf(std::int64_t frame) const;
    /// The frame whose time stamp is nearest to a time in seconds.
    std::int64_t frameAt(double seconds) const;
    /// Seconds from one frame to the next.
    double period() const;
};

/// Returns "HH:MM:SS:FF.mmm" as the Live Link Face app writes it: FF counts sixtieths of a second whatever the rate,
/// mmm thousandths of one; a day wraps.
A2FBRIDGECORE_API std::string liveLinkTimecode(std::int64_t frame, FrameRate rate);

/// What is known once for a whole stream, before its first frame.
struct StreamFormat
{
    std::vector<std::string> names;          ///< Columns of every frame: blend shapes or curves. 1 to 4096, each once.
    Convention convention = Convention::A2F; ///< What the weights mean.
    FrameRate frameRate;                     ///< Nominal; frames say their own sample index.
    std::int32_t sampleRate = 16000;         ///< Hz of the audio that sample indices count. 1 to 768000.

    /// Error: InvalidArgument, naming what is out of range.
    A2FBRIDGECORE_API Status validate() const;
};

/// One frame, owned by somebody else; valid only during the call that passes it.
struct FrameView
{
    std::int64_t sampleIndex = 0; ///< Its place in the audio.
    double timeCode = 0.0;        ///< Seconds.
    Span<float> weights;          ///< One per name of the StreamFormat.
    Span<float> emotions;         ///< kEmotionCount values (NaN: unknown), or empty.
};

} // namespace a2fbridge

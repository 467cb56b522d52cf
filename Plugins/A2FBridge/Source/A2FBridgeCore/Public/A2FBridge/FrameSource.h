// The provider interface: where frames come from (a server, a recording, the mock).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "A2FBridge/Export.h"
#include "A2FBridge/Frame.h"
#include "A2FBridge/Result.h"

namespace a2fbridge
{

/// Receives what a source yields. Called only from within IFrameSource::poll, on the polling thread.
class A2FBRIDGECORE_API IFrameSink
{
public:
    virtual ~IFrameSink();
    /// Comes once, before everything else.
    virtual void onFormat(const StreamFormat& format) = 0;
    /// A frame; sample indices increase.
    virtual void onFrame(const FrameView& frame) = 0;
    /// Sound that came with the frames (recordings, servers that echo it): mono, starting at that sample index.
    virtual void onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples);
    /// An event: JSON object text with "kind" ("status", "marker", "end", ...).
    virtual void onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json);
};

/// Where a source stands. Moves only downwards in this list; the last three are final.
enum class SourceState : std::uint8_t
{
    Opening,   ///< Nothing has come yet.
    Streaming, ///< The format is known; frames come.
    Ended,     ///< All frames have been handed out by poll.
    Failed,    ///< error() says why.
    Cancelled  ///< cancel() was called.
};

/// Interleaved sound, owned by the caller; exactly one of the two views is used.
struct AudioBlock
{
    Span<std::int16_t> pcm16;        ///< 16-bit samples, or empty.
    Span<float> floats;              ///< Samples in [-1, 1], or empty.
    std::int32_t channels = 1;       ///< 1 to 8, interleaved; averaged to mono.
    std::int32_t sampleRate = 16000; ///< Hz; the same for all blocks of a stream. Sample indices count these.
};

/// Emotion weights that hold from a time on, linear in between.
struct EmotionKey
{
    double timeCode = 0.0;            ///< Seconds of audio.
    float values[kEmotionCount] = {}; ///< 0 to 1, order of emotionNames().
};

/// A stream of frames. Threads: each call may come from any thread, but only one at a time, save cancel(), state()
/// and error(), which may come at any time. No call blocks.
class A2FBRIDGECORE_API IFrameSource
{
public:
    virtual ~IFrameSource();

    /// Adds sound. Errors: Full (nothing was taken; poll, then try again), WrongState after endAudio or in a final
    /// state, InvalidArgument. Sources that need no sound (replay) accept and ignore it.
    virtual Status pushAudio(const AudioBlock& block) = 0;
    /// Adds an emotion key. Default: Unsupported.
    virtual Status pushEmotion(const EmotionKey& key);
    /// Says that no more sound comes; frames go on until Ended. A second call does nothing.
    virtual Status endAudio() = 0;
    /// Stops as soon as possible; state() becomes Cancelled unless it was final already.
    virtual void cancel() = 0;
    /// Hands at most `maxFrames` frames (and what lies between them) to the sink; returns how many frames it were.
    /// Never blocks; 0 means that nothing is there now.
    virtual std::size_t poll(IFrameSink& sink, std::size_t maxFrames) = 0;
    /// Goes to the first frame at or after that sample; the next poll begins there. Default: Unsupported (live
    /// streams).
    virtual Status seek(std::int64_t sampleIndex);

    virtual SourceState state() const = 0;
    /// Why it is Failed; any Error before that.
    virtual Error error() const = 0;
};

} // namespace a2fbridge

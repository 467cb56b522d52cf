// The jitter buffer: frames by audio sample index, in storage that is allocated once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Frame.h"
#include "A2FBridge/Result.h"

namespace a2fbridge
{

/// How a sample came about.
enum class SampleKind : std::uint8_t
{
    Empty,       ///< The buffer holds nothing; `out` is untouched.
    BeforeFirst, ///< The position lies before the oldest frame; that frame.
    Between,     ///< Interpolated between two frames (or the frame itself).
    AfterLast    ///< The position lies after the newest frame; that frame.
};

/// What lies in a buffer.
struct BufferRange
{
    std::size_t count = 0;      ///< Frames held.
    std::int64_t first = 0;     ///< Sample index of the oldest; only when count > 0.
    std::int64_t last = 0;      ///< Sample index of the newest; only when count > 0.
    std::uint64_t pushed = 0;   ///< Frames ever taken in.
    std::uint64_t evicted = 0;  ///< Frames dropped to make room.
    std::uint64_t replaced = 0; ///< Frames that came a second time and took the place of the first.
    bool dropped = false;       ///< Frames older than the oldest have been evicted (since the last clear).
    bool finished = false;      ///< finish() was called.
};

/// Frames of K weights and ten emotions, sorted by sample index. Any thread; each call holds a lock for as long as it
/// takes to copy one frame. No allocation after construction.
class A2FBRIDGECORE_API FrameBuffer
{
public:
    /// Room for `capacity` frames (at least 2) of `weightCount` weights.
    FrameBuffer(std::size_t weightCount, std::size_t capacity);
    ~FrameBuffer();
    FrameBuffer(const FrameBuffer&) = delete;
    FrameBuffer& operator=(const FrameBuffer&) = delete;

    /// Takes a frame in at its place; a frame with an index that is there already replaces it. When the buffer is full,
    /// the oldest frame goes if it lies before keepFrom(). Errors: Full (it does not; try again later), OutOfOrder (the
    /// frame itself is older than everything held by a full buffer), InvalidArgument (wrong weight count).
    Status push(const FrameView& frame);
    /// Frames older than the last one at or before this position may be dropped for new ones. Set by the reader.
    void keepFrom(std::int64_t sampleIndex);
    /// How many frames push takes for certain now.
    std::size_t room() const;
    /// No more frames come.
    void finish();
    /// Drops all frames, and takes frames of any index again. Counters go on.
    void clear();

    /// Writes the weights at a position [samples, fractions allowed] to `weights` (K values) and, unless null, the
    /// emotions to `emotions` (10 values). Weights are linear between frames, and so are emotions (NaN stays NaN);
    /// `interpolate` false takes the frame at or before the position.
    SampleKind sample(double position, bool interpolate, float* weights, float* emotions) const;

    BufferRange range() const;
    std::size_t weightCount() const { return weightCount_; }
    std::size_t capacity() const { return capacity_; }

private:
    struct Slots;
    std::size_t weightCount_;
    std::size_t capacity_;
    std::unique_ptr<Slots> slots_;
    mutable std::mutex mutex_;
};

} // namespace a2fbridge

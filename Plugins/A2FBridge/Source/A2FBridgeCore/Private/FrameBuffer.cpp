#include "A2FBridge/FrameBuffer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace a2fbridge
{

/// A ring of slot numbers sorted by sample index over a pool of frames: taking a late frame in moves numbers, not
/// frames.
struct FrameBuffer::Slots
{
    struct Key
    {
        std::int64_t sampleIndex = 0;
        std::size_t slot = 0;
    };

    Slots(std::size_t capacity, std::size_t valuesPerFrame) : keys(capacity), stride(valuesPerFrame)
    {
        values.resize(capacity * stride);
        for (std::size_t i = 0; i < capacity; ++i)
        {
            keys[i].slot = i;
        }
    }

    Key& at(std::size_t i) { return keys[wrap(i)]; }
    const Key& at(std::size_t i) const { return keys[wrap(i)]; }
    std::size_t wrap(std::size_t i) const { return head + i < keys.size() ? head + i : head + i - keys.size(); }
    float* frame(std::size_t i) { return values.data() + at(i).slot * stride; }
    const float* frame(std::size_t i) const { return values.data() + at(i).slot * stride; }

    /// Place of the first frame after `position`; `count` when there is none.
    std::size_t after(double position) const
    {
        std::size_t low = 0;
        std::size_t high = count;
        while (low < high)
        {
            const std::size_t middle = low + (high - low) / 2;
            if (static_cast<double>(at(middle).sampleIndex) > position)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }

    /// Place at which a frame of this index belongs.
    std::size_t placeOf(std::int64_t sampleIndex) const
    {
        std::size_t i = count;
        while (i > 0 && at(i - 1).sampleIndex >= sampleIndex)
        {
            --i;
        }
        return i;
    }

    void dropOldest()
    {
        head = wrap(1);
        --count;
        ++evicted;
        dropped = true;
    }

    /// Makes place `i` free for a new frame, moving the keys behind it up.
    void open(std::size_t i)
    {
        const Key fresh = at(count);
        for (std::size_t j = count; j > i; --j)
        {
            at(j) = at(j - 1);
        }
        at(i) = fresh;
        ++count;
    }

    std::vector<Key> keys;
    std::vector<float> values;
    std::size_t stride;
    std::size_t head = 0;
    std::size_t count = 0;
    std::int64_t keepFrom = std::numeric_limits<std::int64_t>::min();
    std::uint64_t pushed = 0;
    std::uint64_t evicted = 0;
    std::uint64_t replaced = 0;
    bool dropped = false;
    bool finished = false;
};

FrameBuffer::FrameBuffer(std::size_t weightCount, std::size_t capacity)
    : weightCount_(weightCount), capacity_(capacity < 2 ? 2 : capacity),
      slots_(std::make_unique<Slots>(capacity_, weightCount + kEmotionCount))
{
}

FrameBuffer::~FrameBuffer() = default;

Status FrameBuffer::push(const FrameView& frame)
{
    if (frame.weights.size() != weightCount_ || (!frame.emotions.empty() && frame.emotions.size() != kEmotionCount))
    {
        return makeError(ErrorCode::InvalidArgument, "a frame with a wrong number of weights or emotions", "count");
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    Slots& slots = *slots_;
    std::size_t place = slots.placeOf(frame.sampleIndex);
    if (place < slots.count && slots.at(place).sampleIndex == frame.sampleIndex)
    {
        ++slots.replaced;
    }
    else
    {
        if (slots.count == capacity_)
        {
            if (place == 0)
            {
                return makeError(ErrorCode::OutOfOrder, "the frame is older than all that a full buffer holds");
            }
            // The oldest frame is needed as long as no other lies at or before the position that is kept.
            if (slots.at(1).sampleIndex > slots.keepFrom)
            {
                return makeError(ErrorCode::Full, "the buffer is full of frames that are still to be played");
            }
            slots.dropOldest();
            --place;
        }
        slots.open(place);
    }
    slots.at(place).sampleIndex = frame.sampleIndex;
    float* values = slots.frame(place);
    std::copy(frame.weights.begin(), frame.weights.end(), values);
    if (frame.emotions.empty())
    {
        std::fill_n(values + weightCount_, kEmotionCount, std::numeric_limits<float>::quiet_NaN());
    }
    else
    {
        std::copy(frame.emotions.begin(), frame.emotions.end(), values + weightCount_);
    }
    ++slots.pushed;
    return {};
}

void FrameBuffer::keepFrom(std::int64_t sampleIndex)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    slots_->keepFrom = sampleIndex;
}

std::size_t FrameBuffer::room() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    const Slots& slots = *slots_;
    const std::size_t until = slots.after(static_cast<double>(slots.keepFrom));
    const std::size_t droppable = until > 0 ? until - 1 : 0;
    return capacity_ - slots.count + droppable;
}

void FrameBuffer::finish()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    slots_->finished = true;
}

void FrameBuffer::clear()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    slots_->count = 0;
    slots_->finished = false;
    slots_->dropped = false;
    slots_->keepFrom = std::numeric_limits<std::int64_t>::min();
}

SampleKind FrameBuffer::sample(double position, bool interpolate, float* weights, float* emotions) const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    const Slots& slots = *slots_;
    if (slots.count == 0)
    {
        return SampleKind::Empty;
    }
    const std::size_t next = slots.after(position);
    const std::size_t before = next > 0 ? next - 1 : 0;
    const float* a = slots.frame(before);
    const float* b = a;
    float share = 0.0F;
    if (interpolate && next > 0 && next < slots.count)
    {
        const auto from = static_cast<double>(slots.at(before).sampleIndex);
        const auto to = static_cast<double>(slots.at(next).sampleIndex);
        b = slots.frame(next);
        share = static_cast<float>((position - from) / (to - from));
    }
    for (std::size_t i = 0; i < weightCount_; ++i)
    {
        weights[i] = a[i] + (b[i] - a[i]) * share;
    }
    for (std::size_t i = 0; emotions != nullptr && i < kEmotionCount; ++i)
    {
        emotions[i] = a[weightCount_ + i] + (b[weightCount_ + i] - a[weightCount_ + i]) * share;
    }
    if (next == 0)
    {
        return SampleKind::BeforeFirst;
    }
    const bool beyond = next == slots.count && position > static_cast<double>(slots.at(before).sampleIndex);
    return beyond ? SampleKind::AfterLast : SampleKind::Between;
}

BufferRange FrameBuffer::range() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    const Slots& slots = *slots_;
    BufferRange range;
    range.count = slots.count;
    if (slots.count > 0)
    {
        range.first = slots.at(0).sampleIndex;
        range.last = slots.at(slots.count - 1).sampleIndex;
    }
    range.pushed = slots.pushed;
    range.evicted = slots.evicted;
    range.replaced = slots.replaced;
    range.dropped = slots.dropped;
    range.finished = slots.finished;
    return range;
}

} // namespace a2fbridge

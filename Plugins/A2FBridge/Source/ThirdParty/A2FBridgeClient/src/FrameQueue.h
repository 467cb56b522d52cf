// Frames on their way from the connection's thread to the game's: a ring with one writer, one reader and no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

struct QueuedFrame
{
    std::int64_t index = 0;
    std::int64_t sampleIndex = 0;
    double timeCode = 0.0;
    std::array<float, A2FB_EMOTIONS> emotions{};
    std::uint32_t corrected = 0;
    std::vector<float> weights;
    std::vector<std::int16_t> audio;
};

/// Storage for weights is allocated once; a slot keeps the sound buffer of the frame that was in it before.
class FrameQueue
{
public:
    FrameQueue(std::size_t capacity, std::size_t weightCount) : slots_(capacity)
    {
        for (QueuedFrame& slot : slots_)
        {
            slot.weights.resize(weightCount);
        }
    }

    std::size_t weightCount() const { return slots_.front().weights.size(); }
    bool full() const { return size() == slots_.size(); }
    std::size_t size() const
    {
        // The reader's end first: it never runs ahead of the writer's, so the difference is never negative.
        const std::uint64_t taken = taken_.load(std::memory_order_acquire);
        return static_cast<std::size_t>(put_.load(std::memory_order_acquire) - taken);
    }

    /// Writer: the slot for the next frame, or null when the queue is full; put() hands it over.
    QueuedFrame* slot() { return full() ? nullptr : &slots_[put_.load(std::memory_order_relaxed) % slots_.size()]; }
    void put() { put_.fetch_add(1, std::memory_order_release); }

    /// Reader: the oldest frame, or null; take() gives its slot back.
    const QueuedFrame* front() const
    {
        return size() == 0 ? nullptr : &slots_[taken_.load(std::memory_order_relaxed) % slots_.size()];
    }
    void take() { taken_.fetch_add(1, std::memory_order_release); }

private:
    std::vector<QueuedFrame> slots_;
    std::atomic<std::uint64_t> put_{0};
    std::atomic<std::uint64_t> taken_{0};
};

} // namespace a2fbridge::client

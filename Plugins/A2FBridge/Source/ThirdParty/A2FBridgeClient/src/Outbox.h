// What waits to be sent: sound as 16-bit mono, emotion keys, the end. Bounded; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

using NamedValues = std::vector<std::pair<std::string, float>>;

struct EmotionKey
{
    double timeCode = 0.0;
    NamedValues values;
};

/// One message's worth.
struct Parcel
{
    std::vector<std::int16_t> samples;
    std::vector<EmotionKey> keys;
    bool end = false; ///< Nothing else is in it, and nothing follows.
};

class Outbox
{
public:
    explicit Outbox(std::size_t capacity) : capacity_(capacity) {}

    /// Takes as many frames as there is room for and returns their number. Throws Failure for sound that cannot be
    /// sent.
    std::size_t push(const a2fb_audio& audio);
    /// Returns whether there was room.
    bool push(EmotionKey key);
    void end();
    bool ended() const;

    /// Takes at most `maxSamples` and 500 keys; returns false when there is nothing to send.
    bool take(std::size_t maxSamples, Parcel& parcel);
    /// Drops everything and takes no more.
    void close();

    /// Samples taken so far; takes no lock.
    std::uint64_t pushed() const { return pushed_.load(std::memory_order_relaxed); }
    /// Whether push found no room since the last call, and there is room again.
    bool roomAgain();

private:
    mutable std::mutex mutex_;
    std::size_t capacity_;
    std::vector<std::int16_t> ring_; ///< Grows up to the capacity; begins at `first_`.
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::vector<EmotionKey> keys_;
    std::atomic<std::uint64_t> pushed_{0};
    std::atomic<bool> refused_{false}; ///< push found no room.
    bool ended_ = false;
    bool endTaken_ = false;
    bool anythingTaken_ = false;

    void reserve(std::size_t samples);
};

} // namespace a2fbridge::client

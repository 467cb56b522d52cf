// Hands objects from any thread to one reader, which never frees anything.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace a2fbridge
{

/// The newest of a row of objects. What is replaced is kept until the reader has let go of it, and then freed by the
/// thread that publishes or collects. publish and collect may be called by any thread, one at a time; refresh by the
/// reader.
template <class T>
class SharedSlot
{
public:
    void publish(std::shared_ptr<T> next)
    {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            retired_.push_back(std::exchange(current_, std::move(next)));
        }
        version_.fetch_add(1, std::memory_order_release);
        collect();
    }

    /// Frees what the reader no longer holds.
    void collect()
    {
        retired_.erase(std::remove_if(retired_.begin(), retired_.end(),
                                      [](const std::shared_ptr<T>& old) { return !old || old.use_count() == 1; }),
                       retired_.end());
    }

    /// Whether there may be something to collect.
    bool hasRetired() const { return !retired_.empty(); }

    /// Gives the reader the newest object; returns whether it is another one than before.
    bool refresh(std::shared_ptr<T>& held)
    {
        const std::uint64_t version = version_.load(std::memory_order_acquire);
        if (version == seen_)
        {
            return false;
        }
        seen_ = version;
        const std::lock_guard<std::mutex> lock(mutex_);
        held = current_; // the slot still owns what `held` lets go
        return true;
    }

private:
    std::mutex mutex_;
    std::shared_ptr<T> current_;
    std::vector<std::shared_ptr<T>> retired_;
    std::atomic<std::uint64_t> version_{0};
    std::uint64_t seen_ = 0;
};

} // namespace a2fbridge

// One clip or live stream, between the caller's threads and the connection's: what waits to be sent, what has come, and
// how it stands. Knows no gRPC.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "A2FBridge/Frame.h"
#include "Failure.h"
#include "FrameQueue.h"
#include "Outbox.h"
#include "Settings.h"
#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

/// What the server said before its first frame.
struct Opening
{
    std::vector<std::string> names;
    std::int32_t audioRate = 16000;
    FrameRate frameRate;
    std::string settingsJson; ///< Empty: a plain NIM.
};

class Session
{
public:
    Session(SessionSettings settings, a2fb_session_callback callback, void* context);

    const SessionSettings& settings() const { return settings_; }
    Outbox& outbox() { return outbox_; }

    // --- the caller

    a2fb_status poll(a2fb_frame& out, a2fb_error* error);
    a2fb_status wait(std::uint32_t timeoutMs);
    a2fb_session_info info() const;
    a2fb_status text(std::uint32_t kind, std::size_t index, a2fb_str& out) const;
    /// Throws why the session is over, when it is.
    void requireOpen() const;
    /// Asks the connection's thread to end the call.
    void cancel();
    /// No callback comes any more.
    void dropCallback();

    // --- the connection's thread

    bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
    bool over() const { return state_.load(std::memory_order_acquire) >= A2FB_SESSION_FINISHED; }
    void open(Opening opening);
    /// Null before open(), and while the queue is full.
    QueuedFrame* slot() { return frames_ ? frames_->slot() : nullptr; }
    bool full() const { return frames_ && frames_->full(); }
    void putFrame();
    void sent(std::size_t samples);
    void warn(std::string warning);
    void finish();
    /// Failed, or cancelled when that is the status. The first end counts.
    void fail(Failure failure);
    /// Tells the callback what has happened since the last time.
    void notify();

private:
    SessionSettings settings_;
    Outbox outbox_;

    std::unique_ptr<FrameQueue> frames_;         ///< Made by the connection's thread ...
    std::atomic<FrameQueue*> readable_{nullptr}; ///< ... and seen by the reader through this.
    std::atomic<std::uint32_t> state_{A2FB_SESSION_OPENING};
    std::atomic<bool> cancelled_{false};
    std::atomic<std::uint64_t> received_{0}, corrected_{0}, sent_{0};
    std::atomic<std::uint32_t> warningCount_{0};
    Opening opening_; ///< Written once, before readable_.
    Failure failure_; ///< Written once, before state_ says that it is over.

    mutable std::mutex mutex_; ///< Guards warnings_ and the end.
    std::deque<std::string> warnings_;
    std::condition_variable changed_;
    std::atomic<int> waiting_{0};

    std::recursive_mutex callbackMutex_;
    a2fb_session_callback callback_;
    void* context_;
    std::uint32_t events_ = 0;                       ///< Not told yet; the connection's thread only, as is ...
    std::uint32_t toldState_ = A2FB_SESSION_OPENING; ///< ... the state that was told last.

    void wakeWaiting();
    bool somethingToPoll() const;
    void end(std::uint32_t state, Failure failure);
};

} // namespace a2fbridge::client

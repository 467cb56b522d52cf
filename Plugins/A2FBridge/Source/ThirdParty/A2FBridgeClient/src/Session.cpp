#include "Session.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "Border.h"

namespace a2fbridge::client
{

namespace
{

constexpr std::size_t kMaxWarnings = 100;

void copyFrame(const QueuedFrame& frame, a2fb_frame& out)
{
    out.index = frame.index;
    out.sample_index = frame.sampleIndex;
    out.time_code = frame.timeCode;
    out.corrected = frame.corrected;
    std::copy(frame.emotions.begin(), frame.emotions.end(), out.emotions);
    std::copy(frame.weights.begin(), frame.weights.end(), out.weights);
    out.audio_count = 0;
    if (out.audio != nullptr)
    {
        const std::size_t count = std::min<std::size_t>(frame.audio.size(), out.audio_capacity);
        std::copy_n(frame.audio.begin(), count, out.audio);
        out.audio_count = static_cast<std::uint32_t>(count);
    }
}

} // namespace

Session::Session(SessionSettings settings, a2fb_session_callback callback, void* context)
    : settings_(std::move(settings)), outbox_(settings_.audioQueue), failure_(A2FB_OK, ""), callback_(callback),
      context_(context)
{
}

a2fb_status Session::poll(a2fb_frame& out, a2fb_error* error)
{
    // The state first: what was put before the end is then seen below.
    const std::uint32_t state = state_.load(std::memory_order_acquire);
    FrameQueue* const frames = readable_.load(std::memory_order_acquire);
    if (const QueuedFrame* const frame = frames != nullptr ? frames->front() : nullptr)
    {
        out.weight_count = static_cast<std::uint32_t>(frame->weights.size());
        if (out.weights == nullptr || out.weight_capacity < out.weight_count)
        {
            report(A2FB_E_TOO_SMALL, "weight_capacity is less than the session's weight_count", error);
            return A2FB_E_TOO_SMALL;
        }
        copyFrame(*frame, out);
        frames->take();
        return A2FB_OK;
    }
    if (state < A2FB_SESSION_FINISHED)
    {
        return A2FB_NOTHING;
    }
    if (state == A2FB_SESSION_FINISHED)
    {
        return A2FB_END;
    }
    report(failure_, error);
    return failure_.status;
}

bool Session::somethingToPoll() const
{
    const FrameQueue* const frames = readable_.load(std::memory_order_acquire);
    return over() || (frames != nullptr && frames->size() > 0);
}

a2fb_status Session::wait(std::uint32_t timeoutMs)
{
    waiting_.fetch_add(1, std::memory_order_acq_rel);
    std::unique_lock lock(mutex_);
    const bool something =
        changed_.wait_for(lock, std::chrono::milliseconds(timeoutMs), [&] { return somethingToPoll(); });
    waiting_.fetch_sub(1, std::memory_order_acq_rel);
    return something ? A2FB_OK : A2FB_NOTHING;
}

void Session::wakeWaiting()
{
    // Written, not loaded, so that this and wait() stand in one order: either this sees the waiting thread, or that one
    // sees what was put.
    if (waiting_.fetch_add(0, std::memory_order_acq_rel) > 0)
    {
        const std::lock_guard lock(mutex_); // so that nobody is between looking and waiting
        changed_.notify_all();
    }
}

a2fb_session_info Session::info() const
{
    a2fb_session_info out{};
    out.state = state_.load(std::memory_order_acquire);
    out.status = out.state > A2FB_SESSION_FINISHED ? failure_.status : A2FB_OK;
    if (const FrameQueue* const frames = readable_.load(std::memory_order_acquire))
    {
        out.weight_count = static_cast<std::uint32_t>(opening_.names.size());
        out.audio_sample_rate = static_cast<std::uint32_t>(opening_.audioRate);
        out.frame_rate_numerator = static_cast<std::uint32_t>(opening_.frameRate.numerator);
        out.frame_rate_denominator = static_cast<std::uint32_t>(opening_.frameRate.denominator);
        out.is_a2fbridge = opening_.settingsJson.empty() ? 0 : 1;
        out.frames_waiting = static_cast<std::uint32_t>(frames->size());
    }
    out.warning_count = warningCount_.load(std::memory_order_acquire);
    out.frames_received = received_.load(std::memory_order_relaxed);
    out.weights_corrected = corrected_.load(std::memory_order_relaxed);
    out.samples_pushed = outbox_.pushed();
    out.samples_sent = sent_.load(std::memory_order_relaxed);
    return out;
}

a2fb_status Session::text(std::uint32_t kind, std::size_t index, a2fb_str& out) const
{
    const bool opened = readable_.load(std::memory_order_acquire) != nullptr;
    const std::string* found = nullptr;
    if (kind == A2FB_TEXT_NAME && opened && index < opening_.names.size())
    {
        found = &opening_.names[index];
    }
    else if (kind == A2FB_TEXT_SETTINGS && opened && !opening_.settingsJson.empty())
    {
        found = &opening_.settingsJson;
    }
    else if (kind == A2FB_TEXT_ERROR && state_.load(std::memory_order_acquire) > A2FB_SESSION_FINISHED)
    {
        found = &failure_.message;
    }
    else if (kind == A2FB_TEXT_WARNING)
    {
        const std::lock_guard lock(mutex_);
        found = index < warnings_.size() ? &warnings_[index] : nullptr; // a deque's elements stay where they are
    }
    out = found != nullptr ? str(*found) : a2fb_str{};
    return found != nullptr ? A2FB_OK : A2FB_NOTHING;
}

void Session::requireOpen() const
{
    // Looked at first: a failure closes the outbox after it has set the state, so its own words are never lost.
    const bool ended = outbox_.ended();
    if (state_.load(std::memory_order_acquire) > A2FB_SESSION_FINISHED)
    {
        throw failure_; // NOLINT(cert-err60-cpp): copying it may fail for lack of memory, as making it may
    }
    if (ended)
    {
        throw Failure(A2FB_E_STATE, "the session was ended; open another for the next clip");
    }
}

void Session::cancel()
{
    cancelled_.store(true, std::memory_order_release);
    fail(Failure(A2FB_E_CANCELLED, "the session was cancelled"));
}

void Session::dropCallback()
{
    const std::lock_guard lock(callbackMutex_);
    callback_ = nullptr;
}

void Session::open(Opening opening)
{
    opening_ = std::move(opening);
    frames_ = std::make_unique<FrameQueue>(settings_.frameQueue, opening_.names.size());
    readable_.store(frames_.get(), std::memory_order_release);
    std::uint32_t expected = A2FB_SESSION_OPENING;
    state_.compare_exchange_strong(expected, A2FB_SESSION_STREAMING, std::memory_order_acq_rel);
}

void Session::putFrame()
{
    corrected_.fetch_add(frames_->slot()->corrected, std::memory_order_relaxed);
    received_.fetch_add(1, std::memory_order_relaxed);
    frames_->put();
    events_ |= A2FB_EVENT_FRAMES;
    wakeWaiting();
}

void Session::sent(std::size_t samples)
{
    sent_.fetch_add(samples, std::memory_order_relaxed);
}

void Session::warn(std::string warning)
{
    const std::lock_guard lock(mutex_);
    if (warnings_.size() < kMaxWarnings)
    {
        warnings_.push_back(std::move(warning));
        warningCount_.store(static_cast<std::uint32_t>(warnings_.size()), std::memory_order_release);
        events_ |= A2FB_EVENT_WARNING;
    }
}

void Session::finish()
{
    end(A2FB_SESSION_FINISHED, Failure(A2FB_OK, ""));
}

void Session::fail(Failure failure)
{
    const bool byCaller = failure.status == A2FB_E_CANCELLED;
    end(byCaller ? A2FB_SESSION_CANCELLED : A2FB_SESSION_FAILED, std::move(failure));
}

void Session::end(std::uint32_t state, Failure failure)
{
    {
        const std::lock_guard lock(mutex_);
        if (over())
        {
            return;
        }
        failure_ = std::move(failure);
        state_.store(state, std::memory_order_release);
        changed_.notify_all();
    }
    outbox_.close();
}

void Session::notify()
{
    if (outbox_.roomAgain())
    {
        events_ |= A2FB_EVENT_WRITABLE;
    }
    const std::uint32_t state = state_.load(std::memory_order_acquire);
    const std::uint32_t events = events_ | (state != toldState_ ? std::uint32_t{A2FB_EVENT_STATE} : 0U);
    toldState_ = state;
    events_ = 0;
    if (events == 0)
    {
        return;
    }
    const std::lock_guard lock(callbackMutex_);
    if (callback_ != nullptr)
    {
        callback_(context_, events);
    }
}

} // namespace a2fbridge::client

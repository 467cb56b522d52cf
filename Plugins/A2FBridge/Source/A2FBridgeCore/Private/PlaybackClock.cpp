#include "A2FBridge/PlaybackClock.h"

#include <algorithm>
#include <cmath>

namespace a2fbridge
{
namespace
{

/// A difference to the device is worked off by playing at most this much faster or slower.
constexpr double kMaxCorrection = 0.1;
/// The rate is learnt this many times more slowly than the offset: heavily damped, so that jitter of the device does
/// not shake it (time constant 20 s with the default 0.5 s).
constexpr double kRateDamping = 40.0;

double clamp(double x, double low, double high)
{
    return x < low ? low : (x > high ? high : x);
}

} // namespace

PlaybackClock::PlaybackClock(const ClockOptions& options) : options_(options)
{
    options_.correctSeconds = clamp(options.correctSeconds, 0.05, 10.0);
    options_.maxRateError = clamp(options.maxRateError, 0.0, 0.1);
    options_.resyncReports =
        options.resyncReports < 1 ? 1 : (options.resyncReports > 100 ? 100 : options.resyncReports);
}

void PlaybackClock::start(double wallSeconds, double position)
{
    wall_ = wallSeconds;
    running_ = true;
    lastReport_.reset();
    moving_ = false;
    jump(position);
}

void PlaybackClock::pause(double wallSeconds)
{
    advance(wallSeconds);
    running_ = false;
}

void PlaybackClock::resume(double wallSeconds)
{
    wall_ = wallSeconds;
    lastMoveWall_ = wallSeconds;
    running_ = true;
}

void PlaybackClock::seek(double wallSeconds, double position)
{
    advance(wallSeconds);
    jump(position);
}

void PlaybackClock::setSpeed(double wallSeconds, double speed)
{
    advance(wallSeconds);
    speed_ = clamp(speed, 0.0, 16.0);
}

void PlaybackClock::setTrim(double wallSeconds, double trim)
{
    advance(wallSeconds);
    trim_ = clamp(trim, -0.1, 0.1);
}

void PlaybackClock::release()
{
    lastReport_.reset();
    moving_ = false;
    pending_ = 0.0;
}

double PlaybackClock::position(double wallSeconds)
{
    advance(wallSeconds);
    return position_;
}

void PlaybackClock::jump(double position)
{
    position_ = position;
    pending_ = 0.0;
    suspects_ = 0;
}

void PlaybackClock::advance(double wallSeconds)
{
    const double elapsed = wallSeconds - wall_;
    if (!(elapsed > 0.0))
    {
        return;
    }
    wall_ = wallSeconds;
    if (!running_ || stalled())
    {
        return;
    }
    const double step = elapsed * speed_ * options_.sampleRate;
    double correction = pending_ * (1.0 - std::exp(-elapsed / options_.correctSeconds));
    correction = clamp(correction, -kMaxCorrection * step, kMaxCorrection * step);
    pending_ -= correction;
    position_ += step * (1.0 + rateError_ + trim_) + correction;
    // The rate learns from what was corrected, not from the reports: so it settles where corrections cancel out,
    // however unevenly the device reports.
    const double learnt = correction / (options_.sampleRate * kRateDamping * options_.correctSeconds);
    rateError_ = clamp(rateError_ + learnt, -options_.maxRateError, options_.maxRateError);
}

void PlaybackClock::report(double wallSeconds, double devicePosition)
{
    advance(wallSeconds);
    if (!running_ || !std::isfinite(devicePosition))
    {
        return;
    }
    if (!lastReport_)
    {
        lastReport_ = devicePosition;
        lastMoveWall_ = wallSeconds;
        moving_ = false;
        jump(devicePosition);
        return;
    }
    if (std::abs(devicePosition - *lastReport_) < 1e-9)
    {
        moving_ = moving_ && wallSeconds - lastMoveWall_ < options_.stallSeconds;
        return;
    }
    const double error = devicePosition - position_;
    lastError_ = error / options_.sampleRate;
    if (!moving_)
    {
        // It begins to move, or moves again: what it says holds at once.
        moving_ = true;
        resyncs_ += std::abs(lastError_) > options_.resyncSeconds ? 1 : 0;
        jump(devicePosition);
    }
    else
    {
        follow(error);
    }
    lastReport_ = devicePosition;
    lastMoveWall_ = wallSeconds;
}

void PlaybackClock::follow(double error)
{
    const double limit = options_.resyncSeconds * options_.sampleRate;
    if (std::abs(error) > limit)
    {
        const bool agrees = suspects_ > 0 && std::abs(error - suspectOffset_) < 0.5 * limit;
        suspects_ = agrees ? suspects_ + 1 : 1;
        suspectOffset_ = error;
        if (suspects_ >= options_.resyncReports)
        {
            jump(position_ + error);
            ++resyncs_;
        }
        return;
    }
    suspects_ = 0;
    pending_ = error;
}

// --- drift of the sender

namespace
{

constexpr double kWindowSeconds = 1.0;
/// Windows over which the least lead, and its slope, are smoothed.
constexpr double kLeadWindows = 5.0;
constexpr double kSlopeWindows = 100.0;
constexpr std::int32_t kSettled = 10;
/// Trim per second of lead: a lead that is off by 0.1 s is worked off in some 50 s.
constexpr double kTrimGain = 0.02;
/// A lead so far beyond the target is a stream sent ahead of time, not one that drifts.
constexpr double kPacedSeconds = 0.5;

} // namespace

DriftEstimator::DriftEstimator(double targetLeadSeconds, double maxTrim)
    : target_(targetLeadSeconds), maxTrim_(clamp(maxTrim, 0.0, 0.1))
{
}

void DriftEstimator::reset()
{
    *this = DriftEstimator(target_, maxTrim_);
}

void DriftEstimator::observe(double wallSeconds, double leadSeconds, double appliedTrim)
{
    if (!open_)
    {
        open_ = true;
        windowStart_ = wallSeconds;
        windowLeast_ = leadSeconds;
        return;
    }
    windowLeast_ = leadSeconds < windowLeast_ ? leadSeconds : windowLeast_;
    const double length = wallSeconds - windowStart_;
    if (length >= kWindowSeconds)
    {
        closeWindow(length, appliedTrim);
        windowStart_ = wallSeconds;
        windowLeast_ = leadSeconds;
    }
}

void DriftEstimator::closeWindow(double seconds, double appliedTrim)
{
    const double before = smoothed_;
    smoothed_ = windows_ == 0 ? windowLeast_ : before + (windowLeast_ - before) / kLeadWindows;
    if (windows_ > 0)
    {
        // The lead grows by what the sender is faster than playback, and playback is faster by its trim.
        const double drift = (smoothed_ - before) / seconds + appliedTrim;
        slope_ += (drift - slope_) / (windows_ < kSlopeWindows ? windows_ : kSlopeWindows);
    }
    ++windows_;
    driftPpm_ = windows_ >= kSettled ? slope_ * 1e6 : 0.0;
    const double excess = smoothed_ - target_;
    trim_ = excess > kPacedSeconds ? 0.0 : clamp(kTrimGain * excess, -maxTrim_, maxTrim_);
}

} // namespace a2fbridge

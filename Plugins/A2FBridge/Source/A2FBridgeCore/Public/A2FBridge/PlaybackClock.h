// What is heard now: a smooth playback position out of an audio device's coarse one, or out of a wall clock.
#pragma once

#include <cstdint>
#include <optional>

#include "A2FBridge/Export.h"

namespace a2fbridge
{

struct ClockOptions
{
    std::int32_t sampleRate = 16000; ///< Samples per second of the stream.
    double correctSeconds = 0.5;     ///< Time constant with which a difference to the device is worked off. 0.05 to 10.
    double resyncSeconds = 0.15; ///< A difference beyond this, seen for `resyncReports` reports, is a jump, not drift.
    std::int32_t resyncReports = 3; ///< Reports in a row that must agree before the clock jumps. 1 to 100.
    double maxRateError = 0.01;     ///< How far the estimated rate may leave 1 (device against wall clock). 0 to 0.1.
    double stallSeconds = 0.3;      ///< A device that does not move for so long has stopped, and the clock with it.
};

/// Follows a device position that comes late, stale, in steps or with jumps, by a wall clock whose offset and rate are
/// corrected toward it; without a device it is that wall clock alone. Between jumps the position never goes back and
/// never leaps. Positions are samples of the stream; wall times are seconds of any monotonic clock. One thread; no
/// allocation.
class A2FBRIDGECORE_API PlaybackClock
{
public:
    explicit PlaybackClock(const ClockOptions& options = {});

    /// Starts to run at that position.
    void start(double wallSeconds, double position);
    /// Stops at the position reached; position() stays there.
    void pause(double wallSeconds);
    void resume(double wallSeconds);
    /// Goes to a position at once, running or not.
    void seek(double wallSeconds, double position);
    /// Speed of play wanted by the caller (pitch, time dilation): samples per wall second over the sample rate. 0 to
    /// 16, default 1.
    void setSpeed(double wallSeconds, double speed);
    /// A small correction of the speed, such as that of DriftEstimator: 0.001 is one part in a thousand faster.
    void setTrim(double wallSeconds, double trim);
    /// Takes in what the device says is heard at that moment. The clock waits until the device moves for the first
    /// time; a report that does not move (devices update in blocks) is ignored, until stallSeconds say that it has
    /// stopped.
    void report(double wallSeconds, double devicePosition);
    /// The device says no more (its sound is over): the clock runs on alone.
    void release();

    /// Position at a wall time, in samples. Times before the last one count as the last one.
    double position(double wallSeconds);
    /// Whether it was started and is not paused.
    bool running() const { return running_; }
    /// Whether it waits for a device that does not move.
    bool stalled() const { return lastReport_.has_value() && !moving_; }
    /// Estimated rate of the device against the wall clock minus 1, in parts per million.
    double driftPpm() const { return rateError_ * 1e6; }
    /// Jumps made because the device said so.
    std::uint64_t resyncs() const { return resyncs_; }
    /// Difference to the last usable device report, in seconds (positive: the device is ahead).
    double lastError() const { return lastError_; }

private:
    void advance(double wallSeconds);
    void jump(double position);
    void follow(double error);

    ClockOptions options_;
    bool running_ = false;
    double wall_ = 0.0;
    double position_ = 0.0;
    double speed_ = 1.0;
    double trim_ = 0.0;
    double rateError_ = 0.0;
    double pending_ = 0.0;
    std::optional<double> lastReport_;
    double lastMoveWall_ = 0.0;
    bool moving_ = false;
    double lastError_ = 0.0;
    double suspectOffset_ = 0.0;
    std::int32_t suspects_ = 0;
    std::uint64_t resyncs_ = 0;
};

/// Watches how far ahead of playback frames arrive, and says how much faster or slower to play so that it stays that
/// way: the sender's clock is not the listener's. One thread; no allocation.
class A2FBRIDGECORE_API DriftEstimator
{
public:
    /// `targetLeadSeconds`: how far ahead the least early frame of a window should be. Corrections stay within
    /// `maxTrim` (default 0.5 %, inaudible and invisible).
    explicit DriftEstimator(double targetLeadSeconds, double maxTrim = 0.005);

    /// Tells how many seconds ahead of the playback position the newest frame is, and the trim at which playback runs.
    void observe(double wallSeconds, double leadSeconds, double appliedTrim);
    void reset();
    /// The correction for PlaybackClock::setTrim.
    double trim() const { return trim_; }
    /// Estimated drift of the sender against the playback clock, in parts per million (positive: the sender is faster);
    /// 0 until some ten seconds have been seen.
    double driftPpm() const { return driftPpm_; }

private:
    void closeWindow(double seconds, double appliedTrim);

    double target_;
    double maxTrim_;
    double windowStart_ = 0.0;
    double windowLeast_ = 0.0;
    bool open_ = false;
    double smoothed_ = 0.0;
    std::int32_t windows_ = 0;
    double slope_ = 0.0;
    double trim_ = 0.0;
    double driftPpm_ = 0.0;
};

} // namespace a2fbridge

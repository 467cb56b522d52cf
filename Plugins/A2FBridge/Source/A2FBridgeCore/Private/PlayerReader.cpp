#include "PlayerReader.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace a2fbridge
{
namespace
{

/// A device that stops this close before the last frame has played its sound to the end.
constexpr double kEndSlackSeconds = 0.5;

const std::vector<std::string>& noNames()
{
    static const std::vector<std::string> none;
    return none;
}

} // namespace

bool isFilled(const BufferRange& range, double position, double fillSamples)
{
    return range.count > 0 && (range.finished || static_cast<double>(range.last) - position >= fillSamples);
}

PlayerReader::PlayerReader(const PlayerOptions& options, PlayerGauges& gauges)
    : options_(options), gauges_(gauges), drift_(options.fillSeconds)
{
    output_.names = &noNames();
    output_.weightNames = &noNames();
}

void PlayerReader::bind(std::shared_ptr<PlayerBinding> binding)
{
    const std::shared_ptr<PlayerBinding> before = std::exchange(binding_, std::move(binding));
    if (!binding_)
    {
        return;
    }
    const bool sameStream = before && before->stream == binding_->stream;
    const bool sameNames = before && before->stream->format.names == binding_->stream->format.names;
    activity_ = sameNames ? activity_ : 0.0;
    if (sameNames)
    {
        std::copy(before->shown.begin(), before->shown.end(), binding_->shown.begin());
        std::copy(before->from.begin(), before->from.end(), binding_->from.begin());
        std::copy(before->fresh.begin(), before->fresh.end(), binding_->fresh.begin());
        std::copy(before->emotions.begin(), before->emotions.end(), binding_->emotions.begin());
    }
    if (!sameStream)
    {
        beginStream();
    }
}

void PlayerReader::beginStream()
{
    ClockOptions clock = options_.clock;
    clock.sampleRate = binding_->stream->format.sampleRate;
    sampleRate_ = clock.sampleRate;
    clock_ = PlaybackClock(clock);
    clock_.setSpeed(wall_, speed_);
    drift_.reset();
    started_ = false;
    byDevice_ = false;
    waits_ = false;
    position_ = 0.0;
    startAt_.reset();
    resyncsSeen_ = 0;
    missingSince_.reset();
    endSince_.reset();
    ignored_.reset();
    blendFromHere(activity_ > 0.0 ? options_.easeSeconds : 0.0);
    gauges_.started = false;
    gauges_.underruns = 0;
    gauges_.underrunSeconds = 0.0;
}

// --- time

void PlayerReader::tick(double wallSeconds)
{
    const double elapsed = ticked_ ? wallSeconds - wall_ : 0.0;
    step_ = elapsed > 0.0 && !paused_ ? elapsed : 0.0;
    time_ += step_;
    wall_ = !ticked_ || elapsed > 0.0 ? wallSeconds : wall_;
    ticked_ = true;
}

void PlayerReader::pause(double wallSeconds)
{
    tick(wallSeconds);
    paused_ = true;
    clock_.pause(wall_);
}

void PlayerReader::resume(double wallSeconds)
{
    tick(wallSeconds);
    paused_ = false;
    if (started_ && !waits_)
    {
        clock_.resume(wall_);
    }
}

bool PlayerReader::seek(double wallSeconds, double position)
{
    tick(wallSeconds);
    position_ = position;
    missingSince_.reset();
    endSince_.reset();
    if (!started_)
    {
        startAt_ = position;
    }
    clock_.seek(wall_, position);
    blendFromHere(paused_ ? 0.0 : options_.recoverSeconds);
    scrubbed_ = paused_;
    if (!binding_)
    {
        return false;
    }
    const BufferRange range = binding_->stream->buffer.range();
    return range.count > 0 && position >= static_cast<double>(range.first) &&
           (range.finished || position <= static_cast<double>(range.last));
}

void PlayerReader::setSpeed(double wallSeconds, double speed)
{
    speed_ = speed < 0.0 ? 0.0 : speed;
    clock_.setSpeed(wallSeconds, speed_);
}

void PlayerReader::releaseDevice()
{
    clock_.release();
    byDevice_ = false;
    ignored_ = device_;
}

/// Whether a device says where it is; one that has been released counts again when it moves.
bool PlayerReader::hearsDevice(const Playhead& now)
{
    if (!now.devicePosition || (ignored_ && std::abs(*now.devicePosition - *ignored_) < 1.0))
    {
        return false;
    }
    ignored_.reset();
    device_ = *now.devicePosition;
    return true;
}

void PlayerReader::runClock(const Playhead& now, const BufferRange& range)
{
    if (!paused_ && hearsDevice(now))
    {
        byDevice_ = true;
        waits_ = false;
        if (!started_ || !clock_.running())
        {
            clock_.start(wall_, *now.devicePosition);
            started_ = true;
        }
        clock_.report(wall_, *now.devicePosition);
    }
    else if (!started_)
    {
        startByWall(wall_, range);
    }
    if (!started_)
    {
        return;
    }
    const double reached = clock_.position(wall_);
    if (byDevice_)
    {
        position_ = reached;
        const double left = static_cast<double>(range.last) - reached;
        if (range.finished && clock_.stalled() && seconds(left) < kEndSlackSeconds && activity_ > 0.0)
        {
            releaseDevice();
        }
    }
    else
    {
        keepWallClock(reached, range);
    }
    if (clock_.resyncs() != resyncsSeen_)
    {
        resyncsSeen_ = clock_.resyncs();
        blendFromHere(options_.recoverSeconds);
    }
}

void PlayerReader::startByWall(double wallSeconds, const BufferRange& range)
{
    const double begin = startAt_ ? *startAt_ : static_cast<double>(range.first);
    if (!paused_ && isFilled(range, begin, options_.fillSeconds * sampleRate_))
    {
        clock_.start(wallSeconds, begin);
        position_ = begin;
        started_ = true;
    }
}

/// Lets the wall clock run no further than frames have come, and go on when enough of them are there again.
void PlayerReader::keepWallClock(double reached, const BufferRange& range)
{
    const bool some = range.count > 0;
    const auto last = static_cast<double>(range.last);
    const bool gone = some && range.dropped && reached < static_cast<double>(range.first);
    const bool lacks = !some || reached > last || gone;
    if (!waits_ && lacks && !range.finished && !paused_)
    {
        waits_ = true;
        position_ = some && reached > last && position_ < last ? last : position_;
        clock_.pause(wall_);
        clock_.seek(wall_, position_);
        return;
    }
    if (waits_ && !paused_ && !gone && isFilled(range, reached, options_.fillSeconds * sampleRate_))
    {
        waits_ = false;
        clock_.resume(wall_);
    }
    position_ = reached;
}

void PlayerReader::followSender(double wallSeconds, const BufferRange& range)
{
    if (!started_ || paused_ || waits_ || range.finished || range.count == 0 || clock_.stalled())
    {
        return;
    }
    const bool correct = options_.correctDrift && !byDevice_;
    drift_.observe(wallSeconds, seconds(static_cast<double>(range.last) - position_), correct ? drift_.trim() : 0.0);
    clock_.setTrim(wallSeconds, correct ? drift_.trim() : 0.0);
}

const PlayerOutput& PlayerReader::report()
{
    PlayerBinding& bound = *binding_;
    output_.state = state_;
    output_.paused = paused_;
    output_.position = position_;
    output_.activity = activity_;
    output_.revision = bound.revision;
    output_.weights = bound.shown;
    output_.weightNames = &bound.stream->format.names;
    output_.values = bound.plan ? Span<float>(bound.values) : Span<float>(bound.shown);
    output_.names = &bound.names();
    output_.emotions = bound.emotions;
    gauges_.started = started_;
    gauges_.position = position_;
    gauges_.resyncs = clock_.resyncs();
    gauges_.deviceDriftPpm = clock_.driftPpm();
    gauges_.senderDriftPpm = drift_.driftPpm();
    gauges_.clockError = clock_.lastError();
    return output_;
}

const PlayerOutput& PlayerReader::evaluate(const Playhead& now)
{
    tick(now.wallSeconds);
    output_.paused = paused_;
    if (!binding_)
    {
        return output_;
    }
    FrameBuffer& buffer = binding_->stream->buffer;
    const BufferRange range = buffer.range();
    runClock(now, range);
    followSender(wall_, range);
    if (!paused_ || scrubbed_)
    {
        const Target target = look(range);
        countUnderrun(target);
        show(target);
        scrubbed_ = scrubbed_ && target.missing;
    }
    if (started_)
    {
        buffer.keepFrom(static_cast<std::int64_t>(std::floor(position_ - options_.historySeconds * sampleRate_)));
    }
    map();
    return report();
}

} // namespace a2fbridge

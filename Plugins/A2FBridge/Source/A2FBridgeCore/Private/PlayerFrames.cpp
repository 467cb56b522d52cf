// The reader of a player: which frame stands for a moment, and how the face comes to show it.
#include <algorithm>
#include <cmath>

#include "PlayerReader.h"

namespace a2fbridge
{
namespace
{

/// Frames that begin this many periods after the position still stand for it.
constexpr double kNearPeriods = 2.0;

double clamp01(double x)
{
    return x < 0.0 ? 0.0 : (x > 1.0 ? 1.0 : x);
}

double smoothstep(double x)
{
    const double t = clamp01(x);
    return t * t * (3.0 - 2.0 * t);
}

} // namespace

// --- frames

PlayerReader::Target PlayerReader::look(const BufferRange& range)
{
    PlayerBinding& bound = *binding_;
    if (!started_)
    {
        const PlayerState idle = range.finished ? PlayerState::Finished : PlayerState::Waiting;
        return {range.count > 0 ? PlayerState::Filling : idle, 0.0, false};
    }
    const SampleKind kind =
        bound.stream->buffer.sample(position_, options_.interpolate, bound.fresh.data(), bound.emotions.data());
    if (kind == SampleKind::Empty && range.finished)
    {
        return {PlayerState::Finished, 0.0, false};
    }
    if (kind == SampleKind::Empty || waits_)
    {
        return lookMissing();
    }
    if (kind == SampleKind::Between)
    {
        return {PlayerState::Playing, 1.0, false};
    }
    if (kind == SampleKind::AfterLast)
    {
        return lookAfterLast(range);
    }
    const double ahead = seconds(static_cast<double>(range.first) - position_);
    if (ahead <= kNearPeriods * bound.stream->format.frameRate.period())
    {
        return {PlayerState::Playing, 1.0, false};
    }
    // What comes before the first frame of a stream is rest; what has been dropped is missing.
    return range.dropped ? lookMissing() : Target{PlayerState::Filling, 0.0, false};
}

PlayerReader::Target PlayerReader::lookAfterLast(const BufferRange& range)
{
    if (!range.finished)
    {
        return lookMissing();
    }
    if (!endSince_)
    {
        beginEnd(range);
    }
    const double level = 1.0 - smoothstep((time_ - *endSince_) / options_.restSeconds);
    return {level > 0.0 || blends() ? PlayerState::Finishing : PlayerState::Finished, level, false};
}

/// Takes the moment at which the last frame was passed, so that the face is at rest restSeconds later.
void PlayerReader::beginEnd(const BufferRange& range)
{
    const double passed = seconds(position_ - static_cast<double>(range.last)) / (speed_ > 0.0 ? speed_ : 1.0);
    const bool onItsWay = state_ == PlayerState::Easing || state_ == PlayerState::Filling;
    endSince_ = time_ - (onItsWay ? options_.restSeconds : (missingSince_ ? 0.0 : std::min(passed, step_)));
    missingSince_.reset();
    if (onItsWay || blends())
    {
        blendFromHere(options_.restSeconds);
    }
}

PlayerReader::Target PlayerReader::lookMissing()
{
    if (!missingSince_)
    {
        missingSince_ = time_;
    }
    const double age = time_ - *missingSince_ - options_.holdSeconds;
    if (state_ == PlayerState::Finished || state_ == PlayerState::Finishing || state_ == PlayerState::Waiting ||
        state_ == PlayerState::Filling)
    {
        // Late start: there is no frame to hold yet.
        return {PlayerState::Filling, 0.0, true};
    }
    if (age <= 0.0)
    {
        return {PlayerState::Holding, 1.0, true};
    }
    return {PlayerState::Easing, 1.0 - smoothstep(age / options_.easeSeconds), true};
}

void PlayerReader::countUnderrun(const Target& target)
{
    if (!target.missing)
    {
        if (underrunCounted_ && target.state == PlayerState::Playing)
        {
            blendFromHere(options_.recoverSeconds);
        }
        missingSince_.reset();
        underrunCounted_ = false;
        return;
    }
    const double age = time_ - *missingSince_;
    if (age <= binding_->stream->format.frameRate.period())
    {
        return; // between the newest frame and the next one nothing is late yet
    }
    if (!underrunCounted_)
    {
        underrunCounted_ = true;
        gauges_.underruns = gauges_.underruns + 1;
    }
    gauges_.underrunSeconds = gauges_.underrunSeconds + step_;
}

// --- what is shown

void PlayerReader::blendFromHere(double seconds)
{
    if (!binding_)
    {
        return;
    }
    std::copy(binding_->shown.begin(), binding_->shown.end(), binding_->from.begin());
    blendStart_ = time_;
    blendSeconds_ = seconds;
    blendActivity_ = activity_;
}

void PlayerReader::show(const Target& target)
{
    PlayerBinding& bound = *binding_;
    const double share = blends() ? smoothstep((time_ - blendStart_) / blendSeconds_) : 1.0;
    const auto toward = static_cast<float>(share * target.level);
    const auto kept = static_cast<float>(1.0 - share);
    for (std::size_t i = 0; i < bound.shown.size(); ++i)
    {
        bound.shown[i] = bound.from[i] * kept + bound.fresh[i] * toward;
    }
    activity_ = blendActivity_ * (1.0 - share) + target.level * share;
    state_ = target.state;
}

void PlayerReader::map()
{
    PlayerBinding& bound = *binding_;
    if (bound.plan)
    {
        std::copy(bound.shown.begin(), bound.shown.end(), bound.converted.begin());
        bound.converter.apply(bound.converted.data());
        bound.plan->apply(bound.converted.data(), bound.values.data(), bound.scratch.data());
    }
}

} // namespace a2fbridge

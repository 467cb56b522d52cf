#include "Speech/FaceStream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "A2FBridge/Wav.h"

namespace a2fbridge
{

namespace
{
bool isFinal(SourceState state)
{
	return state == SourceState::Ended || state == SourceState::Failed || state == SourceState::Cancelled;
}

bool isMoving(PlayerState state)
{
	return state == PlayerState::Playing || state == PlayerState::Holding || state == PlayerState::Easing;
}
} // namespace

FaceStream::FaceStream(std::unique_ptr<IFrameSource> source, Player& player, const FaceStreamOptions& options)
	: options_(options), player_(player),
	  tap_(
		  [this](std::int64_t sampleIndex, Span<std::int16_t> samples)
		  {
			  if (!options_.keepSound)
			  {
				  return;
			  }
			  if (!feed_)
			  {
				  soundRate_ = tap_.format()->sampleRate;
				  feed_ = std::make_shared<AudioFeed>(1, soundRate_);
			  }
			  // A gap in a recording is silence; what overlaps was heard already.
			  const std::int64_t gap = sampleIndex - feed_->length();
			  if (gap > 0)
			  {
				  feed_->append(std::vector<std::int16_t>(static_cast<std::size_t>(gap)));
			  }
			  const Span<std::int16_t> fresh = samples.part(gap < 0 ? static_cast<std::size_t>(-gap) : 0);
			  feed_->append(std::vector<std::int16_t>(fresh.begin(), fresh.end()));
			  added_ = feed_->length();
		  }),
	  session_(std::make_unique<Session>(std::move(source), player))
{
	session_->setTap(&tap_);
}

FaceStream::~FaceStream() = default;

Status FaceStream::addSound(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate)
{
	if (soundEnded_)
	{
		return makeError(ErrorCode::WrongState, "sound comes after its end");
	}
	if (Status added = queue_.add(interleaved, channels, sampleRate); !added.ok())
	{
		return added;
	}
	soundRate_ = sampleRate;
	added_ += static_cast<std::int64_t>(interleaved.size()) / channels;
	if (options_.keepSound && options_.playSound)
	{
		feed(interleaved, channels);
	}
	return {};
}

/// Mono and stereo are heard as they are, more channels as mono.
void FaceStream::feed(Span<float> interleaved, std::int32_t channels)
{
	if (!feed_)
	{
		feed_ = std::make_shared<AudioFeed>(channels == 2 ? 2 : 1, soundRate_);
	}
	std::vector<std::int16_t> pcm;
	if (channels > 2)
	{
		std::vector<float> mono;
		mixToMono(interleaved, channels, mono);
		toPcm16(mono, pcm);
	}
	else
	{
		toPcm16(interleaved, pcm);
	}
	feed_->append(std::move(pcm));
}

void FaceStream::endSound()
{
	soundEnded_ = true;
	if (feed_)
	{
		feed_->finish();
	}
}

Status FaceStream::addEmotion(const EmotionKey& key)
{
	return session_->source().pushEmotion(key);
}

void FaceStream::pause(double wallSeconds)
{
	paused_ = true;
	player_.pause(wallSeconds);
}

void FaceStream::resume(double wallSeconds)
{
	paused_ = false;
	player_.resume(wallSeconds);
}

void FaceStream::setSpeed(double wallSeconds, double speed)
{
	speed_ = speed;
	player_.setSpeed(wallSeconds, speed);
}

Status FaceStream::seek(double wallSeconds, double seconds)
{
	const double target = std::max(0.0, seconds) * sampleRate();
	const Status sought = session_->seek(static_cast<std::int64_t>(target));
	const double before = position_;
	const bool held = player_.seek(wallSeconds, target);
	if (!sought.ok() && !held)
	{
		player_.seek(wallSeconds, before);
		return makeError(
			ErrorCode::Unsupported, "the frames at that time are not held and this provider cannot be asked for them again");
	}
	if (feed_)
	{
		feed_->seek(static_cast<std::int64_t>(std::max(0.0, seconds) * soundRate_));
	}
	position_ = target;
	deviceReleased_ = false;
	return {};
}

void FaceStream::cancel()
{
	if (!over_)
	{
		cancelled_ = true;
		session_->source().cancel();
	}
}

void FaceStream::fail(const Error& error)
{
	if (!over_ && !failed_ && !cancelled_)
	{
		failed_ = true;
		error_ = error;
		session_->source().cancel();
	}
}

void FaceStream::update(double wallSeconds)
{
	if (over_)
	{
		return;
	}
	send(wallSeconds);
	session_->pump();
	observe();
}

/// Seconds of sound that may be sent now.
double FaceStream::sendBudget(double wallSeconds)
{
	if (!options_.lead || queue_.rate() <= 0)
	{
		return options_.sendPerTick;
	}
	if (queue_.sent() > 0) // a source that is not there yet takes nothing, and no time passes for it
	{
		paced_ += pacedAt_ && !paused_ ? (wallSeconds - *pacedAt_) * speed_ : 0.0;
		pacedAt_ = wallSeconds;
	}
	const double sent = static_cast<double>(queue_.sent()) / queue_.rate();
	return std::clamp(paced_ + *options_.lead - sent, 0.0, options_.sendPerTick);
}

void FaceStream::send(double wallSeconds)
{
	IFrameSource& source = session_->source();
	const std::int32_t rate = queue_.rate();
	const Status sent = queue_.send(source, sendBudget(wallSeconds),
		[this, rate](std::int64_t at, Span<std::int16_t> samples) { tap_.sent(at, samples, rate); });
	if (!sent.ok() && !isFinal(source.state()))
	{
		fail(sent.error());
	}
	if (soundEnded_ && queue_.empty() && !sourceEnded_)
	{
		sourceEnded_ = true;
		(void)source.endAudio();
	}
}

void FaceStream::observe()
{
	const SourceState state = session_->state();
	if (!started_ && (queue_.sent() > 0 || state == SourceState::Streaming || state == SourceState::Ended))
	{
		started_ = true;
		emit(FaceEvent::Started);
	}
	if (!firstFrame_ && tap_.frames() > 0)
	{
		firstFrame_ = true;
		emit(FaceEvent::FirstFrame);
	}
	if (state == SourceState::Failed && !failed_ && !cancelled_)
	{
		failed_ = true;
		error_ = session_->error();
	}
	if (isFinal(state) && feed_ && !soundEnded_)
	{
		endSound(); // the sound of a recording ends with it
	}
}

bool FaceStream::deviceWanted() const
{
	return !over_ && !paused_ && options_.playSound && feed_ && !deviceReleased_ && !cancelled_ && !failed_ && player_.ready();
}

std::optional<double> FaceStream::devicePosition(std::optional<double> latency, double offset)
{
	if (!latency || !feed_ || deviceReleased_)
	{
		return std::nullopt;
	}
	deviceUsed_ = true;
	if (feed_->drained())
	{
		deviceReleased_ = true;
		player_.releaseDevice();
		return std::nullopt;
	}
	const double heard = static_cast<double>(feed_->consumed()) / soundRate_ - *latency + offset;
	return heard * sampleRate();
}

const PlayerOutput& FaceStream::evaluate(double wallSeconds, std::optional<double> latency, double offset)
{
	const PlayerOutput& output = player_.evaluate({wallSeconds, devicePosition(latency, offset)});
	position_ = output.position;
	if (over_)
	{
		return output;
	}
	if (!playing_ && isMoving(output.state))
	{
		playing_ = true;
		lastProgress_ = wallSeconds;
		emit(FaceEvent::PlaybackStarted);
	}
	const bool late = output.state == PlayerState::Holding || output.state == PlayerState::Easing;
	const bool wasLate = lastState_ == PlayerState::Holding || lastState_ == PlayerState::Easing;
	if (late && !wasLate)
	{
		emit(FaceEvent::Underrun);
	}
	else if (wasLate && output.state == PlayerState::Playing)
	{
		emit(FaceEvent::Recovered);
	}
	lastState_ = output.state;
	if (playing_ && !paused_ && wallSeconds - lastProgress_ >= options_.progressInterval && isMoving(output.state))
	{
		lastProgress_ = wallSeconds;
		emit(FaceEvent::Progress);
	}
	conclude();
	return output;
}

void FaceStream::conclude()
{
	if (cancelled_ || failed_)
	{
		// What lies ahead in the buffer is not wanted any more: from here to rest.
		player_.restart();
		player_.finish();
		over_ = true;
		emit(cancelled_ ? FaceEvent::Cancelled : FaceEvent::Failed);
		return;
	}
	const bool heard = !feed_ || !deviceUsed_ || feed_->drained();
	if (session_->done() && lastState_ == PlayerState::Finished && heard)
	{
		over_ = true;
		emit(FaceEvent::Finished);
	}
}

std::vector<FaceEvent> FaceStream::takeEvents()
{
	return std::exchange(events_, {});
}

double FaceStream::playedSeconds() const
{
	const std::int32_t rate = sampleRate();
	return rate > 0 ? std::max(0.0, position_ / rate) : 0.0;
}

double FaceStream::totalSeconds() const
{
	return soundEnded_ ? addedSeconds() : 0.0;
}

} // namespace a2fbridge

#include "Speech/FaceStream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "A2FBridge/Wav.h"

namespace a2fbridge
{

namespace
{
constexpr std::int32_t kServerLeastRate = 16000; // the protocol's range; slower sound is brought up to it
constexpr std::int32_t kServerMostRate = 144000;
constexpr std::int32_t kLeastRate = 4000;
constexpr double kBlockSeconds = 0.1;

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
	  tap_([this](std::int64_t sampleIndex, Span<std::int16_t> samples) {
		  if (!options_.keepSound)
		  {
			  return;
		  }
		  if (!feed_)
		  {
			  soundRate_ = tap_.format()->sampleRate;
			  channels_ = 1;
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
	if (channels < 1 || channels > 8 || sampleRate < kLeastRate || sampleRate > kServerMostRate)
	{
		return makeError(ErrorCode::InvalidArgument, "sound of " + std::to_string(channels) + " channels at " +
														 std::to_string(sampleRate) +
														 " Hz; 1 to 8 channels and 4000 to 144000 Hz can be animated");
	}
	if (soundRate_ != 0 && (sampleRate != soundRate_ || channels != channels_))
	{
		return makeError(ErrorCode::InvalidArgument, "the format of the sound changed within the stream");
	}
	if (soundRate_ == 0)
	{
		channels_ = channels;
		soundRate_ = sampleRate;
		upsample_ = sampleRate < kServerLeastRate ? (kServerLeastRate + sampleRate - 1) / sampleRate : 1;
		sendRate_ = sampleRate * upsample_;
		if (options_.keepSound && options_.playSound)
		{
			feed_ = std::make_shared<AudioFeed>(std::min(channels, 2), sampleRate);
		}
	}

	std::vector<float> mono;
	mixToMono(interleaved, channels, mono);
	added_ += static_cast<std::int64_t>(mono.size());
	std::vector<std::int16_t> pcm;
	if (feed_)
	{
		toPcm16(channels <= 2 ? interleaved : Span<float>(mono), pcm);
		if (channels > 2)
		{
			std::vector<std::int16_t> both;
			both.reserve(pcm.size() * 2);
			for (const std::int16_t value : pcm)
			{
				both.insert(both.end(), 2, value);
			}
			pcm = std::move(both);
		}
		feed_->append(pcm);
	}
	if (upsample_ > 1)
	{
		std::vector<float> finer;
		finer.reserve(mono.size() * static_cast<std::size_t>(upsample_));
		for (const float value : mono)
		{
			for (std::int32_t step = 1; step <= upsample_; ++step)
			{
				const float share = static_cast<float>(step) / static_cast<float>(upsample_);
				finer.push_back(lastSample_ + (value - lastSample_) * share);
			}
			lastSample_ = value;
		}
		mono = std::move(finer);
	}
	toPcm16(mono, pcm);
	const std::size_t block = static_cast<std::size_t>(std::max(1.0, kBlockSeconds * sendRate_));
	for (std::size_t from = 0; from < pcm.size(); from += block)
	{
		const std::size_t count = std::min(block, pcm.size() - from);
		const auto first = pcm.begin() + static_cast<std::ptrdiff_t>(from);
		waiting_.emplace_back(first, first + static_cast<std::ptrdiff_t>(count));
	}
	return {};
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

double FaceStream::backlogSeconds() const
{
	std::size_t samples = 0;
	for (const std::vector<std::int16_t>& block : waiting_)
	{
		samples += block.size();
	}
	return sendRate_ > 0 ? static_cast<double>(samples) / sendRate_ : 0.0;
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

Status FaceStream::seek(double wallSeconds, double seconds)
{
	const double target = std::max(0.0, seconds) * sampleRate();
	const Status sought = session_->seek(static_cast<std::int64_t>(target));
	const double before = position_;
	const bool held = player_.seek(wallSeconds, target);
	if (!sought.ok() && !held)
	{
		player_.seek(wallSeconds, before);
		return makeError(ErrorCode::Unsupported,
						 "the frames at that time are not held and this provider cannot be asked for them again");
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

void FaceStream::update()
{
	if (over_)
	{
		return;
	}
	send();
	session_->pump();
	observe();
}

void FaceStream::send()
{
	IFrameSource& source = session_->source();
	double budget = options_.sendPerTick;
	while (!waiting_.empty() && budget > 0.0)
	{
		const std::vector<std::int16_t>& block = waiting_.front();
		AudioBlock sound;
		sound.pcm16 = block;
		sound.sampleRate = sendRate_;
		const Status taken = source.pushAudio(sound);
		if (!taken.ok())
		{
			if (taken.error().code != ErrorCode::Full && !isFinal(source.state()))
			{
				fail(taken.error());
			}
			return;
		}
		tap_.sent(sent_, block, sendRate_);
		sent_ += static_cast<std::int64_t>(block.size());
		budget -= static_cast<double>(block.size()) / sendRate_;
		waiting_.pop_front();
	}
	if (soundEnded_ && waiting_.empty() && !sourceEnded_)
	{
		sourceEnded_ = true;
		(void)source.endAudio();
	}
}

void FaceStream::observe()
{
	const SourceState state = session_->state();
	if (!started_ && (sent_ > 0 || state == SourceState::Streaming || state == SourceState::Ended))
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

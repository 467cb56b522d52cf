#include "Speech/OfflineRun.h"

namespace a2fbridge
{

void OfflineRun::addSound(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate)
{
	if (const Status added = queue_.add(interleaved, channels, sampleRate); !added.ok())
	{
		fail(added.error());
	}
}

bool OfflineRun::step()
{
	if (done_)
	{
		return false;
	}
	const std::int64_t before = queue_.sent();
	const Status sent = queue_.send(*source_, 1.0,
		[this](std::int64_t, Span<std::int16_t> samples) { sound_.insert(sound_.end(), samples.begin(), samples.end()); });
	if (soundEnded_ && queue_.empty() && !told_)
	{
		told_ = true;
		(void)source_->endAudio();
	}
	const std::size_t frames = source_->poll(collector_, 256);
	const SourceState state = source_->state();
	if (state == SourceState::Failed || state == SourceState::Cancelled)
	{
		fail(source_->error());
	}
	else if (!sent.ok())
	{
		fail(sent.error());
	}
	else if (state == SourceState::Ended)
	{
		done_ = true;
	}
	return frames > 0 || queue_.sent() > before;
}

ClipData OfflineRun::take()
{
	ClipData clip = collector_.take();
	if (clip.sound.empty() && queue_.rate() == clip.format.sampleRate)
	{
		clip.sound = std::move(sound_);
	}
	return clip;
}

void OfflineRun::fail(const Error& error)
{
	done_ = true;
	error_ = error;
}

} // namespace a2fbridge

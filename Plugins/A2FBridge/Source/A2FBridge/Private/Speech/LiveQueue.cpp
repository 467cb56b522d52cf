#include "Speech/LiveQueue.h"

#include <utility>

namespace a2fbridge
{

void LiveQueue::push(const float* samples, std::size_t frames, std::int32_t channels, std::int32_t sampleRate)
{
	if (samples == nullptr || frames == 0 || channels < 1 || sampleRate < 1)
	{
		return;
	}
	const std::lock_guard<std::mutex> lock(mutex_);
	if (channels != channels_ || sampleRate != sampleRate_)
	{
		dropped_ += channels_ > 0 ? samples_.size() / static_cast<std::size_t>(channels_) : 0;
		samples_.clear();
		channels_ = channels;
		sampleRate_ = sampleRate;
	}
	const std::size_t width = static_cast<std::size_t>(channels);
	samples_.insert(samples_.end(), samples, samples + frames * width);
	const std::size_t most = static_cast<std::size_t>(maxSeconds_ * sampleRate) * width;
	if (samples_.size() > most)
	{
		const std::size_t excess = samples_.size() - most;
		dropped_ += excess / width;
		samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(excess));
	}
}

bool LiveQueue::take(std::vector<float>& samples, std::int32_t& channels, std::int32_t& sampleRate)
{
	const std::lock_guard<std::mutex> lock(mutex_);
	if (samples_.empty())
	{
		return false;
	}
	samples.clear();
	std::swap(samples, samples_);
	channels = channels_;
	sampleRate = sampleRate_;
	return true;
}

std::uint64_t LiveQueue::dropped() const
{
	const std::lock_guard<std::mutex> lock(mutex_);
	return dropped_;
}

} // namespace a2fbridge

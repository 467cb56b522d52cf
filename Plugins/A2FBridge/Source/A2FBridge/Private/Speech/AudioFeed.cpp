#include "Speech/AudioFeed.h"

#include <algorithm>
#include <utility>

namespace a2fbridge
{

AudioFeed::AudioFeed(std::int32_t channels, std::int32_t sampleRate) : channels_(channels), sampleRate_(sampleRate) {}

void AudioFeed::append(std::vector<std::int16_t> interleaved)
{
	if (interleaved.empty())
	{
		return;
	}
	const std::lock_guard<std::mutex> lock(mutex_);
	const std::size_t count = interleaved.size();
	blocks_.push_back({size_, std::move(interleaved)});
	size_ += count;
}

void AudioFeed::finish()
{
	const std::lock_guard<std::mutex> lock(mutex_);
	finished_ = true;
}

std::size_t AudioFeed::read(std::int16_t* out, std::size_t count)
{
	const std::lock_guard<std::mutex> lock(mutex_);
	std::size_t done = 0;
	while (done < count && head_ < size_)
	{
		const Block& block = blocks_[current_];
		const std::size_t inside = head_ - block.first;
		const std::size_t take = std::min(count - done, block.values.size() - inside);
		std::copy_n(block.values.data() + inside, take, out + done);
		done += take;
		head_ += take;
		if (inside + take == block.values.size())
		{
			++current_;
		}
	}
	std::fill(out + done, out + count, std::int16_t{0});
	return done;
}

void AudioFeed::seek(std::int64_t frame)
{
	const std::lock_guard<std::mutex> lock(mutex_);
	const std::size_t wanted = frame > 0 ? static_cast<std::size_t>(frame) * static_cast<std::size_t>(channels_) : 0;
	head_ = std::min(wanted, size_);
	current_ = blockAt(head_);
}

std::int64_t AudioFeed::consumed() const
{
	const std::lock_guard<std::mutex> lock(mutex_);
	return static_cast<std::int64_t>(head_) / channels_;
}

std::int64_t AudioFeed::length() const
{
	const std::lock_guard<std::mutex> lock(mutex_);
	return static_cast<std::int64_t>(size_) / channels_;
}

bool AudioFeed::drained() const
{
	const std::lock_guard<std::mutex> lock(mutex_);
	return finished_ && head_ == size_;
}

std::size_t AudioFeed::blockAt(std::size_t value) const
{
	const auto after = std::upper_bound(
		blocks_.begin(), blocks_.end(), value, [](std::size_t at, const Block& block) { return at < block.first; });
	const std::size_t index = static_cast<std::size_t>(after - blocks_.begin());
	const bool atEnd = value == size_;
	return atEnd ? blocks_.size() : index - 1;
}

} // namespace a2fbridge

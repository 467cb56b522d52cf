// Sound on its way to a source: mixed to mono, brought to a rate that servers take, in blocks. Knows no engine.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "A2FBridge/FrameSource.h"

namespace a2fbridge
{

/// Sound that waits to be handed to a source. One thread.
class SendQueue
{
public:
	/// Adds interleaved sound; all of it has one format. Error: InvalidArgument (rate below 4000 or above 144000 Hz, channels
	/// other than 1 to 8, another format than before).
	Status add(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate);
	/// Hands at most `seconds` to the source; stops when it is full. `onSent` is told of each block and its place. Error: that
	/// of the source, if it is not Full.
	template <class OnSent>
	Status send(IFrameSource& source, double seconds, OnSent onSent);

	bool empty() const { return blocks_.empty(); }
	double seconds() const { return rate_ > 0 ? static_cast<double>(waiting_) / rate_ : 0.0; }
	/// Rate of what is sent, Hz; 0 before any sound.
	std::int32_t rate() const { return rate_; }
	std::int64_t sent() const { return sent_; }

private:
	std::deque<std::vector<std::int16_t>> blocks_;
	std::vector<float> mono_;
	std::int32_t channels_ = 0;
	std::int32_t soundRate_ = 0;
	std::int32_t rate_ = 0;
	std::int32_t factor_ = 1;
	float last_ = 0.0F;
	std::int64_t sent_ = 0;
	std::int64_t waiting_ = 0;
};

template <class OnSent>
Status SendQueue::send(IFrameSource& source, double seconds, OnSent onSent)
{
	double budget = seconds;
	while (!blocks_.empty() && budget > 0.0)
	{
		const std::vector<std::int16_t>& block = blocks_.front();
		AudioBlock sound;
		sound.pcm16 = block;
		sound.sampleRate = rate_;
		if (Status taken = source.pushAudio(sound); !taken.ok())
		{
			return taken.error().code == ErrorCode::Full ? Status() : taken;
		}
		onSent(sent_, Span<std::int16_t>(block));
		sent_ += static_cast<std::int64_t>(block.size());
		waiting_ -= static_cast<std::int64_t>(block.size());
		budget -= static_cast<double>(block.size()) / rate_;
		blocks_.pop_front();
	}
	return {};
}

} // namespace a2fbridge

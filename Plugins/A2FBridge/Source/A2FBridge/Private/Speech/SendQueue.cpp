#include "Speech/SendQueue.h"

#include <algorithm>
#include <string>
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

/// Puts `factor - 1` samples between each two, on straight lines.
std::vector<float> finer(const std::vector<float>& samples, std::int32_t factor, float& last)
{
	std::vector<float> result;
	result.reserve(samples.size() * static_cast<std::size_t>(factor));
	for (const float value : samples)
	{
		for (std::int32_t step = 1; step <= factor; ++step)
		{
			result.push_back(last + (value - last) * static_cast<float>(step) / static_cast<float>(factor));
		}
		last = value;
	}
	return result;
}
} // namespace

Status SendQueue::add(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate)
{
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
	channels_ = channels;
	soundRate_ = sampleRate;
	factor_ = sampleRate < kServerLeastRate ? (kServerLeastRate + sampleRate - 1) / sampleRate : 1;
	rate_ = sampleRate * factor_;

	mixToMono(interleaved, channels, mono_);
	if (factor_ > 1)
	{
		mono_ = finer(mono_, factor_, last_);
	}
	std::vector<std::int16_t> pcm;
	toPcm16(mono_, pcm);
	waiting_ += static_cast<std::int64_t>(pcm.size());
	const std::size_t block = std::max<std::size_t>(1, static_cast<std::size_t>(kBlockSeconds * rate_));
	for (std::size_t from = 0; from < pcm.size(); from += block)
	{
		const auto first = pcm.begin() + static_cast<std::ptrdiff_t>(from);
		const auto count = static_cast<std::ptrdiff_t>(std::min(block, pcm.size() - from));
		blocks_.emplace_back(first, first + count);
	}
	return {};
}

} // namespace a2fbridge

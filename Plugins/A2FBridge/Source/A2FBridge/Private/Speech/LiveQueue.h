// Sound from a microphone or submix: captured on an audio thread, taken on the game thread. Knows no engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace a2fbridge
{

/// A bounded queue of interleaved float sound. When nobody takes it, the oldest goes, and is counted.
class LiveQueue
{
public:
	/// Keeps at most `maxSeconds` of sound.
	explicit LiveQueue(double maxSeconds = 5.0) : maxSeconds_(maxSeconds) {}

	/// Adds frames of `channels` values each; any thread. A change of format drops what waits.
	void push(const float* samples, std::size_t frames, std::int32_t channels, std::int32_t sampleRate);
	/// Moves everything out; false when there is nothing.
	bool take(std::vector<float>& samples, std::int32_t& channels, std::int32_t& sampleRate);
	/// Frames that were dropped because nobody took them in time.
	std::uint64_t dropped() const;

private:
	const double maxSeconds_;
	mutable std::mutex mutex_;
	std::vector<float> samples_;
	std::int32_t channels_ = 0;
	std::int32_t sampleRate_ = 0;
	std::uint64_t dropped_ = 0;
};

} // namespace a2fbridge

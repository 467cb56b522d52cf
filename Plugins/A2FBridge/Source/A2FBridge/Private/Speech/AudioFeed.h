// Sound on its way to an audio device: appended on the game thread, read on the audio thread. Knows no engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// Interleaved PCM16 with a read head that counts what the device has taken. Any thread; the lock is held for as long as
/// a buffer's copy takes. Sound stays until the feed goes, so that a listener may be sent back.
class AudioFeed
{
public:
	AudioFeed(std::int32_t channels, std::int32_t sampleRate);

	/// Adds whole frames (one value per channel each).
	void append(std::vector<std::int16_t> interleaved);
	/// No more sound comes.
	void finish();
	/// Copies the next `count` values to `out`, silence where there is none (yet). Returns how many were sound.
	std::size_t read(std::int16_t* out, std::size_t count);
	/// Moves the read head to a frame, at most to the end of what is there.
	void seek(std::int64_t frame);

	/// The read head: frames of sound handed out since the beginning (or counted from where seek went).
	std::int64_t consumed() const;
	/// Frames of sound there are.
	std::int64_t length() const;
	/// finish() was called and everything has been handed out.
	bool drained() const;

	std::int32_t channels() const { return channels_; }
	std::int32_t sampleRate() const { return sampleRate_; }

private:
	struct Block
	{
		std::size_t first;
		std::vector<std::int16_t> values;
	};
	std::size_t blockAt(std::size_t value) const;

	const std::int32_t channels_;
	const std::int32_t sampleRate_;
	mutable std::mutex mutex_;
	std::deque<Block> blocks_;
	std::size_t size_ = 0;
	std::size_t head_ = 0;
	std::size_t current_ = 0;
	bool finished_ = false;
};

} // namespace a2fbridge

// A sound through a source to a clip, without playing it: for baking. Knows no engine.
#pragma once

#include <memory>
#include <utility>

#include "A2FBridge/FrameSource.h"
#include "Speech/Clip.h"
#include "Speech/SendQueue.h"

namespace a2fbridge
{

/// One thread. Never blocks: call step until done.
class OfflineRun
{
public:
	/// `seconds`: length of the sound, for progress.
	OfflineRun(std::unique_ptr<IFrameSource> source, double seconds) : source_(std::move(source)), seconds_(seconds) {}

	void addSound(Span<float> interleaved, std::int32_t channels, std::int32_t sampleRate);
	void endSound() { soundEnded_ = true; }
	/// Whether more sound should be added now.
	bool wantsSound() const { return !soundEnded_ && !done_ && queue_.seconds() < 4.0; }
	/// Moves sound and frames; returns whether anything moved.
	bool step();
	bool done() const { return done_; }
	/// Why it failed; an empty message when it did not.
	const Error& error() const { return error_; }
	double progress() const { return done_ ? 1.0 : seconds_ > 0.0 ? std::min(1.0, collector_.seconds() / seconds_) : 0.0; }
	/// The clip, with the sound that went to the server; once, when done.
	ClipData take();

private:
	void fail(const Error& error);

	std::unique_ptr<IFrameSource> source_;
	double seconds_;
	SendQueue queue_;
	ClipCollector collector_;
	std::vector<std::int16_t> sound_;
	bool soundEnded_ = false;
	bool told_ = false;
	bool done_ = false;
	Error error_;
};

} // namespace a2fbridge

// What passes from a source to a player is seen here: sound for the feed, everything for a recording. Knows no engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "A2FBridge/File.h"
#include "A2FBridge/FrameSource.h"
#include "A2FBridge/Session.h"

namespace a2fbridge
{

/// The tap of a session. One thread.
class StreamTap final : public IFrameSink
{
public:
	/// Called with sound that the source itself brings (replay), at its sample index.
	using SoundHandler = std::function<void(std::int64_t sampleIndex, Span<std::int16_t> samples)>;

	explicit StreamTap(SoundHandler onSound) : onSound_(std::move(onSound)) {}
	~StreamTap() override;

	void onFormat(const StreamFormat& format) override;
	void onFrame(const FrameView& frame) override;
	void onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples) override;
	void onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json) override;

	/// Tells of sound that went to the source, for the recording; `rate` is what the indices count.
	void sent(std::int64_t sampleIndex, Span<std::int16_t> samples, std::int32_t rate);
	/// Begins a recording at what comes next.
	void record(std::unique_ptr<IByteSink> sink, const RecordingInfo& info);
	Status stopRecording();
	bool recording() const { return recorder_ != nullptr; }

	/// Null before the first frame.
	const StreamFormat* format() const { return format_ ? &*format_ : nullptr; }
	std::uint64_t frames() const { return frames_; }
	std::int64_t lastFrame() const { return lastFrame_; }
	const std::vector<std::string>& notes() const { return notes_; }

private:
	struct Pending
	{
		std::int64_t sampleIndex;
		std::vector<std::int16_t> samples;
		std::int32_t rate;
	};
	void write(std::int64_t sampleIndex, Span<std::int16_t> samples, std::int32_t rate);

	SoundHandler onSound_;
	std::optional<StreamFormat> format_;
	std::uint64_t frames_ = 0;
	std::int64_t lastFrame_ = 0;
	std::vector<std::string> notes_;
	std::unique_ptr<IByteSink> sink_;
	std::unique_ptr<SessionRecorder> recorder_;
	std::vector<Pending> pending_;
};

} // namespace a2fbridge

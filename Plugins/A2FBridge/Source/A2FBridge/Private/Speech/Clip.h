// A whole animated clip in memory, for baking: collected from a source, mapped, resampled. Knows no engine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/FrameSource.h"
#include "A2FBridge/MappingTable.h"
#include "A2FBridge/Recording.h"

namespace a2fbridge
{

/// Frames of one clip, row by row.
struct ClipData
{
	StreamFormat format;
	std::vector<double> times;		 ///< Seconds, increasing; one per frame.
	std::vector<float> values;		 ///< times.size() rows of format.names.size() values.
	std::vector<std::int16_t> sound; ///< Mono, at format.sampleRate; empty when not known.
	std::vector<std::string> notes;	 ///< Warnings of the server, as JSON.

	std::size_t frameCount() const { return times.size(); }
	const float* row(std::size_t frame) const { return values.data() + frame * format.names.size(); }
};

/// Collects what a source yields.
class ClipCollector final : public IFrameSink
{
public:
	void onFormat(const StreamFormat& format) override { clip_.format = format; }
	void onFrame(const FrameView& frame) override;
	void onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples) override;
	void onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json) override;

	ClipData take() { return std::move(clip_); }
	std::size_t frames() const { return clip_.frameCount(); }
	double seconds() const { return clip_.times.empty() ? 0.0 : clip_.times.back(); }

private:
	ClipData clip_;
};

/// Reads all frames (and the sound) of a recording.
ClipData clipOf(const Recording& recording);
/// Writes a clip as a recorded session.
Result<std::vector<std::uint8_t>> recordingOf(const ClipData& clip, const RecordingInfo& info = {});
/// Returns the clip's curves through a table, which must take the clip's names; a clip of the other convention is
/// converted first. Error: InvalidArgument (convention target, names).
Result<ClipData> mapClip(const ClipData& clip, const MappingTable& table);
/// Returns the clip at another frame rate, linear between frames. Error: InvalidArgument.
Result<ClipData> resampleClip(const ClipData& clip, FrameRate rate);

} // namespace a2fbridge

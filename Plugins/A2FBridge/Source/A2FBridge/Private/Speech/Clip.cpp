#include "Speech/Clip.h"

#include <algorithm>
#include <cmath>

namespace a2fbridge
{

void ClipCollector::onFrame(const FrameView& frame)
{
	clip_.times.push_back(frame.timeCode);
	clip_.values.insert(clip_.values.end(), frame.weights.begin(), frame.weights.end());
}

void ClipCollector::onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples)
{
	if (sampleIndex > static_cast<std::int64_t>(clip_.sound.size()))
	{
		clip_.sound.resize(static_cast<std::size_t>(sampleIndex));
	}
	const auto known = static_cast<std::size_t>(static_cast<std::int64_t>(clip_.sound.size()) - sampleIndex);
	const Span<std::int16_t> fresh = samples.part(known);
	clip_.sound.insert(clip_.sound.end(), fresh.begin(), fresh.end());
}

void ClipCollector::onEvent(std::int64_t, std::string_view kind, std::string_view json)
{
	if (kind == "status")
	{
		clip_.notes.emplace_back(json);
	}
}

ClipData clipOf(const Recording& recording)
{
	ClipData clip;
	clip.format = recording.format();
	const std::size_t width = clip.format.names.size();
	clip.values.resize(recording.frameCount() * width);
	for (std::size_t index = 0; index < recording.frameCount(); ++index)
	{
		recording.decodeFrame(recording.frame(index), clip.values.data() + index * width, nullptr);
		clip.times.push_back(recording.frame(index).timeCode);
	}
	clip.sound = recording.wholeAudio();
	return clip;
}

Result<std::vector<std::uint8_t>> recordingOf(const ClipData& clip, const RecordingInfo& info)
{
	MemorySink sink;
	auto writer = RecordingWriter::create(sink, clip.format, info);
	if (!writer.ok())
	{
		return writer.error();
	}
	const std::size_t width = clip.format.names.size();
	if (!clip.sound.empty())
	{
		const std::size_t block = static_cast<std::size_t>(clip.format.sampleRate);
		for (std::size_t from = 0; from < clip.sound.size(); from += block)
		{
			const Span<std::int16_t> part = Span<std::int16_t>(clip.sound).part(from, block);
			if (const Status status = writer.value()->writeAudio(static_cast<std::int64_t>(from), part); !status.ok())
			{
				return status.error();
			}
		}
	}
	for (std::size_t index = 0; index < clip.frameCount(); ++index)
	{
		FrameView frame;
		frame.timeCode = clip.times[index];
		frame.sampleIndex = static_cast<std::int64_t>(std::floor(clip.times[index] * clip.format.sampleRate + 1e-6));
		frame.weights = Span<float>(clip.row(index), width);
		if (const Status status = writer.value()->writeFrame(frame); !status.ok())
		{
			return status.error();
		}
	}
	if (const Status status = writer.value()->close(); !status.ok())
	{
		return status.error();
	}
	return sink.bytes();
}

Result<ClipData> mapClip(const ClipData& clip, const MappingTable& table)
{
	auto plan = table.bind(clip.format.names);
	if (!plan.ok())
	{
		return plan.error();
	}
	auto converter = ConventionConverter::create(clip.format.names, clip.format.convention, table.convention());
	if (!converter.ok())
	{
		return converter.error();
	}
	ClipData result;
	result.format = clip.format;
	result.format.names = table.targets();
	result.format.convention = Convention::Target;
	result.times = clip.times;
	result.sound = clip.sound;
	result.notes = clip.notes;
	const std::size_t width = clip.format.names.size();
	const std::size_t out = plan.value()->outputCount();
	result.values.resize(clip.frameCount() * out);
	std::vector<float> row(width);
	std::vector<double> scratch(plan.value()->scratchSize());
	for (std::size_t index = 0; index < clip.frameCount(); ++index)
	{
		std::copy_n(clip.row(index), width, row.data());
		converter.value().apply(row.data());
		plan.value()->apply(row.data(), result.values.data() + index * out, scratch.data());
	}
	return result;
}

Result<ClipData> resampleClip(const ClipData& clip, FrameRate rate)
{
	if (!rate.valid())
	{
		return makeError(ErrorCode::InvalidArgument, "the frame rate must be above 0 and at most 1000");
	}
	ClipData result;
	result.format = clip.format;
	result.format.frameRate = rate;
	result.sound = clip.sound;
	result.notes = clip.notes;
	if (clip.times.empty())
	{
		return result;
	}
	const std::size_t width = clip.format.names.size();
	const double first = clip.times.front();
	const double last = clip.times.back();
	std::size_t before = 0;
	for (std::int64_t frame = 0; first + rate.timeOf(frame) <= last + 1e-9; ++frame)
	{
		const double time = first + rate.timeOf(frame);
		while (before + 1 < clip.frameCount() && clip.times[before + 1] <= time)
		{
			++before;
		}
		const std::size_t after = std::min(before + 1, clip.frameCount() - 1);
		const double span = clip.times[after] - clip.times[before];
		const double share = span > 0.0 ? std::clamp((time - clip.times[before]) / span, 0.0, 1.0) : 0.0;
		result.times.push_back(time);
		for (std::size_t column = 0; column < width; ++column)
		{
			const double low = clip.row(before)[column];
			const double high = clip.row(after)[column];
			result.values.push_back(static_cast<float>(low + (high - low) * share));
		}
	}
	return result;
}

} // namespace a2fbridge

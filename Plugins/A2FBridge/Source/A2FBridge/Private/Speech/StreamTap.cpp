#include "Speech/StreamTap.h"

namespace a2fbridge
{

namespace
{
constexpr std::size_t kMaxNotes = 32;
}

StreamTap::~StreamTap()
{
	(void)stopRecording();
}

void StreamTap::onFormat(const StreamFormat& format)
{
	format_ = format;
	if (recorder_)
	{
		recorder_->onFormat(format);
		for (const Pending& entry : pending_)
		{
			write(entry.sampleIndex, entry.samples, entry.rate);
		}
	}
	pending_.clear();
}

void StreamTap::onFrame(const FrameView& frame)
{
	++frames_;
	lastFrame_ = frame.sampleIndex;
	if (recorder_)
	{
		recorder_->onFrame(frame);
	}
}

void StreamTap::onAudio(std::int64_t sampleIndex, Span<std::int16_t> samples)
{
	if (onSound_)
	{
		onSound_(sampleIndex, samples);
	}
	if (recorder_)
	{
		recorder_->onAudio(sampleIndex, samples);
	}
}

void StreamTap::onEvent(std::int64_t sampleIndex, std::string_view kind, std::string_view json)
{
	if (kind == "status" && notes_.size() < kMaxNotes)
	{
		notes_.emplace_back(json);
	}
	if (recorder_ && kind != "end") // the recorder writes its own end
	{
		recorder_->onEvent(sampleIndex, kind, json);
	}
}

void StreamTap::sent(std::int64_t sampleIndex, Span<std::int16_t> samples, std::int32_t rate)
{
	if (!recorder_)
	{
		return;
	}
	if (format_)
	{
		write(sampleIndex, samples, rate);
		return;
	}
	pending_.push_back({sampleIndex, std::vector<std::int16_t>(samples.begin(), samples.end()), rate});
}

void StreamTap::record(std::unique_ptr<IByteSink> sink, const RecordingInfo& info)
{
	(void)stopRecording();
	sink_ = std::move(sink);
	recorder_ = std::make_unique<SessionRecorder>(*sink_, info);
	if (format_)
	{
		recorder_->onFormat(*format_);
	}
}

Status StreamTap::stopRecording()
{
	if (!recorder_)
	{
		return {};
	}
	Status status =
		format_ ? recorder_->close() : makeError(ErrorCode::WrongState, "no frame came, so there is nothing to record");
	recorder_.reset();
	sink_.reset();
	pending_.clear();
	return status;
}

void StreamTap::write(std::int64_t sampleIndex, Span<std::int16_t> samples, std::int32_t rate)
{
	if (rate == format_->sampleRate) // indices of another rate would lie
	{
		recorder_->onAudio(sampleIndex, samples);
	}
}

} // namespace a2fbridge

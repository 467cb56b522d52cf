#include <ctime>
#include <limits>
#include <utility>

#include "A2FBridge/Recording.h"
#include "Bytes.h"
#include "Json.h"
#include "RecordingFormat.h"

namespace a2fbridge
{
namespace
{

std::string padded(int value, std::size_t width)
{
    const std::string digits = std::to_string(value);
    return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

/// The time now in RFC 3339, UTC.
std::string timestamp()
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
#if defined(_WIN32)
    static_cast<void>(gmtime_s(&utc, &now));
#else
    static_cast<void>(gmtime_r(&now, &utc));
#endif
    return padded(utc.tm_year + 1900, 4) + "-" + padded(utc.tm_mon + 1, 2) + "-" + padded(utc.tm_mday, 2) + "T" +
           padded(utc.tm_hour, 2) + ":" + padded(utc.tm_min, 2) + ":" + padded(utc.tm_sec, 2) + "Z";
}

std::string headerOf(const StreamFormat& format, const RecordingInfo& info)
{
    std::string json = "{\"names\": [";
    for (std::size_t i = 0; i < format.names.size(); ++i)
    {
        json += i == 0 ? "" : ", ";
        appendJsonString(json, format.names[i]);
    }
    json += std::string("], \"convention\": \"") + conventionName(format.convention) + "\", \"frame_rate\": [" +
            std::to_string(format.frameRate.numerator) + ", " + std::to_string(format.frameRate.denominator) +
            "], \"sample_rate\": " + std::to_string(format.sampleRate) + ", \"source\": " + info.sourceJson +
            ", \"settings\": " + info.settingsJson + ", \"created\": ";
    appendJsonString(json, info.created.empty() ? timestamp() : info.created);
    return json + "}";
}

Span<std::uint8_t> bytesOf(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace

RecordingWriter::RecordingWriter(IByteSink& sink, std::size_t weightCount) : sink_(sink), weightCount_(weightCount) {}
RecordingWriter::~RecordingWriter() = default;

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::create(IByteSink& sink, const StreamFormat& format,
                                                                 const RecordingInfo& info)
{
    if (const Status valid = format.validate(); !valid)
    {
        return valid.error();
    }
    if (!isJsonObject(info.sourceJson) || !isJsonObject(info.settingsJson))
    {
        return makeError(ErrorCode::InvalidArgument, "source and settings of a recording must be JSON objects");
    }
    const std::string header = headerOf(format, info);
    if (header.size() > kMaxRecord || !isJsonObject(header))
    {
        return makeError(ErrorCode::InvalidArgument,
                         "the header of a recording must be UTF-8 of at most " + std::to_string(kMaxRecord) + " bytes");
    }
    std::vector<std::uint8_t> bytes;
    for (const char c : kRecordingMagic)
    {
        bytes.push_back(static_cast<std::uint8_t>(c));
    }
    appendLittle(bytes, kRecordingVersion);
    appendLittle(bytes, std::uint16_t{0});
    appendLittle(bytes, static_cast<std::uint32_t>(header.size()));
    const Span<std::uint8_t> text = bytesOf(header);
    bytes.insert(bytes.end(), text.begin(), text.end());
    if (const Status written = sink.write(bytes); !written)
    {
        return written.error();
    }
    return std::unique_ptr<RecordingWriter>(new RecordingWriter(sink, format.names.size()));
}

Status RecordingWriter::writeFrame(const FrameView& frame)
{
    if (closed_)
    {
        return makeError(ErrorCode::WrongState, "the recording is closed");
    }
    if (frame.weights.size() != weightCount_ || (!frame.emotions.empty() && frame.emotions.size() != kEmotionCount))
    {
        return makeError(ErrorCode::InvalidArgument, "a frame with a wrong number of weights or emotions");
    }
    if (anyFrame_ && frame.sampleIndex <= lastFrame_)
    {
        return makeError(ErrorCode::OutOfOrder, "a frame at sample " + std::to_string(frame.sampleIndex) +
                                                    " after one at " + std::to_string(lastFrame_) +
                                                    "; frames must move on");
    }
    begin(1, kFrameHead + 4 * (weightCount_ + kEmotionCount));
    appendLittle(record_, frame.sampleIndex);
    appendLittle(record_, frame.timeCode);
    for (const float weight : frame.weights)
    {
        appendLittle(record_, weight);
    }
    for (std::size_t i = 0; i < kEmotionCount; ++i)
    {
        appendLittle(record_, frame.emotions.empty() ? std::numeric_limits<float>::quiet_NaN() : frame.emotions[i]);
    }
    anyFrame_ = true;
    lastFrame_ = frame.sampleIndex;
    return finish(frame.sampleIndex);
}

Status RecordingWriter::writeAudio(std::int64_t sampleIndex, Span<std::int16_t> samples)
{
    if (closed_)
    {
        return makeError(ErrorCode::WrongState, "the recording is closed");
    }
    if (samples.size() > (kMaxRecord - kIndexBytes) / 2)
    {
        return makeError(ErrorCode::InvalidArgument,
                         "audio of " + std::to_string(samples.size()) + " samples is too much for one record");
    }
    begin(2, kIndexBytes + 2 * samples.size());
    appendLittle(record_, sampleIndex);
    for (const std::int16_t sample : samples)
    {
        appendLittle(record_, sample);
    }
    return finish(sampleIndex + static_cast<std::int64_t>(samples.size()));
}

Status RecordingWriter::writeEvent(std::int64_t sampleIndex, std::string_view json)
{
    if (closed_)
    {
        return makeError(ErrorCode::WrongState, "the recording is closed");
    }
    if (json.size() > kMaxRecord - kIndexBytes || !isJsonObject(json) ||
        json.find("\"kind\"") == std::string_view::npos)
    {
        return makeError(ErrorCode::InvalidArgument, "an event must be a JSON object with \"kind\"");
    }
    begin(3, kIndexBytes + json.size());
    appendLittle(record_, sampleIndex);
    const Span<std::uint8_t> text = bytesOf(json);
    record_.insert(record_.end(), text.begin(), text.end());
    return finish(end_);
}

Status RecordingWriter::close()
{
    if (closed_)
    {
        return {};
    }
    Status written = writeEvent(end_, "{\"kind\": \"end\"}");
    closed_ = true;
    return written;
}

void RecordingWriter::begin(std::uint8_t type, std::size_t length)
{
    record_.clear();
    appendLittle(record_, type);
    record_.insert(record_.end(), 3, std::uint8_t{0});
    appendLittle(record_, static_cast<std::uint32_t>(length));
}

Status RecordingWriter::finish(std::int64_t end)
{
    end_ = end > end_ ? end : end_;
    appendLittle(record_, crc32(record_));
    return sink_.write(record_);
}

} // namespace a2fbridge

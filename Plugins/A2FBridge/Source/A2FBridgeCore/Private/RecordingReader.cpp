#include <algorithm>
#include <optional>
#include <utility>

#include "A2FBridge/Recording.h"
#include "Bytes.h"
#include "Json.h"
#include "RecordingFormat.h"

namespace a2fbridge
{
namespace
{

Error damaged(std::uint64_t offset, std::string message)
{
    Error error = makeError(ErrorCode::InvalidData, std::move(message), "recording");
    error.offset = static_cast<std::int64_t>(offset);
    return error;
}

std::string_view textOf(Span<std::uint8_t> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads the header's keys one by one; of a key that stands twice the last counts.
class HeaderReader
{
public:
    Result<StreamFormat> read(std::string_view json)
    {
        if (!isJsonObject(json))
        {
            return problem("the header is not a JSON object");
        }
        JsonCursor cursor(json);
        std::string key;
        cursor.enterObject();
        while (cursor.nextKey(key))
        {
            take(key, cursor);
        }
        if (!problem_.empty())
        {
            return problem(problem_);
        }
        if (!hasNames_ || !hasConvention_ || !hasRate_ || !hasSampleRate_)
        {
            return problem("the header needs names, convention, frame_rate and sample_rate");
        }
        const Status valid = format_.validate();
        return valid ? Result<StreamFormat>(std::move(format_)) : problem(valid.error().message);
    }

private:
    static Error problem(std::string message) { return damaged(kRecordingFixed, std::move(message)); }

    void wrong(const char* message)
    {
        if (problem_.empty())
        {
            problem_ = message;
        }
    }

    void take(const std::string& key, JsonCursor& cursor)
    {
        const std::string_view value = cursor.skip();
        JsonCursor inner(value);
        if (key == "names")
        {
            hasNames_ = true;
            names(inner);
        }
        else if (key == "convention")
        {
            hasConvention_ = true;
            std::string text;
            const auto known = inner.readString(text) ? parseConvention(text) : Result<Convention>(Error());
            if (known)
            {
                format_.convention = known.value();
            }
            else
            {
                wrong("the convention is unknown; right are a2f, arkit, target");
            }
        }
        else if (key == "frame_rate")
        {
            hasRate_ = true;
            const bool read = inner.enterArray() && inner.nextItem() &&
                              inner.readInteger(format_.frameRate.numerator) && inner.nextItem() &&
                              inner.readInteger(format_.frameRate.denominator) && !inner.nextItem();
            if (!read || inner.failed())
            {
                wrong("frame_rate must be [numerator, denominator]");
            }
        }
        else if (key == "sample_rate")
        {
            hasSampleRate_ = true;
            std::int64_t rate = 0;
            if (!inner.readInteger(rate) || rate <= 0 || rate > 768000)
            {
                wrong("sample_rate is out of range; right are 1 to 768000");
                return;
            }
            format_.sampleRate = static_cast<std::int32_t>(rate);
        }
    }

    void names(JsonCursor& cursor)
    {
        constexpr std::size_t most = 4096;
        format_.names.clear();
        if (cursor.kind() != '[')
        {
            wrong("names must be a list of text");
            return;
        }
        cursor.enterArray();
        while (cursor.nextItem() && format_.names.size() <= most)
        {
            std::string name;
            if (cursor.kind() != '"' || !cursor.readString(name))
            {
                wrong("names must be a list of text");
                return;
            }
            format_.names.push_back(std::move(name));
        }
    }

    StreamFormat format_;
    std::string problem_;
    bool hasNames_ = false;
    bool hasConvention_ = false;
    bool hasRate_ = false;
    bool hasSampleRate_ = false;
};

/// The text under "kind" (of several the last); nothing when there is none.
std::optional<std::string> kindOf(std::string_view json)
{
    JsonCursor cursor(json);
    std::string key;
    std::optional<std::string> kind;
    cursor.enterObject();
    while (cursor.nextKey(key))
    {
        JsonCursor value(cursor.skip());
        if (key == "kind")
        {
            std::string text;
            kind = value.kind() == '"' && value.readString(text) ? std::optional<std::string>(text) : std::nullopt;
        }
    }
    return kind;
}

} // namespace

Recording::Recording() = default;
Recording::~Recording() = default;

Result<std::shared_ptr<const Recording>> Recording::read(std::vector<std::uint8_t> file)
{
    const std::shared_ptr<Recording> recording(new Recording);
    Recording& self = *recording;
    self.bytes_ = std::move(file);
    const Span<std::uint8_t> bytes(self.bytes_);
    if (textOf(bytes.part(0, kRecordingMagic.size())) != kRecordingMagic)
    {
        return damaged(0, "not a recorded session");
    }
    if (bytes.size() < kRecordingFixed)
    {
        return damaged(8, "the file ends within its header");
    }
    const auto version = loadLittle<std::uint16_t>(bytes.data() + 8);
    if (version != kRecordingVersion)
    {
        return damaged(8, "version " + std::to_string(version) + "; this reader knows 1");
    }
    self.headerLength_ = loadLittle<std::uint32_t>(bytes.data() + 12);
    if (self.headerLength_ > kMaxRecord || self.headerLength_ > bytes.size() - kRecordingFixed)
    {
        return damaged(12, "a header of " + std::to_string(self.headerLength_) + " bytes does not fit the file");
    }
    auto format = HeaderReader().read(self.headerJson());
    if (!format)
    {
        return format.error();
    }
    self.format_ = std::move(format).value();
    self.readRecords();
    return std::shared_ptr<const Recording>(recording);
}

std::string_view Recording::headerJson() const
{
    return textOf(Span<std::uint8_t>(bytes_).part(kRecordingFixed, headerLength_));
}

void Recording::readRecords()
{
    const Span<std::uint8_t> bytes(bytes_);
    bool ended = false;
    std::uint64_t offset = kRecordingFixed + headerLength_;
    while (offset < bytes.size())
    {
        const Span<std::uint8_t> rest = bytes.part(static_cast<std::size_t>(offset));
        const std::size_t length = rest.size() < kRecordHead ? 0 : loadLittle<std::uint32_t>(rest.data() + 4);
        if (length > kMaxRecord)
        {
            problem_ =
                std::make_unique<Error>(damaged(offset, "a record of " + std::to_string(length) + " bytes; at most " +
                                                            std::to_string(kMaxRecord) + " are allowed"));
            break;
        }
        if (rest.size() < kRecordHead || rest.size() < kRecordHead + length + kRecordTail)
        {
            problem_ = std::make_unique<Error>(damaged(offset, "the file ends within a record"));
            break;
        }
        const auto stored = loadLittle<std::uint32_t>(rest.data() + kRecordHead + length);
        if (crc32(rest.part(0, kRecordHead + length)) != stored)
        {
            problem_ = std::make_unique<Error>(damaged(offset, "the record is damaged (its checksum does not fit)"));
            break;
        }
        ended = false;
        const std::string reason = takeRecord(rest[0], offset, rest.part(kRecordHead, length), ended);
        if (!reason.empty())
        {
            problem_ = std::make_unique<Error>(damaged(offset, reason));
            break;
        }
        offset += kRecordHead + length + kRecordTail;
    }
    complete_ = ended && !problem_;
}

std::string Recording::takeRecord(std::uint8_t type, std::uint64_t offset, Span<std::uint8_t> payload, bool& ended)
{
    RecordView record;
    record.offset = offset;
    record.type = static_cast<RecordView::Type>(type);
    const std::string size = std::to_string(payload.size());
    if (payload.size() >= kIndexBytes)
    {
        record.sampleIndex = loadLittle<std::int64_t>(payload.data());
    }
    switch (record.type)
    {
    case RecordView::Type::Frame:
    {
        const std::size_t weights = 4 * format_.names.size();
        const std::size_t right = kFrameHead + weights + 4 * kEmotionCount;
        if (payload.size() != right)
        {
            return "a frame of " + size + " bytes; right are " + std::to_string(right);
        }
        if (!frameRecords_.empty() && record.sampleIndex <= frame(frameRecords_.size() - 1).sampleIndex)
        {
            return "a frame at sample " + std::to_string(record.sampleIndex) + " after one at " +
                   std::to_string(frame(frameRecords_.size() - 1).sampleIndex);
        }
        record.timeCode = loadLittle<double>(payload.data() + kIndexBytes);
        record.weights = payload.part(kFrameHead, weights);
        record.emotions = payload.part(kFrameHead + weights);
        frameRecords_.push_back(records_.size());
        break;
    }
    case RecordView::Type::Audio:
        if (payload.size() < kIndexBytes || payload.size() % 2 != 0)
        {
            return "audio of " + size + " bytes; right are 8 and two for each sample";
        }
        record.samples = payload.part(kIndexBytes);
        break;
    case RecordView::Type::Event:
    {
        if (payload.size() < kIndexBytes)
        {
            return "an event of " + size + " bytes; right are 8 and its text";
        }
        record.json = textOf(payload.part(kIndexBytes));
        const auto kind = isJsonObject(record.json) ? kindOf(record.json) : std::nullopt;
        if (!kind)
        {
            return "an event that is not a JSON object with a kind";
        }
        ended = *kind == "end";
        break;
    }
    default:
        return {};
    }
    const auto samples = static_cast<std::int64_t>(record.samples.size() / 2);
    // An index near the end of the range cannot be one of a recording; it must only do no harm.
    const std::int64_t end = record.sampleIndex > INT64_MAX - samples ? INT64_MAX : record.sampleIndex + samples;
    endSample_ = std::max(endSample_, end);
    records_.push_back(record);
    return {};
}

std::size_t Recording::recordAt(std::int64_t sampleIndex) const
{
    const auto found =
        std::partition_point(frameRecords_.begin(), frameRecords_.end(),
                             [&](std::size_t index) { return records_[index].sampleIndex < sampleIndex; });
    return found == frameRecords_.end() ? records_.size() : *found;
}

std::vector<std::int16_t> Recording::wholeAudio() const
{
    std::vector<std::int16_t> audio;
    std::vector<std::int16_t> part;
    for (const RecordView& record : records_)
    {
        if (record.type != RecordView::Type::Audio)
        {
            continue;
        }
        if (record.sampleIndex != static_cast<std::int64_t>(audio.size()))
        {
            return {};
        }
        const std::size_t count = decodeAudio(record, part);
        audio.insert(audio.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return audio;
}

void Recording::decodeFrame(const RecordView& record, float* weights, float* emotions) const
{
    for (std::size_t i = 0; i < record.weights.size() / 4; ++i)
    {
        weights[i] = loadLittle<float>(record.weights.data() + 4 * i);
    }
    for (std::size_t i = 0; emotions != nullptr && i < record.emotions.size() / 4; ++i)
    {
        emotions[i] = loadLittle<float>(record.emotions.data() + 4 * i);
    }
}

std::size_t Recording::decodeAudio(const RecordView& record, std::vector<std::int16_t>& samples) const
{
    const std::size_t count = record.samples.size() / 2;
    if (samples.size() < count)
    {
        samples.resize(count);
    }
    for (std::size_t i = 0; i < count; ++i)
    {
        samples[i] = loadLittle<std::int16_t>(record.samples.data() + 2 * i);
    }
    return count;
}

std::string Recording::eventKind(const RecordView& record) const
{
    return kindOf(record.json).value_or(std::string());
}

} // namespace a2fbridge

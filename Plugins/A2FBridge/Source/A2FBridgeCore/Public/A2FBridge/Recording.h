// Recorded sessions, .a2frec version 1 (docs/formats.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/File.h"
#include "A2FBridge/Frame.h"
#include "A2FBridge/Result.h"

namespace a2fbridge
{

inline constexpr std::size_t kMaxRecord = std::size_t{16} << 20; ///< Bytes of a header or payload at most.

/// One record, pointing into the recording's bytes.
struct RecordView
{
    enum class Type : std::uint8_t
    {
        Frame = 1,
        Audio = 2,
        Event = 3
    };
    Type type = Type::Frame;
    std::int64_t sampleIndex = 0;
    std::uint64_t offset = 0;    ///< Where the record begins in the file.
    double timeCode = 0.0;       ///< Frame: seconds.
    Span<std::uint8_t> weights;  ///< Frame: K little-endian float32, not aligned; see Recording::decodeFrame.
    Span<std::uint8_t> emotions; ///< Frame: 10 of them.
    Span<std::uint8_t> samples;  ///< Audio: little-endian int16, not aligned; see Recording::decodeAudio.
    std::string_view json;       ///< Event: the JSON object.
};

/// A whole session in memory, as far as the file is whole. Immutable; any thread.
class A2FBRIDGECORE_API Recording
{
public:
    /// Reads a session from the bytes of a file, which it keeps. A file that is cut off or damaged gives what stands
    /// before that place, with problem() set. Error: InvalidData with the byte offset when the header cannot be used.
    static Result<std::shared_ptr<const Recording>> read(std::vector<std::uint8_t> file);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    const StreamFormat& format() const { return format_; }
    /// The header as it stands in the file: a JSON object.
    std::string_view headerJson() const;
    /// Frames, audio and events in the order of the file. Unknown records are left out.
    Span<RecordView> records() const { return records_; }
    std::size_t frameCount() const { return frameRecords_.size(); }
    /// The frame of that number (below frameCount()).
    const RecordView& frame(std::size_t index) const { return records_[frameRecords_[index]]; }
    /// Place in records() of the first frame at or after that sample; records().size() when there is none.
    std::size_t recordAt(std::int64_t sampleIndex) const;
    /// Whether the last record is the end event and nothing is damaged.
    bool complete() const { return complete_; }
    /// Why reading stopped before the end of the file (InvalidData, offset); null when it did not.
    const Error* problem() const { return problem_.get(); }
    /// The sound, when the audio records follow each other from sample 0 without a gap; else empty.
    std::vector<std::int16_t> wholeAudio() const;
    /// Index after the last sample, frame or event.
    std::int64_t endSample() const { return endSample_; }

    /// Copies weights (K values) and, unless null, emotions (10 values) of a frame record.
    void decodeFrame(const RecordView& record, float* weights, float* emotions) const;
    /// Copies the samples of an audio record; returns how many it were. `samples` grows as needed.
    std::size_t decodeAudio(const RecordView& record, std::vector<std::int16_t>& samples) const;
    /// The "kind" of an event record.
    std::string eventKind(const RecordView& record) const;

private:
    Recording();
    void readRecords();
    std::string takeRecord(std::uint8_t type, std::uint64_t offset, Span<std::uint8_t> payload, bool& ended);

    std::vector<std::uint8_t> bytes_;
    std::size_t headerLength_ = 0;
    StreamFormat format_;
    std::vector<RecordView> records_;
    std::vector<std::size_t> frameRecords_;
    bool complete_ = false;
    std::unique_ptr<Error> problem_;
    std::int64_t endSample_ = 0;
};

/// What a writer puts into the header beside the format.
struct RecordingInfo
{
    std::string sourceJson = "{}";   ///< JSON object: pack, identity, solver, server.
    std::string settingsJson = "{}"; ///< JSON object: the parameters in force.
    std::string created;             ///< RFC 3339; empty: now (UTC).
};

/// Writes a session as it happens; after a crash the file is readable up to the last whole record. One thread; no
/// allocation after the first record of a size.
class A2FBRIDGECORE_API RecordingWriter
{
public:
    /// Writes the header. The sink must outlive the writer. Errors: InvalidArgument (format, or a JSON text that is no
    /// object), Io.
    static Result<std::unique_ptr<RecordingWriter>> create(IByteSink& sink, const StreamFormat& format,
                                                           const RecordingInfo& info = {});
    /// Does not write the end event: a session that was not closed is not complete.
    ~RecordingWriter();

    /// Errors: InvalidArgument (counts), OutOfOrder (sample indices must increase), WrongState (closed), Io.
    Status writeFrame(const FrameView& frame);
    Status writeAudio(std::int64_t sampleIndex, Span<std::int16_t> samples);
    /// `json` is a JSON object with "kind".
    Status writeEvent(std::int64_t sampleIndex, std::string_view json);
    /// Writes the end event. A second call does nothing.
    Status close();

private:
    explicit RecordingWriter(IByteSink& sink, std::size_t weightCount);
    void begin(std::uint8_t type, std::size_t length);
    Status finish(std::int64_t end);

    IByteSink& sink_;
    std::size_t weightCount_;
    std::vector<std::uint8_t> record_;
    bool anyFrame_ = false;
    std::int64_t lastFrame_ = 0;
    std::int64_t end_ = 0;
    bool closed_ = false;
};

} // namespace a2fbridge

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/Recording.h"
#include "Api.h"
#include "Border.h"
#include "Format.h"

namespace a2fbridge::client
{

namespace
{

/// Hands bytes to the caller's function.
class CallerSink final : public IByteSink
{
public:
    CallerSink(a2fb_sink sink, void* context) : sink_(sink), context_(context) {}

    Status write(Span<std::uint8_t> bytes) override
    {
        if (sink_(context_, bytes.data(), bytes.size()) != 0)
        {
            return makeError(ErrorCode::Io, "the sink took no more bytes");
        }
        return {};
    }

private:
    a2fb_sink sink_;
    void* context_;
};

} // namespace

} // namespace a2fbridge::client

struct a2fb_recording
{
    std::shared_ptr<const a2fbridge::Recording> it;
    std::size_t next = 0;
};

struct a2fb_writer
{
    a2fbridge::client::CallerSink sink;
    std::unique_ptr<a2fbridge::RecordingWriter> it;
};

namespace a2fbridge::client
{

namespace
{

a2fb_status A2FB_CALL open(a2fb_str given, a2fb_recording** out, a2fb_error* error)
{
    return opened(out, error,
                  [&]
                  {
                      const std::string_view file = bytes(given);
                      return new a2fb_recording{
                          taken(Recording::read(std::vector<std::uint8_t>(file.begin(), file.end())))};
                  });
}

void A2FB_CALL close(a2fb_recording* recording)
{
    delete recording;
}

a2fb_status A2FB_CALL info(const a2fb_recording* recording, a2fb_recording_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(recording != nullptr, "recording is NULL");
                       const StreamFormat& format = recording->it->format();
                       a2fb_recording_info filled{};
                       filled.convention = static_cast<std::uint32_t>(format.convention);
                       filled.weight_count = static_cast<std::uint32_t>(format.names.size());
                       filled.frame_rate_numerator = static_cast<std::uint32_t>(format.frameRate.numerator);
                       filled.frame_rate_denominator = static_cast<std::uint32_t>(format.frameRate.denominator);
                       filled.sample_rate = static_cast<std::uint32_t>(format.sampleRate);
                       filled.complete = recording->it->complete() ? 1 : 0;
                       filled.frame_count = static_cast<std::uint32_t>(recording->it->frameCount());
                       write(filled, out);
                   });
}

a2fb_status A2FB_CALL textOf(const a2fb_recording* recording, std::uint32_t kind, std::size_t index, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(recording != nullptr && out != nullptr, "recording or out is NULL");
                       const auto& names = recording->it->format().names;
                       if (kind == A2FB_TEXT_HEADER)
                       {
                           *out = str(recording->it->headerJson());
                           return A2FB_OK;
                       }
                       const bool found = kind == A2FB_TEXT_NAME && index < names.size();
                       *out = found ? str(names[index]) : a2fb_str{};
                       return found ? A2FB_OK : A2FB_NOTHING;
                   });
}

a2fb_status giveFrame(const Recording& recording, const RecordView& view, a2fb_record& out)
{
    out.weight_count = static_cast<std::uint32_t>(recording.format().names.size());
    if (out.weights == nullptr || out.weight_capacity < out.weight_count)
    {
        throw Failure(A2FB_E_TOO_SMALL, "weight_capacity is less than the recording's weight_count");
    }
    out.time_code = view.timeCode;
    recording.decodeFrame(view, out.weights, out.emotions);
    return A2FB_OK;
}

a2fb_status A2FB_CALL next(a2fb_recording* recording, a2fb_record* out, a2fb_error* error)
{
    return guarded(error,
                   [&]() -> a2fb_status
                   {
                       require(recording != nullptr, "recording is NULL");
                       require(out != nullptr && out->struct_size >= sizeof(a2fb_record),
                               "out is NULL, or struct_size is not set");
                       const auto records = recording->it->records();
                       if (recording->next == records.size())
                       {
                           if (const Error* const problem = recording->it->problem())
                           {
                               throw Failure(*problem);
                           }
                           return A2FB_END;
                       }
                       const RecordView& view = records[recording->next];
                       out->type = static_cast<std::uint32_t>(view.type);
                       out->sample_index = view.sampleIndex;
                       out->audio = view.samples.data();
                       out->audio_count = view.samples.size() / 2;
                       out->event = str(view.json);
                       if (view.type == RecordView::Type::Frame)
                       {
                           giveFrame(*recording->it, view, *out);
                       }
                       ++recording->next;
                       return A2FB_OK;
                   });
}

a2fb_status A2FB_CALL rewind(a2fb_recording* recording)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(recording != nullptr, "recording is NULL");
                       recording->next = 0;
                   });
}

a2fb_status A2FB_CALL openWriter(const a2fb_format* format, const a2fb_writer_options* options, a2fb_writer** out,
                                 a2fb_error* error)
{
    return opened(
        out, error,
        [&]
        {
            const a2fb_writer_options given = read(options);
            require(given.sink != nullptr, "sink is NULL");
            RecordingInfo about;
            about.sourceJson = given.source_json.size > 0 ? text(given.source_json, "source_json") : "{}";
            about.settingsJson = given.settings_json.size > 0 ? text(given.settings_json, "settings_json") : "{}";
            about.created = text(given.created, "created");
            auto writer = std::make_unique<a2fb_writer>(a2fb_writer{{given.sink, given.sink_context}, nullptr});
            writer->it = taken(RecordingWriter::create(writer->sink, readFormat(format), about));
            return writer.release();
        });
}

a2fb_status A2FB_CALL writeFrame(a2fb_writer* writer, const a2fb_frame* frame, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(writer != nullptr, "writer is NULL");
                       const a2fb_frame given = read(frame);
                       require(given.weights != nullptr, "frame.weights is NULL");
                       FrameView view;
                       view.sampleIndex = given.sample_index;
                       view.timeCode = given.time_code;
                       view.weights = {given.weights, given.weight_count};
                       view.emotions = {given.emotions, A2FB_EMOTIONS};
                       check(writer->it->writeFrame(view));
                   });
}

a2fb_status A2FB_CALL writeAudio(a2fb_writer* writer, std::int64_t sampleIndex, const std::int16_t* samples,
                                 std::size_t count, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(writer != nullptr && (samples != nullptr || count == 0), "writer or samples is NULL");
                       check(writer->it->writeAudio(sampleIndex, {samples, count}));
                   });
}

a2fb_status A2FB_CALL writeEvent(a2fb_writer* writer, std::int64_t sampleIndex, a2fb_str json, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(writer != nullptr, "writer is NULL");
                       check(writer->it->writeEvent(sampleIndex, text(json, "the event")));
                   });
}

a2fb_status A2FB_CALL finish(a2fb_writer* writer, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(writer != nullptr, "writer is NULL");
                       check(writer->it->close());
                   });
}

void A2FB_CALL closeWriter(a2fb_writer* writer)
{
    delete writer;
}

} // namespace

void addRecording(a2fb_api& api)
{
    api.recording_open = open;
    api.recording_close = close;
    api.recording_info = info;
    api.recording_text = textOf;
    api.recording_next = next;
    api.recording_rewind = rewind;
    api.writer_open = openWriter;
    api.writer_frame = writeFrame;
    api.writer_audio = writeAudio;
    api.writer_event = writeEvent;
    api.writer_finish = finish;
    api.writer_close = closeWriter;
}

} // namespace a2fbridge::client

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "Sources.h"

namespace a2fb::tool
{

namespace
{

Stream streamOf(const Recording& recording, const a2fb_recording_info& info)
{
    Stream out;
    out.convention = info.convention;
    out.rateNumerator = info.frame_rate_numerator;
    out.rateDenominator = info.frame_rate_denominator;
    out.sampleRate = info.sample_rate;
    for (a2fb_str name{};
         recording.api().recording_text(recording.raw(), A2FB_TEXT_NAME, out.names.size(), &name) == A2FB_OK;)
    {
        out.names.emplace_back(view(name));
    }
    return out;
}

} // namespace

void replay(const Library& library, const Arguments& arguments, Outputs& outputs)
{
    Error error;
    const std::string file = readFile(arguments.recording);
    const Recording recording = library.recording(file, error);
    if (!recording)
    {
        throw Problem(arguments.recording + ": " + std::string(error.text()));
    }
    auto info = make<a2fb_recording_info>();
    recording.api().recording_info(recording.raw(), &info);
    outputs.open(streamOf(recording, info));
    std::vector<float> weights(info.weight_count);
    std::vector<std::int16_t> sound;
    auto record = make<a2fb_record>();
    auto frame = make<a2fb_frame>();
    a2fb_status got = A2FB_OK;
    for (record.weights = weights.data(), record.weight_capacity = info.weight_count;
         (got = recording.api().recording_next(recording.raw(), &record, error.out())) == A2FB_OK;)
    {
        if (record.type == A2FB_RECORD_FRAME)
        {
            frame.weights = weights.data();
            frame.weight_count = info.weight_count;
            frame.sample_index = record.sample_index;
            frame.time_code = record.time_code;
            std::copy(std::begin(record.emotions), std::end(record.emotions), frame.emotions);
            outputs.frame(frame);
            ++frame.index;
        }
        else if (record.type == A2FB_RECORD_AUDIO)
        {
            sound.resize(record.audio_count);
            for (std::size_t i = 0; i < sound.size(); ++i)
            {
                sound[i] = static_cast<std::int16_t>(
                    static_cast<std::uint16_t>(record.audio[2 * i] | record.audio[2 * i + 1] << 8));
            }
            outputs.audio(record.sample_index, sound.data(), sound.size());
        }
    }
    outputs.finish();
    if (got != A2FB_END)
    {
        throw Problem(arguments.recording + ": damaged; " + std::to_string(frame.index) + " frames were written. " +
                      std::string(error.text()));
    }
    if (!arguments.quiet)
    {
        const char* const form = arguments.json ? "{\"event\": \"finished\", \"frames\": %lld}\n" : "%lld frames\n";
        std::printf(form, static_cast<long long>(frame.index));
    }
}

} // namespace a2fb::tool

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/Convention.h"
#include "A2FBridge/Names.h"
#include "A2FBridge/Wav.h"
#include "Api.h"
#include "Border.h"
#include "Format.h"

struct a2fb_wav
{
    a2fb_wav_info info{};
    std::vector<float> mono;
};

namespace a2fbridge::client
{

namespace
{

a2fb_status A2FB_CALL open(a2fb_str given, a2fb_wav** out, a2fb_error* error)
{
    return opened(
        out, error,
        [&]
        {
            const std::string_view file = bytes(given);
            const WavSound sound = taken(readWav({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}));
            auto wav = std::make_unique<a2fb_wav>();
            mixToMono(sound.samples, sound.channels, wav->mono);
            wav->info.sample_rate = static_cast<std::uint32_t>(sound.sampleRate);
            wav->info.channels = static_cast<std::uint32_t>(sound.channels);
            wav->info.truncated = sound.truncated ? 1 : 0;
            wav->info.frames = sound.frameCount();
            return wav.release();
        });
}

void A2FB_CALL close(a2fb_wav* wav)
{
    delete wav;
}

a2fb_status A2FB_CALL info(const a2fb_wav* wav, a2fb_wav_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(wav != nullptr, "wav is NULL");
                       write(wav->info, out);
                   });
}

a2fb_status A2FB_CALL readMono(const a2fb_wav* wav, std::uint64_t first, float* mono, std::size_t count,
                               std::size_t* readCount)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(wav != nullptr && readCount != nullptr && (mono != nullptr || count == 0),
                               "an argument is NULL");
                       const std::size_t size = wav->mono.size();
                       const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(first, size));
                       *readCount = std::min(count, size - begin);
                       std::copy_n(wav->mono.begin() + static_cast<std::ptrdiff_t>(begin), *readCount, mono);
                   });
}

a2fb_status A2FB_CALL nameOf(std::uint32_t kind, std::size_t index, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(out != nullptr, "out is NULL");
                       require(kind == A2FB_NAME_WEIGHT || kind == A2FB_NAME_EMOTION,
                               "kind is not A2FB_NAME_WEIGHT or _EMOTION");
                       const std::size_t count = kind == A2FB_NAME_WEIGHT ? faceNames().size() : emotionNames().size();
                       if (index >= count)
                       {
                           *out = a2fb_str{};
                           return A2FB_END;
                       }
                       *out = str(kind == A2FB_NAME_WEIGHT ? faceNames()[index] : emotionNames()[index]);
                       return A2FB_OK;
                   });
}

a2fb_status A2FB_CALL convert(float* weights, std::size_t count, const a2fb_str* names, std::uint32_t from,
                              std::uint32_t to)
{
    return guarded(
        nullptr,
        [&]
        {
            require(weights != nullptr, "weights is NULL");
            require(names != nullptr || count <= faceNames().size(), "more than 68 weights without names");
            const std::string_view* const known = faceNames().data();
            const std::vector<std::string> columns =
                names != nullptr ? texts(names, count, "a name") : std::vector<std::string>(known, known + count);
            taken(ConventionConverter::create(columns, readConvention(from), readConvention(to))).apply(weights);
        });
}

} // namespace

void addSound(a2fb_api& api)
{
    api.wav_open = open;
    api.wav_close = close;
    api.wav_info = info;
    api.wav_read = readMono;
    api.names_text = nameOf;
    api.convert = convert;
}

} // namespace a2fbridge::client

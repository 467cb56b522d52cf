#include "A2FBridge/Wav.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "Bytes.h"

namespace a2fbridge
{
namespace
{

constexpr std::uint16_t kPcm = 1;
constexpr std::uint16_t kFloat = 3;
constexpr std::uint16_t kExtensible = 0xFFFE;
constexpr std::uint32_t kUnknownLength = 0xFFFFFFFF;
/// Writers that cannot go back leave lengths like these.
constexpr std::uint32_t kStreamingLength = 0x7FFF0000;
/// The end of the GUIDs of plain formats within WAVE_FORMAT_EXTENSIBLE.
constexpr std::string_view kGuidTail("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);

struct Layout
{
    std::uint16_t encoding = 0;
    std::int32_t channels = 0;
    std::int64_t sampleRate = 0;
    std::size_t bytes = 0; ///< Of one sample.
};

Error wrong(ErrorCode code, std::size_t offset, std::string message)
{
    Error error = makeError(code, std::move(message), "wav");
    error.offset = static_cast<std::int64_t>(offset);
    return error;
}

bool hasText(Span<std::uint8_t> bytes, std::size_t at, std::string_view text)
{
    return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

std::uint32_t u32(Span<std::uint8_t> bytes, std::size_t at)
{
    return loadLittle<std::uint32_t>(bytes.data() + at);
}

std::uint16_t u16(Span<std::uint8_t> bytes, std::size_t at)
{
    return loadLittle<std::uint16_t>(bytes.data() + at);
}

Result<Layout> readLayout(Span<std::uint8_t> chunk, std::size_t offset, const WavLimits& limits)
{
    if (chunk.size() < 16)
    {
        return wrong(ErrorCode::InvalidData, offset,
                     "a format chunk of " + std::to_string(chunk.size()) + " bytes; right are at least 16");
    }
    Layout layout;
    layout.encoding = u16(chunk, 0);
    layout.channels = u16(chunk, 2);
    layout.sampleRate = u32(chunk, 4);
    const std::size_t block = u16(chunk, 12);
    const std::size_t bits = u16(chunk, 14);
    if (layout.encoding == kExtensible && chunk.size() >= 40 && hasText(chunk, 26, kGuidTail))
    {
        layout.encoding = u16(chunk, 24);
    }
    const bool pcm = layout.encoding == kPcm && (bits == 8 || bits == 16 || bits == 24 || bits == 32);
    const bool floats = layout.encoding == kFloat && (bits == 32 || bits == 64);
    if (!pcm && !floats)
    {
        return wrong(ErrorCode::Unsupported, offset,
                     "encoding " + std::to_string(layout.encoding) + " with " + std::to_string(bits) +
                         " bits; right are PCM of 8, 16, 24 or 32 bits and float of 32 or 64");
    }
    if (layout.channels < 1 || layout.channels > 2)
    {
        return wrong(ErrorCode::Unsupported, offset,
                     std::to_string(layout.channels) + " channels; right are mono and stereo");
    }
    if (layout.sampleRate < limits.minRate || layout.sampleRate > limits.maxRate)
    {
        return wrong(ErrorCode::Unsupported, offset,
                     std::to_string(layout.sampleRate) + " Hz; right are " + std::to_string(limits.minRate) + " to " +
                         std::to_string(limits.maxRate));
    }
    layout.bytes = bits / 8;
    if (block != layout.bytes * static_cast<std::size_t>(layout.channels))
    {
        return wrong(ErrorCode::InvalidData, offset,
                     "a block of " + std::to_string(block) + " bytes does not fit channels and bits");
    }
    return layout;
}

float decode(const std::uint8_t* bytes, const Layout& layout)
{
    if (layout.encoding == kFloat)
    {
        return layout.bytes == 4 ? loadLittle<float>(bytes) : static_cast<float>(loadLittle<double>(bytes));
    }
    switch (layout.bytes)
    {
    case 1:
        return static_cast<float>(bytes[0] - 128) / 128.0F;
    case 2:
        return static_cast<float>(loadLittle<std::int16_t>(bytes)) / 32768.0F;
    case 3:
    {
        // The 24 bits become the upper ones of 32, so that the sign comes along.
        const std::uint32_t upper = static_cast<std::uint32_t>(bytes[0]) << 8U |
                                    static_cast<std::uint32_t>(bytes[1]) << 16U |
                                    static_cast<std::uint32_t>(bytes[2]) << 24U;
        std::int32_t value = 0;
        std::memcpy(&value, &upper, sizeof value);
        return static_cast<float>(static_cast<double>(value) / 2147483648.0);
    }
    default:
        return static_cast<float>(static_cast<double>(loadLittle<std::int32_t>(bytes)) / 2147483648.0);
    }
}

Result<WavSound> decodeAll(Span<std::uint8_t> data, std::size_t offset, const Layout& layout, const WavLimits& limits)
{
    const std::size_t block = layout.bytes * static_cast<std::size_t>(layout.channels);
    const std::size_t frames = data.size() / block;
    if (frames == 0)
    {
        return wrong(ErrorCode::InvalidData, offset, "the file holds no samples");
    }
    if (static_cast<double>(frames) > limits.maxSeconds * static_cast<double>(layout.sampleRate))
    {
        return wrong(ErrorCode::TooLarge, offset,
                     std::to_string(static_cast<std::int64_t>(frames) / layout.sampleRate) +
                         " s of sound; right are at most " +
                         std::to_string(static_cast<std::int64_t>(limits.maxSeconds)) + " s");
    }
    WavSound sound;
    sound.sampleRate = static_cast<std::int32_t>(layout.sampleRate);
    sound.channels = layout.channels;
    sound.samples.resize(frames * static_cast<std::size_t>(layout.channels));
    for (std::size_t i = 0; i < sound.samples.size(); ++i)
    {
        const float value = decode(data.data() + i * layout.bytes, layout);
        if (!std::isfinite(value))
        {
            return wrong(ErrorCode::InvalidData, offset + i * layout.bytes,
                         "sample " + std::to_string(i / static_cast<std::size_t>(layout.channels)) +
                             " is not a number");
        }
        sound.samples[i] = value < -1.0F ? -1.0F : (value > 1.0F ? 1.0F : value);
    }
    return sound;
}

} // namespace

Result<WavSound> readWav(Span<std::uint8_t> file, const WavLimits& limits)
{
    if (!hasText(file, 0, "RIFF") || !hasText(file, 8, "WAVE"))
    {
        return wrong(ErrorCode::InvalidData, 0, "not a WAV file; right is RIFF ... WAVE at the start");
    }
    const std::uint32_t riffLength = u32(file, 4);
    Layout layout;
    for (std::size_t at = 12; file.size() - at >= 8;)
    {
        const std::size_t body = at + 8;
        const std::uint32_t length = u32(file, at + 4);
        const bool streamed =
            length >= kStreamingLength || (length == 0 && (riffLength == 0 || riffLength == kUnknownLength));
        const std::size_t rest = file.size() - body;
        if (hasText(file, at, "fmt "))
        {
            if (length > rest)
            {
                return wrong(ErrorCode::InvalidData, at, "the file ends within its format chunk");
            }
            auto read = readLayout(file.part(body, length), at, limits);
            if (!read)
            {
                return read.error();
            }
            layout = read.value();
        }
        else if (hasText(file, at, "data"))
        {
            if (layout.bytes == 0)
            {
                return wrong(ErrorCode::InvalidData, at, "sound before its format chunk");
            }
            auto sound = decodeAll(file.part(body, streamed ? rest : length), body, layout, limits);
            if (sound)
            {
                sound.value().truncated = !streamed && length > rest;
            }
            return sound;
        }
        if (length >= rest)
        {
            break;
        }
        at = body + length + (length & 1U);
        at = at < file.size() ? at : file.size();
    }
    return wrong(ErrorCode::InvalidData, file.size(), "the file has no data chunk");
}

Result<std::vector<std::uint8_t>> writeWav(Span<std::int16_t> interleaved, std::int32_t sampleRate,
                                           std::int32_t channels)
{
    constexpr std::size_t head = 44;
    if (channels < 1 || channels > 2 || interleaved.size() % static_cast<std::size_t>(channels) != 0)
    {
        return makeError(ErrorCode::InvalidArgument, std::to_string(channels) + " channels for " +
                                                         std::to_string(interleaved.size()) +
                                                         " samples; right are 1 or 2");
    }
    if (sampleRate < 1 || interleaved.size() > (kStreamingLength - head) / 2)
    {
        return makeError(ErrorCode::InvalidArgument, "the sample rate or the length does not fit a WAV file");
    }
    const auto dataBytes = static_cast<std::uint32_t>(interleaved.size() * 2);
    const auto block = static_cast<std::uint16_t>(2 * channels);
    std::vector<std::uint8_t> file;
    file.reserve(head + dataBytes);
    const auto text = [&file](std::string_view word) { file.insert(file.end(), word.begin(), word.end()); };
    text("RIFF");
    appendLittle(file, static_cast<std::uint32_t>(head - 8 + dataBytes));
    text("WAVEfmt ");
    appendLittle(file, std::uint32_t{16});
    appendLittle(file, kPcm);
    appendLittle(file, static_cast<std::uint16_t>(channels));
    appendLittle(file, static_cast<std::uint32_t>(sampleRate));
    appendLittle(file, static_cast<std::uint32_t>(sampleRate) * block);
    appendLittle(file, block);
    appendLittle(file, std::uint16_t{16});
    text("data");
    appendLittle(file, dataBytes);
    for (const std::int16_t sample : interleaved)
    {
        appendLittle(file, sample);
    }
    return file;
}

void mixToMono(Span<float> interleaved, std::int32_t channels, std::vector<float>& mono)
{
    const auto count = static_cast<std::size_t>(channels < 1 ? 1 : channels);
    mono.resize(interleaved.size() / count);
    for (std::size_t i = 0; i < mono.size(); ++i)
    {
        float sum = 0.0F;
        for (std::size_t channel = 0; channel < count; ++channel)
        {
            sum += interleaved[i * count + channel];
        }
        mono[i] = sum / static_cast<float>(count);
    }
}

void toPcm16(Span<float> samples, std::vector<std::int16_t>& pcm)
{
    pcm.resize(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i)
    {
        const float scaled = std::nearbyint(samples[i] * 32768.0F);
        const float clipped = scaled > 32767.0F ? 32767.0F : (scaled < -32768.0F ? -32768.0F : scaled);
        pcm[i] = std::isfinite(clipped) ? static_cast<std::int16_t>(clipped) : std::int16_t{0};
    }
}

} // namespace a2fbridge

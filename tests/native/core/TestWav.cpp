// WAV files: what is read, to which numbers, and what is refused and where.
#include <cmath>
#include <cstring>
#include <limits>

#include <doctest/doctest.h>

#include "A2FBridge/Wav.h"
#include "Bytes.h"
#include "JsonTree.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

struct WavSpec
{
    std::uint16_t encoding = 1;
    std::uint16_t channels = 1;
    std::uint32_t rate = 16000;
    std::uint16_t bits = 16;
    bool extensible = false;
    std::vector<std::uint8_t> data;
    std::uint32_t dataLength = 0; ///< As the header says it; 0: as it is.
    std::uint32_t riffLength = 36;
};

void put(std::vector<std::uint8_t>& file, const char* text)
{
    file.insert(file.end(), text, text + std::strlen(text));
}

std::vector<std::uint8_t> build(const WavSpec& spec)
{
    std::vector<std::uint8_t> file;
    put(file, "RIFF");
    appendLittle(file, spec.riffLength);
    put(file, "WAVELIST");
    appendLittle(file, std::uint32_t{3}); // odd: a pad byte follows
    put(file, "abc");
    file.push_back(0);
    put(file, "fmt ");
    appendLittle(file, std::uint32_t{spec.extensible ? 40U : 16U});
    appendLittle(file, spec.extensible ? std::uint16_t{0xFFFE} : spec.encoding);
    appendLittle(file, spec.channels);
    appendLittle(file, spec.rate);
    const auto block = static_cast<std::uint16_t>(spec.channels * spec.bits / 8);
    appendLittle(file, spec.rate * block);
    appendLittle(file, block);
    appendLittle(file, spec.bits);
    if (spec.extensible)
    {
        appendLittle(file, std::uint16_t{22});
        appendLittle(file, spec.bits);
        appendLittle(file, std::uint32_t{3});
        appendLittle(file, spec.encoding);
        for (const int byte : {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71})
        {
            file.push_back(static_cast<std::uint8_t>(byte));
        }
    }
    put(file, "data");
    appendLittle(file, spec.dataLength != 0 ? spec.dataLength : static_cast<std::uint32_t>(spec.data.size()));
    file.insert(file.end(), spec.data.begin(), spec.data.end());
    return file;
}

template <class T>
std::vector<std::uint8_t> bytesOf(std::initializer_list<T> values)
{
    std::vector<std::uint8_t> bytes;
    for (const T value : values)
    {
        appendLittle(bytes, value);
    }
    return bytes;
}

WavSpec specOf(std::uint16_t encoding, std::uint16_t bits, std::vector<std::uint8_t> data)
{
    WavSpec spec;
    spec.encoding = encoding;
    spec.bits = bits;
    spec.data = std::move(data);
    return spec;
}

void checkSamples(const WavSpec& spec, const std::vector<float>& expected)
{
    const auto sound = readWav(build(spec));
    REQUIRE_MESSAGE(sound.ok(), sound.error().text());
    REQUIRE(sound.value().samples.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
    {
        CHECK(sound.value().samples[i] == doctest::Approx(expected[i]).epsilon(1e-7));
    }
}

Error refused(const WavSpec& spec)
{
    const auto sound = readWav(build(spec));
    REQUIRE_FALSE(sound.ok());
    return sound.error();
}

} // namespace

TEST_CASE("A2FBridge.Wav.EveryEncoding")
{
    const std::vector<float> expected = {0.0F, 0.5F, -1.0F};
    checkSamples(specOf(1, 8, {128, 192, 0}), expected);
    checkSamples(specOf(1, 16, bytesOf<std::int16_t>({0, 16384, -32768})), expected);
    checkSamples(specOf(1, 24, {0, 0, 0, 0, 0, 0x40, 0, 0, 0x80}), expected);
    checkSamples(specOf(1, 32, bytesOf<std::int32_t>({0, 1 << 30, INT32_MIN})), expected);
    checkSamples(specOf(3, 32, bytesOf<float>({0.0F, 0.5F, -2.0F})), expected);
    checkSamples(specOf(3, 64, bytesOf<double>({0.0, 0.5, -1.0})), expected);
    WavSpec extensible = specOf(1, 24, {0, 0, 0, 0, 0, 0x40, 0, 0, 0x80});
    extensible.extensible = true;
    checkSamples(extensible, expected);
    extensible = specOf(3, 32, bytesOf<float>({0.0F, 0.5F, -1.0F}));
    extensible.extensible = true;
    checkSamples(extensible, expected);
}

TEST_CASE("A2FBridge.Wav.StereoIsInterleavedAndMixesToMono")
{
    WavSpec spec = specOf(1, 16, bytesOf<std::int16_t>({16384, 0, -16384, -16384}));
    spec.channels = 2;
    const auto sound = readWav(build(spec));
    REQUIRE(sound.ok());
    CHECK(sound.value().channels == 2);
    CHECK(sound.value().frameCount() == 2);
    std::vector<float> mono;
    mixToMono(sound.value().samples, 2, mono);
    CHECK(mono == std::vector<float>{0.25F, -0.5F});
}

TEST_CASE("A2FBridge.Wav.LengthsThatAreNotKnownOrNotTrue")
{
    WavSpec spec = specOf(1, 16, bytesOf<std::int16_t>({1, 2, 3}));
    spec.dataLength = 0xFFFFFFFF;
    CHECK(readWav(build(spec)).value().samples.size() == 3);
    CHECK_FALSE(readWav(build(spec)).value().truncated);
    spec.dataLength = 100;
    CHECK(readWav(build(spec)).value().samples.size() == 3);
    CHECK(readWav(build(spec)).value().truncated);
    std::vector<std::uint8_t> streamed = build(spec);
    const std::size_t at = streamed.size() - spec.data.size() - 4;
    for (std::size_t i = 0; i < 4; ++i)
    {
        streamed[at + i] = 0;
        streamed[4 + i] = 0xFF;
    }
    CHECK(readWav(streamed).value().samples.size() == 3);
}

TEST_CASE("A2FBridge.Wav.Refused")
{
    const std::vector<std::uint8_t> data = bytesOf<std::int16_t>({1, 2, 3});
    CHECK(readWav({}).error().offset == 0);
    CHECK(refused(specOf(1, 12, data)).code == ErrorCode::Unsupported);
    CHECK(refused(specOf(2, 16, data)).code == ErrorCode::Unsupported);
    CHECK(refused(specOf(3, 16, data)).code == ErrorCode::Unsupported);
    CHECK(refused(specOf(1, 16, {})).message.find("no samples") != std::string::npos);
    WavSpec spec = specOf(1, 16, data);
    spec.channels = 6;
    CHECK(refused(spec).message.find("mono and stereo") != std::string::npos);
    spec.channels = 1;
    spec.rate = 4000;
    CHECK(refused(spec).message.find("8000") != std::string::npos);
    WavLimits limits;
    limits.maxSeconds = 0.0001;
    spec.rate = 16000;
    CHECK(readWav(build(spec), limits).error().code == ErrorCode::TooLarge);
    const auto notANumber = refused(specOf(3, 32, bytesOf<float>({0.0F, std::numeric_limits<float>::quiet_NaN()})));
    CHECK(notANumber.message.find("sample 1") != std::string::npos);
    CHECK(notANumber.offset == 60);
}

TEST_CASE("A2FBridge.Wav.AnyCutIsReadOrRefused")
{
    const std::vector<std::uint8_t> file = build(specOf(1, 16, bytesOf<std::int16_t>({1, 2, 3})));
    for (std::size_t size = 0; size < file.size(); ++size)
    {
        const auto sound = readWav(Span<std::uint8_t>(file).part(0, size));
        CHECK((sound.ok() ? sound.value().truncated : !sound.error().message.empty()));
    }
}

TEST_CASE("A2FBridge.Wav.TheSampleIsReadAsWritten")
{
    const std::vector<std::uint8_t> file = readBytes("python_server/src/a2fbridge/data/samples/hello.wav");
    const auto sound = readWav(file);
    REQUIRE(sound.ok());
    CHECK(sound.value().sampleRate >= 16000);
    std::vector<std::int16_t> pcm;
    toPcm16(sound.value().samples, pcm);
    const auto written = writeWav(pcm, sound.value().sampleRate, sound.value().channels);
    REQUIRE(written.ok());
    CHECK(readWav(written.value()).value().samples == sound.value().samples);
    CHECK_FALSE(writeWav(pcm, 16000, 3).ok());
    CHECK_FALSE(writeWav(pcm, 0, 1).ok());
}

TEST_CASE("A2FBridge.Wav.FloatsAreClippedToSixteenBits")
{
    std::vector<std::int16_t> pcm;
    toPcm16(std::vector<float>{0.0F, 1.0F, -1.0F, 2.0F, 0.5F, std::nanf("")}, pcm);
    CHECK(pcm == std::vector<std::int16_t>{0, 32767, -32768, 32767, 16384, 0});
}

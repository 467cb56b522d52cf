// Recorded sessions: the vectors, whole and damaged, and what the writer writes.
#include <cmath>

#include <doctest/doctest.h>

#include "A2FBridge/Recording.h"
#include "Bytes.h"
#include "JsonTree.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

bool same(float a, float b)
{
    return std::isnan(a) ? std::isnan(b) : std::abs(a - b) <= 1e-6F;
}

void checkFrames(const Recording& recording, const Json& expected)
{
    REQUIRE(recording.frameCount() == expected["sample_indices"].size());
    std::vector<float> weights(recording.format().names.size());
    std::vector<float> emotions(kEmotionCount);
    for (std::size_t i = 0; i < recording.frameCount(); ++i)
    {
        const RecordView& frame = recording.frame(i);
        recording.decodeFrame(frame, weights.data(), emotions.data());
        CHECK(frame.sampleIndex == expected["sample_indices"][i].integer());
        CHECK(std::abs(frame.timeCode - expected["time_codes"][i].number) <= 1e-9);
        const std::vector<float> rightWeights = expected["weights"][i].floats();
        const std::vector<float> rightEmotions = expected["emotions"][i].floats();
        for (std::size_t k = 0; k < weights.size(); ++k)
        {
            CHECK(same(weights[k], rightWeights.at(k)));
        }
        for (std::size_t k = 0; k < kEmotionCount; ++k)
        {
            CHECK(same(emotions[k], rightEmotions.at(k)));
        }
    }
}

void checkRest(const Recording& recording, const Json& expected)
{
    std::vector<const RecordView*> audio;
    std::vector<const RecordView*> events;
    for (const RecordView& record : recording.records())
    {
        (record.type == RecordView::Type::Audio ? audio : events).push_back(&record);
    }
    REQUIRE(audio.size() == expected["audio"].size());
    std::vector<std::int16_t> samples;
    for (std::size_t i = 0; i < audio.size(); ++i)
    {
        const Json& right = expected["audio"][i];
        CHECK(audio[i]->sampleIndex == right["sample_index"].integer());
        REQUIRE(recording.decodeAudio(*audio[i], samples) == right["samples"].size());
        for (std::size_t k = 0; k < right["samples"].size(); ++k)
        {
            CHECK(samples[k] == right["samples"][k].integer());
        }
    }
    std::size_t next = 0;
    for (const RecordView* event : events)
    {
        if (event->type != RecordView::Type::Event)
        {
            continue;
        }
        REQUIRE(next < expected["events"].size());
        const Json& right = expected["events"][next++];
        CHECK(event->sampleIndex == right["sample_index"].integer());
        CHECK(recording.eventKind(*event) == right["kind"].text);
        const Json data = parseJson(std::string(event->json));
        for (const auto& entry : right.entries)
        {
            CHECK((entry.first == "sample_index" || sameJson(entry.second, data[entry.first])));
        }
    }
    CHECK(next == expected["events"].size());
}

StreamFormat smallFormat()
{
    StreamFormat format;
    format.names = {"JawOpen", "MouthClose"};
    return format;
}

Status put(RecordingWriter& writer, std::int64_t index, std::vector<float> weights)
{
    FrameView frame;
    frame.sampleIndex = index;
    frame.timeCode = static_cast<double>(index) / 16000.0;
    frame.weights = weights;
    return writer.writeFrame(frame);
}

} // namespace

TEST_CASE("A2FBridge.Recording.Vectors")
{
    const Json vectors = readVector("recordings/expected.json");
    REQUIRE(vectors.size() > 15);
    for (const auto& entry : vectors.entries)
    {
        const std::string& name = entry.first;
        const Json& expected = entry.second;
        CAPTURE(name);
        const auto recording = Recording::read(readBytes("tests/vectors/recordings/" + name + ".a2frec"));
        if (expected.has("refused_at"))
        {
            REQUIRE_FALSE(recording.ok());
            CHECK(recording.error().offset == expected["refused_at"].integer());
            continue;
        }
        REQUIRE_MESSAGE(recording.ok(), recording.error().text());
        const Recording& session = *recording.value();
        CHECK(session.format().names == expected["names"].texts());
        CHECK(conventionName(session.format().convention) == expected["convention"].text);
        CHECK(session.format().frameRate.numerator == expected["frame_rate"][0].integer());
        CHECK(session.format().frameRate.denominator == expected["frame_rate"][1].integer());
        CHECK(session.format().sampleRate == expected["sample_rate"].integer());
        CHECK(session.complete() == expected["complete"].flag);
        const bool whole = expected["problem_at"].kind == 'n';
        REQUIRE((session.problem() == nullptr) == whole);
        if (!whole)
        {
            CHECK(session.problem()->offset == expected["problem_at"].integer());
        }
        checkFrames(session, expected);
        checkRest(session, expected);
    }
}

TEST_CASE("A2FBridge.Recording.AnyCutGivesWhatStandsBefore")
{
    const std::vector<std::uint8_t> file = readBytes("tests/vectors/recordings/good.a2frec");
    const std::size_t whole = Recording::read(file).value()->records().size();
    std::size_t before = 0;
    for (std::size_t size = 0; size <= file.size(); ++size)
    {
        const auto recording = Recording::read({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
        if (recording.ok())
        {
            CHECK(recording.value()->records().size() >= before);
            before = recording.value()->records().size();
            CHECK(recording.value()->complete() == (size == file.size()));
        }
    }
    CHECK(before == whole);
}

TEST_CASE("A2FBridge.Recording.WriterAndReaderAgree")
{
    MemorySink sink;
    RecordingInfo info;
    info.sourceJson = R"({"pack": "p\u00e4ck"})";
    info.created = "2026-01-02T03:04:05Z";
    auto writer = RecordingWriter::create(sink, smallFormat(), info);
    REQUIRE(writer.ok());
    const std::vector<std::int16_t> audio = {1, -2, 32767, -32768};
    CHECK(writer.value()->writeAudio(0, audio).ok());
    CHECK(put(*writer.value(), 0, {0.25F, 0.5F}).ok());
    CHECK(writer.value()->writeEvent(3, R"({"kind": "marker", "text": "here"})").ok());
    CHECK(put(*writer.value(), 533, {1.0F, std::nanf("")}).ok());
    CHECK(writer.value()->close().ok());
    CHECK(writer.value()->close().ok());

    const auto recording = Recording::read(sink.bytes());
    REQUIRE(recording.ok());
    const Recording& session = *recording.value();
    CHECK(session.complete());
    CHECK(session.wholeAudio() == audio);
    CHECK(session.endSample() == 533);
    CHECK(session.frameCount() == 2);
    CHECK(session.recordAt(1) == 3);
    CHECK(session.recordAt(534) == session.records().size());
    CHECK(session.headerJson().find("2026-01-02T03:04:05Z") != std::string_view::npos);
    std::vector<float> weights(2);
    session.decodeFrame(session.frame(1), weights.data(), nullptr);
    CHECK(weights[0] == 1.0F);
    CHECK(std::isnan(weights[1]));
}

TEST_CASE("A2FBridge.Recording.WriterRefusesWhatCannotBeRead")
{
    MemorySink sink;
    StreamFormat none;
    CHECK_FALSE(RecordingWriter::create(sink, none).ok());
    RecordingInfo info;
    info.settingsJson = "[]";
    CHECK_FALSE(RecordingWriter::create(sink, smallFormat(), info).ok());
    auto writer = RecordingWriter::create(sink, smallFormat());
    REQUIRE(writer.ok());
    CHECK(put(*writer.value(), 100, {0.0F, 0.0F}).ok());
    CHECK(put(*writer.value(), 100, {0.0F, 0.0F}).error().code == ErrorCode::OutOfOrder);
    CHECK(put(*writer.value(), 200, {0.0F}).error().code == ErrorCode::InvalidArgument);
    CHECK_FALSE(writer.value()->writeEvent(0, "{}").ok());
    CHECK_FALSE(writer.value()->writeEvent(0, "{\"kind\": }").ok());
    CHECK(writer.value()->close().ok());
    CHECK(put(*writer.value(), 300, {0.0F, 0.0F}).error().code == ErrorCode::WrongState);
}

TEST_CASE("A2FBridge.Recording.ChecksumIsThatOfZlib")
{
    const std::string text = "123456789";
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    CHECK(crc32(bytes) == 0xCBF43926U);
    CHECK(crc32({}) == 0U);
}

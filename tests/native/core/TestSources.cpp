// Replay and mock, sessions, and what a recorder keeps of them.
#include <cmath>

#include <doctest/doctest.h>

#include "A2FBridge/Session.h"
#include "A2FBridge/Sources.h"
#include "A2FBridge/Wav.h"
#include "JsonTree.h"
#include "Rig.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

/// Keeps what a source yields.
struct Catcher final : IFrameSink
{
    int formats = 0;
    StreamFormat format;
    std::vector<std::int64_t> indices;
    std::vector<std::vector<float>> frames;
    std::vector<std::vector<float>> emotions;
    std::size_t audio = 0;
    std::vector<std::string> events;

    void onFormat(const StreamFormat& given) override
    {
        ++formats;
        format = given;
    }
    void onFrame(const FrameView& frame) override
    {
        indices.push_back(frame.sampleIndex);
        frames.emplace_back(frame.weights.begin(), frame.weights.end());
        emotions.emplace_back(frame.emotions.begin(), frame.emotions.end());
    }
    void onAudio(std::int64_t, Span<std::int16_t> samples) override { audio += samples.size(); }
    void onEvent(std::int64_t, std::string_view kind, std::string_view) override { events.emplace_back(kind); }
};

std::vector<std::int16_t> hello(std::int32_t& rate)
{
    const auto sound = readWav(readBytes("python_server/src/a2fbridge/data/samples/hello.wav")).value();
    rate = sound.sampleRate;
    std::vector<float> mono;
    std::vector<std::int16_t> pcm;
    mixToMono(sound.samples, sound.channels, mono);
    toPcm16(mono, pcm);
    return pcm;
}

std::shared_ptr<const Recording> recordingOf(std::int64_t frames)
{
    MemorySink sink;
    SessionRecorder recorder(sink);
    recorder.onFormat(rigFormat());
    const Sender sender;
    const std::vector<std::int16_t> sound(267, 5);
    for (std::int64_t i = 0; i < frames; ++i)
    {
        const std::vector<float> weights = speechAt(sender.rate.timeOf(i));
        recorder.onAudio(i * 267, sound);
        recorder.onFrame({sender.rate.sampleOf(i, kRate), sender.rate.timeOf(i), weights, {}});
    }
    recorder.onEvent(5, "marker", R"({"kind": "marker"})");
    recorder.onEvent(5, "end", R"({"kind": "end"})");
    REQUIRE(recorder.close().ok());
    return Recording::read(sink.bytes()).value();
}

std::unique_ptr<IFrameSource> mock(MockOptions options = {})
{
    auto source = makeMockSource(options);
    REQUIRE(source.ok());
    return std::move(source).value();
}

Catcher animate(const std::vector<std::int16_t>& pcm, std::int32_t rate, std::size_t chunk, MockOptions options = {})
{
    const auto source = mock(options);
    Catcher catcher;
    for (std::size_t at = 0; at < pcm.size(); at += chunk)
    {
        AudioBlock block;
        block.pcm16 = Span<std::int16_t>(pcm).part(at, chunk);
        block.sampleRate = rate;
        REQUIRE(source->pushAudio(block).ok());
        source->poll(catcher, 7);
    }
    REQUIRE(source->endAudio().ok());
    while (source->poll(catcher, 100) > 0)
    {
    }
    CHECK(source->state() == SourceState::Ended);
    return catcher;
}

} // namespace

TEST_CASE("A2FBridge.Replay.GivesBackWhatWasRecorded")
{
    const auto recording = recordingOf(100);
    CHECK(recording->complete());
    const auto source = makeReplaySource(recording);
    CHECK(source->state() == SourceState::Opening);
    Catcher catcher;
    CHECK(source->poll(catcher, 0) == 0);
    CHECK(catcher.formats == 1);
    CHECK(source->poll(catcher, 30) == 30);
    CHECK(source->state() == SourceState::Streaming);
    while (source->poll(catcher, 30) > 0)
    {
    }
    CHECK(source->state() == SourceState::Ended);
    CHECK(catcher.formats == 1);
    REQUIRE(catcher.frames.size() == 100);
    CHECK(catcher.frames[50] == speechAt(50.0 / 60.0));
    CHECK(catcher.audio == 26700);
    CHECK(catcher.events == std::vector<std::string>{"marker", "end"});
    CHECK(source->seek(16000).ok());
    CHECK(source->state() == SourceState::Streaming);
    CHECK(source->poll(catcher, 1) == 1);
    CHECK(catcher.indices.back() == 16000);
    source->cancel();
    CHECK(source->state() == SourceState::Cancelled);
    CHECK(source->poll(catcher, 10) == 0);
    CHECK_FALSE(source->seek(0).ok());
}

TEST_CASE("A2FBridge.Mock.IsDeterministicAndTheSameForAnyChunks")
{
    std::int32_t rate = 0;
    const std::vector<std::int16_t> pcm = hello(rate);
    const Catcher whole = animate(pcm, rate, pcm.size());
    const Catcher pieces = animate(pcm, rate, 333);
    CHECK(whole.frames == pieces.frames);
    CHECK(whole.format.names.size() == 68);
    CHECK(whole.format.convention == Convention::A2F);
    const double seconds = static_cast<double>(pcm.size()) / rate;
    CHECK(whole.frames.size() == static_cast<std::size_t>(std::ceil(seconds * 30.0)));
    CHECK(whole.indices[30] == rate);
    MockOptions other;
    other.seed = 2;
    CHECK(animate(pcm, rate, 333, other).frames != whole.frames);
}

TEST_CASE("A2FBridge.Mock.MovesWithSpeechAndRestsInSilence")
{
    std::int32_t rate = 0;
    std::vector<std::int16_t> pcm = hello(rate);
    pcm.insert(pcm.end(), static_cast<std::size_t>(rate), std::int16_t{0});
    const Catcher catcher = animate(pcm, rate, 480);
    const std::size_t jaw = faceIndex("JawOpen");
    float most = 0.0F;
    double travel = 0.0;
    float before = 0.0F;
    for (const std::vector<float>& frame : catcher.frames)
    {
        for (const float weight : frame)
        {
            CHECK((weight >= 0.0F && weight <= 1.0F));
        }
        most = std::max(most, frame[jaw]);
        travel += static_cast<double>(std::abs(frame[jaw] - before));
        before = frame[jaw];
    }
    CHECK(most > 0.25F);
    CHECK(travel > 2.0); // it opens and closes with the syllables
    for (const float weight : catcher.frames.back())
    {
        CHECK(weight < 0.01F);
    }
    const Catcher silence = animate(std::vector<std::int16_t>(16000, 0), 16000, 480);
    for (const std::vector<float>& frame : silence.frames)
    {
        CHECK(frame == std::vector<float>(68, 0.0F));
    }
}

TEST_CASE("A2FBridge.Mock.ShowsEmotions")
{
    const auto source = mock();
    EmotionKey key;
    key.timeCode = 0.0;
    CHECK(source->pushEmotion(key).ok());
    key.timeCode = 1.0;
    key.values[emotionIndex("joy")] = 1.0F;
    CHECK(source->pushEmotion(key).ok());
    key.timeCode = 0.5;
    CHECK_FALSE(source->pushEmotion(key).ok());
    key.timeCode = 2.0;
    key.values[0] = 2.0F;
    CHECK_FALSE(source->pushEmotion(key).ok());
    const std::vector<std::int16_t> silence(32000, 0);
    AudioBlock block;
    block.pcm16 = silence;
    CHECK(source->pushAudio(block).ok());
    CHECK(source->endAudio().ok());
    Catcher catcher;
    source->poll(catcher, 1000);
    CHECK(catcher.emotions[15][emotionIndex("joy")] == doctest::Approx(0.5F));
    CHECK(catcher.emotions[45][emotionIndex("joy")] == 1.0F);
    CHECK(catcher.frames[45][faceIndex("MouthSmileLeft")] > 0.3F);
    CHECK(catcher.frames[45][faceIndex("JawOpen")] == 0.0F);
}

TEST_CASE("A2FBridge.Mock.RefusesWhatIsNoSound")
{
    MockOptions options;
    options.lookAhead = 2.0;
    CHECK_FALSE(makeMockSource(options).ok());
    options = {};
    options.frameRate = {0, 1};
    CHECK_FALSE(makeMockSource(options).ok());
    options = {};
    options.maxSeconds = 1.0;
    const auto source = mock(options);
    const std::vector<std::int16_t> pcm(16000, 100);
    const std::vector<float> floats(4, 0.0F);
    AudioBlock block;
    block.pcm16 = pcm;
    block.channels = 3;
    CHECK(source->pushAudio(block).error().code == ErrorCode::InvalidArgument);
    block.channels = 1;
    block.floats = floats;
    CHECK(source->pushAudio(block).error().code == ErrorCode::InvalidArgument);
    block.floats = {};
    block.sampleRate = 100;
    CHECK(source->pushAudio(block).error().code == ErrorCode::InvalidArgument);
    block.sampleRate = 16000;
    CHECK(source->pushAudio(block).ok());
    CHECK(source->pushAudio(block).error().code == ErrorCode::Full);
    block.sampleRate = 48000;
    CHECK(source->pushAudio(block).error().code == ErrorCode::InvalidArgument);
    CHECK(source->endAudio().ok());
    CHECK(source->endAudio().ok());
    block.sampleRate = 16000;
    CHECK(source->pushAudio(block).error().code == ErrorCode::WrongState);
    CHECK(source->seek(0).error().code == ErrorCode::Unsupported);
}

TEST_CASE("A2FBridge.Session.PlaysARecordingWithBackPressure")
{
    PlayerOptions options;
    options.capacitySeconds = 1.0;
    Player player(options);
    const auto recording = recordingOf(600);
    MemorySink sink;
    SessionRecorder recorder(sink);
    Session session(makeReplaySource(recording), player);
    session.setTap(&recorder);
    bool gaveAll = false;
    for (int i = 0; i < 60 * 11; ++i)
    {
        session.pump();
        const PlayerOutput& output = player.evaluate({i / 60.0, {}});
        CHECK(player.stats().framesBuffered <= 60);
        if (i > 30 && i < 590)
        {
            CHECK(output.state == PlayerState::Playing);
            CHECK(std::abs(output.weights[0] - speechAt(output.position / kRate)[0]) < 0.01F);
        }
        gaveAll = gaveAll || session.done();
    }
    CHECK(gaveAll);
    CHECK(session.state() == SourceState::Ended);
    CHECK(player.evaluate({11.0, {}}).state == PlayerState::Finished);
    CHECK(player.stats().underruns == 0);
    REQUIRE(recorder.close().ok());
    const auto again = Recording::read(sink.bytes()).value();
    CHECK(again->complete());
    CHECK(again->frameCount() == 600);
    CHECK(again->wholeAudio() == recording->wholeAudio());
}

TEST_CASE("A2FBridge.Session.SeeksBeyondWhatThePlayerHolds")
{
    PlayerOptions options;
    options.capacitySeconds = 1.0;
    options.historySeconds = 0.1;
    Player player(options);
    Session session(makeReplaySource(recordingOf(600)), player);
    double wall = 0.0;
    const auto run = [&](double seconds)
    {
        for (const double begun = wall; wall < begun + seconds; wall += 1.0 / 60.0)
        {
            session.pump();
            player.evaluate({wall, {}});
        }
    };
    run(6.0);
    CHECK_FALSE(player.seek(wall, 1.01 * kRate));
    REQUIRE(session.seek(static_cast<std::int64_t>(1.01 * kRate)).ok());
    run(0.5);
    CHECK(shownSeconds(player.evaluate({wall, {}})) == doctest::Approx(1.51).epsilon(0.05));
    // Ahead, too.
    player.seek(wall, 8.0 * kRate);
    REQUIRE(session.seek(8 * kRate).ok());
    run(0.5);
    CHECK(shownSeconds(player.evaluate({wall, {}})) == doctest::Approx(8.5).epsilon(0.01));
    CHECK(player.evaluate({wall, {}}).state == PlayerState::Playing);
}

TEST_CASE("A2FBridge.Session.SaysWhatThePlayerCouldNotTake")
{
    // A table for curves that are mapped already.
    Player player;
    const auto table = MappingTable::parse("schema_version: 1\nname: t\nconvention: a2f\n"
                                           "target: {profile: custom, curves: [jaw]}\n"
                                           "mappings:\n  JawOpen: [{curve: jaw}]\n");
    REQUIRE(player.setTable(table.value()).ok());
    MemorySink sink;
    SessionRecorder recorder(sink);
    StreamFormat format = rigFormat();
    format.convention = Convention::Target;
    recorder.onFormat(format);
    REQUIRE(recorder.close().ok());
    Session session(makeReplaySource(Recording::read(sink.bytes()).value()), player);
    session.pump();
    CHECK(session.done());
    CHECK(session.state() == SourceState::Failed);
    CHECK(session.error().message.find("cannot be converted") != std::string::npos);
}

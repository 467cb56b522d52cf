// Sessions as they should be, against the mock server.
#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "Support.h"

using namespace a2fbridge::test;

TEST_CASE("A clip comes back frame by frame, each at its place")
{
    Link link(Link::Pairs{{"mock-id", "clip"}});
    const a2fb::Session session = link.open();
    const Ended ended = clip(session, 2.0);
    CHECK(ended.status == A2FB_END);
    REQUIRE(ended.frames.size() == 60);
    for (std::size_t i = 0; i < ended.frames.size(); ++i)
    {
        const Frame& frame = ended.frames[i];
        const auto index = static_cast<std::int64_t>(i);
        CHECK(frame.index == index);
        CHECK(frame.sampleIndex == index * 16000 / 30);
        CHECK(frame.timeCode == doctest::Approx(static_cast<double>(i) / 30.0));
        REQUIRE(frame.weights.size() == 68);
        CHECK(frame.weights[17] == mockWeight(index, 17));
        CHECK(frame.emotions[6] == 0.25F);
        CHECK(frame.emotions[0] == 0.0F);
        CHECK(frame.audioCount == 0);
    }
    const a2fb_session_info info = session.info();
    CHECK(info.state == A2FB_SESSION_FINISHED);
    CHECK(info.status == A2FB_OK);
    CHECK(info.frames_received == 60);
    CHECK(info.frames_waiting == 0);
    CHECK(info.samples_pushed == 32000);
    CHECK(info.samples_sent == 32000);
    CHECK(info.audio_sample_rate == 16000);
    CHECK(info.is_a2fbridge == 1);
    CHECK(session.names().size() == 68);
    CHECK(session.names()[17] == "JawOpen");
    CHECK(session.text(A2FB_TEXT_WARNING) == "this is a mock");
    CHECK(session.text(A2FB_TEXT_SETTINGS).find("mock") != std::string_view::npos);
    CHECK(mock().received("clip").ended);
}

TEST_CASE("The end is said again and again")
{
    Link link;
    const a2fb::Session session = link.open();
    CHECK(clip(session, 0.1).status == A2FB_END);
    CHECK(collect(session).status == A2FB_END);
}

TEST_CASE("A clip without sound ends with no frame")
{
    Link link(Link::Pairs{{"mock-id", "empty"}});
    const a2fb::Session session = link.open();
    const Ended ended = clip(session, 0.0);
    CHECK(ended.status == A2FB_END);
    CHECK(ended.frames.empty());
    CHECK(mock().received("empty").messages == 3);
}

TEST_CASE("Frames of a live stream come before its end")
{
    Link link;
    const a2fb::Session session = link.open();
    pushSilence(session, 1.0);
    REQUIRE(session.wait(kPatience) == A2FB_OK);
    CHECK(eventually([&] { return session.info().frames_received == 23; })); // what the look-ahead of 0.26 s leaves
    CHECK(session.info().state == A2FB_SESSION_STREAMING);
}

TEST_CASE("What the options say stands in the header")
{
    Link link(Link::Pairs{{"mock-id", "options"}, {"function-id", "f-1"}});
    auto options = a2fb::make<a2fb_session_options>();
    const a2fb_value face[] = {{a2fb_text("skinStrength"), 0.5}};
    const a2fb_value gains[] = {{a2fb_text("JawOpen"), 1.25}, {a2fb_text("TongueOut"), 0.0}};
    const a2fb_value offsets[] = {{a2fb_text("MouthClose"), -0.125}};
    const a2fb_value emotion[] = {{a2fb_text("out_of_breath"), 0.5}};
    const a2fb_value chain[] = {{a2fb_text("emotion_strength"), 0.75},
                                {a2fb_text("max_emotions"), 2.0},
                                {a2fb_text("enable_preferred_emotion"), 1.0},
                                {a2fb_text("live_transition_time"), 0.25}};
    options.sample_rate = 44100;
    options.frame_rate_numerator = 60;
    options.pack = a2fb_text("builtin");
    options.solver = a2fb_text("admm");
    options.face_parameters = face;
    options.face_parameter_count = 1;
    options.multipliers = gains;
    options.multiplier_count = 2;
    options.offsets = offsets;
    options.offset_count = 1;
    options.beginning_emotion = emotion;
    options.beginning_emotion_count = 1;
    options.emotion_parameters = chain;
    options.emotion_parameter_count = 4;
    options.clamp = A2FB_CLAMP_OFF;
    const a2fb::Session session = link.open(options);
    const Ended ended = clip(session, 1.0, 44100);
    CHECK(ended.status == A2FB_END);
    CHECK(ended.frames.size() == 60);
    CHECK(session.info().frame_rate_numerator == 60);
    const Received got = mock().received("options");
    CHECK(got.metadata.at("function-id") == "f-1");
    CHECK(got.metadata.at("a2fbridge-frame-rate") == "60/1");
    CHECK(got.metadata.at("a2fbridge-pack") == "builtin");
    CHECK(got.metadata.at("a2fbridge-solver") == "admm");
    CHECK(got.metadata.count("a2fbridge-identity") == 0);
    CHECK(got.header.audio_header().samples_per_second() == 44100);
    CHECK(got.header.audio_header().bits_per_sample() == 16);
    CHECK(got.header.audio_header().channel_count() == 1);
    CHECK(got.header.face_params().float_params().at("skinStrength") == 0.5F);
    CHECK(got.header.blendshape_params().bs_weight_multipliers().at("JawOpen") == 1.25F);
    CHECK(got.header.blendshape_params().bs_weight_multipliers().at("TongueOut") == 0.0F);
    CHECK(got.header.blendshape_params().bs_weight_offsets().at("MouthClose") == -0.125F);
    CHECK(got.header.blendshape_params().has_enable_clamping_bs_weight());
    CHECK_FALSE(got.header.blendshape_params().enable_clamping_bs_weight());
    CHECK(got.header.emotion_params().beginning_emotion().at("outofbreath") == 0.5F);
    CHECK(got.header.emotion_params().live_transition_time() == 0.25F);
    CHECK(got.header.emotion_post_processing_params().emotion_strength() == 0.75F);
    CHECK(got.header.emotion_post_processing_params().max_emotions() == 2);
    CHECK(got.header.emotion_post_processing_params().enable_preferred_emotion());
    CHECK_FALSE(got.header.emotion_post_processing_params().has_emotion_contrast());
}

TEST_CASE("What no option says is left to the server")
{
    Link link(Link::Pairs{{"mock-id", "defaults"}});
    CHECK(clip(link.open(), 0.1).status == A2FB_END);
    const auto header = mock().received("defaults").header;
    CHECK_FALSE(header.blendshape_params().has_enable_clamping_bs_weight());
    CHECK_FALSE(header.emotion_params().has_live_transition_time());
    CHECK_FALSE(header.emotion_post_processing_params().has_emotion_strength());
    CHECK(header.face_params().float_params().empty());
}

TEST_CASE("Emotion keys arrive, thousands of them in messages of at most 500")
{
    Link link(Link::Pairs{{"mock-id", "keys"}});
    const a2fb::Session session = link.open();
    for (int i = 0; i < 1200; ++i)
    {
        REQUIRE(session.emotions(i * 0.01, {{a2fb_text("joy"), (i % 10) * 0.1}}, link.error) == A2FB_OK);
    }
    CHECK(clip(session, 1.0).status == A2FB_END);
    const Received got = mock().received("keys");
    REQUIRE(got.keys.size() == 1200);
    CHECK(got.keys[999].time_code() == doctest::Approx(9.99));
    CHECK(got.keys[999].emotion().at("joy") == doctest::Approx(0.9));
    CHECK(got.samples == 16000);
}

TEST_CASE("Sound that is echoed comes with its frame")
{
    Link link;
    auto options = a2fb::make<a2fb_session_options>();
    options.echo_audio = 1;
    const Ended ended = clip(link.open(options), 1.0);
    std::uint32_t samples = 0;
    for (const Frame& frame : ended.frames)
    {
        samples += frame.audioCount;
    }
    CHECK(samples == 16000);
}

TEST_CASE("A full frame queue stops the server, and nothing is lost")
{
    Link link;
    auto options = a2fb::make<a2fb_session_options>();
    options.frame_queue = 8;
    const a2fb::Session session = link.open(options);
    pushSilence(session, 8.0);
    session.end(link.error);
    CHECK(eventually([&] { return session.info().frames_waiting == 8; }));
    CHECK(session.info().frames_received == 8);
    const Ended ended = collect(session);
    CHECK(ended.status == A2FB_END);
    CHECK(ended.frames.size() == 240);
    CHECK(ended.frames.back().weights[3] == mockWeight(239, 3));
}

TEST_CASE("A full audio queue takes less, says so, and tells when there is room")
{
    Link link(Link::Pairs{{"mock-fault", "deaf"}});
    auto options = a2fb::make<a2fb_session_options>();
    options.audio_queue_ms = 100;
    std::atomic<std::uint32_t> events{0};
    options.callback_context = &events;
    options.callback = [](void* context, std::uint32_t bits)
    { static_cast<std::atomic<std::uint32_t>*>(context)->fetch_or(bits); };
    const a2fb::Session session = link.open(options);
    std::vector<std::int16_t> second(16000);
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    audio.data = second.data();
    audio.frames = second.size();
    a2fb_status status = A2FB_OK;
    CHECK(session.push(audio, status, link.error) == 1600);
    CHECK(status == A2FB_WOULD_BLOCK);
    CHECK(eventually([&] { return (events & A2FB_EVENT_WRITABLE) != 0; }));
    // The server reads nothing more: HTTP/2's window and the queue fill up, and push takes nothing.
    CHECK(eventually([&] { return session.push(audio, status, link.error) == 0 && status == A2FB_WOULD_BLOCK; }));
}

TEST_CASE("The callback says what there is to do, on a thread of its own, and not after the close")
{
    struct Seen
    {
        std::atomic<std::uint32_t> events{0};
        std::atomic<int> calls{0};
        std::atomic<bool> elsewhere{false};
        std::thread::id here = std::this_thread::get_id();
    } seen;
    Link link;
    auto options = a2fb::make<a2fb_session_options>();
    options.callback_context = &seen;
    options.callback = [](void* context, std::uint32_t bits)
    {
        auto& to = *static_cast<Seen*>(context);
        to.events.fetch_or(bits);
        to.calls.fetch_add(1);
        to.elsewhere = std::this_thread::get_id() != to.here;
    };
    a2fb::Session session = link.open(options);
    CHECK(clip(session, 0.5).status == A2FB_END);
    CHECK(eventually([&] { return (seen.events & A2FB_EVENT_STATE) != 0; }));
    CHECK((seen.events & A2FB_EVENT_FRAMES) != 0);
    CHECK((seen.events & A2FB_EVENT_WARNING) != 0);
    CHECK(seen.elsewhere);
    session = link.open(options);
    pushSilence(session, 5.0);
    session.reset();
    const int calls = seen.calls;
    CHECK(clip(link.open(), 0.5).status == A2FB_END); // the connection's thread went on meanwhile
    CHECK(seen.calls == calls);
}

TEST_CASE("A buffer that is too small loses nothing")
{
    Link link;
    const a2fb::Session session = link.open();
    pushSilence(session, 0.1);
    session.end(link.error);
    REQUIRE(session.wait(kPatience) == A2FB_OK);
    float weights[4] = {};
    auto frame = a2fb::make<a2fb_frame>();
    frame.weights = weights;
    frame.weight_capacity = 4;
    CHECK(session.poll(frame, link.error) == A2FB_E_TOO_SMALL);
    CHECK(frame.weight_count == 68);
    CHECK(collect(session).frames.size() == 3);
}

TEST_CASE("Sixteen sessions on one connection, eight connections at once")
{
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::vector<std::string> wrong;
    for (int t = 0; t < 8; ++t)
    {
        threads.emplace_back(
            [&]
            {
                Link link;
                std::vector<a2fb::Session> sessions;
                for (int i = 0; i < 16; ++i)
                {
                    sessions.push_back(link.open());
                    pushSilence(sessions.back(), 1.0);
                    sessions.back().end(link.error);
                }
                for (const a2fb::Session& session : sessions)
                {
                    const Ended ended = collect(session);
                    if (ended.status != A2FB_END || ended.frames.size() != 30)
                    {
                        const std::lock_guard lock(mutex);
                        wrong.push_back(std::to_string(ended.frames.size()) + " frames, " + ended.text);
                    }
                }
            });
    }
    for (std::thread& thread : threads)
    {
        thread.join();
    }
    CHECK_MESSAGE(wrong.empty(), (wrong.empty() ? "" : wrong.front()));
    CHECK(eventually([] { return mock().openCalls() == 0; }));
}

#include "Support.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace a2fbridge::test
{

a2fb::Library library()
{
    return a2fb::Library(*a2fb_get_api(A2FB_ABI_VERSION));
}

MockServer& mock()
{
    static MockServer server;
    return server;
}

Link::Link(Pairs metadata, const std::string& target, std::uint32_t connectMs)
{
    std::vector<a2fb_pair> pairs;
    for (const auto& [name, value] : metadata)
    {
        pairs.push_back({a2fb::str(name), a2fb::str(value)});
    }
    auto options = a2fb::make<a2fb_connection_options>();
    options.target = a2fb::str(target);
    options.metadata = pairs.data();
    options.metadata_count = pairs.size();
    options.connect_timeout_ms = connectMs;
    connection = library().connect(options, error);
    REQUIRE_MESSAGE(connection, error.text());
}

a2fb::Session Link::open(const a2fb_session_options& options)
{
    a2fb::Session session = connection.open(options, error);
    REQUIRE_MESSAGE(session, error.text());
    return session;
}

void pushSilence(const a2fb::Session& session, double seconds, std::int32_t rate)
{
    const std::vector<std::int16_t> silence(static_cast<std::size_t>(seconds * rate));
    a2fb::Error error;
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    audio.channels = 1;
    std::size_t done = 0;
    CHECK(eventually(
        [&]
        {
            audio.data = silence.data() + done;
            audio.frames = silence.size() - done;
            a2fb_status status = A2FB_OK;
            done += session.push(audio, status, error);
            return status != A2FB_WOULD_BLOCK;
        }));
}

Ended collect(const a2fb::Session& session)
{
    Ended out;
    std::array<float, A2FB_MAX_WEIGHTS> weights{};
    std::array<std::int16_t, 4096> audio{};
    auto frame = a2fb::make<a2fb_frame>();
    frame.weights = weights.data();
    frame.weight_capacity = A2FB_MAX_WEIGHTS;
    frame.audio = audio.data();
    frame.audio_capacity = static_cast<std::uint32_t>(audio.size());
    a2fb::Error error;
    CHECK(eventually(
        [&]
        {
            while ((out.status = session.poll(frame, error)) == A2FB_OK)
            {
                Frame taken{frame.index, frame.sample_index, frame.time_code, frame.corrected, {},
                            {},          frame.audio_count};
                taken.weights.assign(weights.begin(), weights.begin() + frame.weight_count);
                std::copy(std::begin(frame.emotions), std::end(frame.emotions), taken.emotions.begin());
                out.frames.push_back(std::move(taken));
            }
            if (out.status == A2FB_NOTHING)
            {
                session.wait(100);
            }
            return out.status != A2FB_NOTHING;
        }));
    out.text = error.text();
    out.details = error.details();
    return out;
}

Ended clip(const a2fb::Session& session, double seconds, std::int32_t rate)
{
    a2fb::Error error;
    pushSilence(session, seconds, rate);
    session.end(error);
    return collect(session);
}

} // namespace a2fbridge::test

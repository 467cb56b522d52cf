// Sessions as they should not be: every fault ends with a status, a text that says why, and no hang.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "Fault.h"
#include "Support.h"

using namespace a2fbridge::test;
using a2fbridge::client::CallEnd;
using a2fbridge::client::faultOf;

namespace
{

struct Fault
{
    const char* name;
    a2fb_status status;
    std::size_t frames;
    const char* text;
};

Ended broken(const char* name, a2fb_session_options options = a2fb::make<a2fb_session_options>())
{
    Link link(Link::Pairs{{"mock-fault", name}, {"mock-id", name}});
    return clip(link.open(options), 1.0);
}

} // namespace

TEST_CASE("A server that breaks the protocol ends the session")
{
    const Fault faults[] = {
        {"no-header", A2FB_E_PROTOCOL, 0, "sent a frame before its header"},
        {"two-headers", A2FB_E_PROTOCOL, 0, "sent its header twice"},
        {"many-names", A2FB_E_PROTOCOL, 0, "named 5068 weights"},
        {"twin-names", A2FB_E_PROTOCOL, 0, "named 69 weights, or one twice"},
        {"count", A2FB_E_PROTOCOL, 5, "sent 69 weights for 68 names at 0.167 s"},
        {"back", A2FB_E_PROTOCOL, 5, "sent frame 5 at"},
        {"no-status", A2FB_E_PROTOCOL, 30, "ended the stream after 30 frames without a status"},
        {"internal", A2FB_E_SERVER, 5, "the backend failed"},
        {"garbage", A2FB_E_PROTOCOL, 5, "sent what is no message of the protocol, after 5 frames"},
        {"error", A2FB_E_REFUSED, 0, "channel_count is 7; right is 1"},
        {"error-ok", A2FB_E_REFUSED, 0, "channel_count is 7"},
        {"busy", A2FB_E_BUSY, 0, "no free stream"},
        {"limit", A2FB_E_REFUSED, 0, "the clip is too long"},
    };
    for (const Fault& fault : faults)
    {
        CAPTURE(std::string(fault.name));
        const Ended ended = broken(fault.name);
        CHECK(ended.status == fault.status);
        CHECK(ended.frames.size() == fault.frames);
        CHECK_MESSAGE(ended.text.find(fault.text) != std::string::npos, ended.text);
    }
    CHECK(broken("busy").details.retry_after_ms == 250);
    CHECK(broken("busy").details.grpc_code == 8);
    CHECK(eventually([] { return mock().openCalls() == 0; }));
}

TEST_CASE("A weight that cannot be is corrected, counted and named")
{
    for (const char* const name : {"nan", "huge"})
    {
        CAPTURE(std::string(name));
        Link link(Link::Pairs{{"mock-fault", name}});
        const a2fb::Session session = link.open();
        const Ended ended = clip(session, 1.0);
        CHECK(ended.status == A2FB_END);
        REQUIRE(ended.frames.size() == 30);
        CHECK(ended.frames[5].corrected == 1);
        CHECK(ended.frames[5].weights[17] == (std::string(name) == "nan" ? mockWeight(4, 17) : 4.0F));
        CHECK(ended.frames[6].corrected == 0);
        CHECK(session.info().weights_corrected == 1);
        const std::string_view warning = session.text(A2FB_TEXT_WARNING, 1);
        CHECK_MESSAGE(warning.find("JawOpen came as") != std::string_view::npos, warning);
        CHECK_MESSAGE(warning.find("0.167 s") != std::string_view::npos, warning);
    }
}

TEST_CASE("A plain NIM is used as it is, and refused what it cannot do")
{
    Link link(Link::Pairs{{"mock-plain", "1"}});
    const a2fb::Session session = link.open();
    CHECK(clip(session, 1.0).frames.size() == 30);
    CHECK(session.info().is_a2fbridge == 0);
    CHECK(session.text(A2FB_TEXT_SETTINGS).empty());
    auto options = a2fb::make<a2fb_session_options>();
    options.frame_rate_numerator = 60;
    options.pack = a2fb_text("james");
    const Ended ended = clip(link.open(options), 1.0);
    CHECK(ended.status == A2FB_E_UNSUPPORTED);
    CHECK(ended.frames.empty());
    CHECK(ended.text.find("plain Audio2Face-3D NIM, which does not know a2fbridge-frame-rate, a2fbridge-pack") !=
          std::string::npos);
}

TEST_CASE("A server that says nothing, stalls or does not listen is given up")
{
    auto options = a2fb::make<a2fb_session_options>();
    options.idle_timeout_ms = 300;
    const Fault faults[] = {
        {"silent", A2FB_E_TIMEOUT, 0, "owes its header and said nothing for 300 ms"},
        {"stall", A2FB_E_TIMEOUT, 5, "owes more frames and said nothing for 300 ms (after 5 frames)"}};
    for (const Fault& fault : faults)
    {
        CAPTURE(std::string(fault.name));
        const Ended ended = broken(fault.name, options);
        CHECK(ended.status == fault.status);
        CHECK(ended.frames.size() == fault.frames);
        CHECK_MESSAGE(ended.text.find(fault.text) != std::string::npos, ended.text);
        CHECK(eventually([&] { return mock().received(fault.name).cancelled; }));
    }
    Link link(Link::Pairs{{"mock-fault", "deaf"}});
    const a2fb::Session session = link.open(options);
    std::vector<std::int16_t> sound(160000);
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    audio.data = sound.data();
    audio.frames = sound.size();
    CHECK(eventually(
        [&]
        {
            a2fb_status status = A2FB_OK;
            session.push(audio, status, link.error);
            return status == A2FB_E_TIMEOUT;
        }));
    CHECK(link.error.text().find("owes room for more sound") != std::string_view::npos);
}

TEST_CASE("A live stream whose sound pauses owes nothing")
{
    Link link;
    auto options = a2fb::make<a2fb_session_options>();
    options.idle_timeout_ms = 100;
    const a2fb::Session session = link.open(options);
    pushSilence(session, 1.0);
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    CHECK(session.info().state == A2FB_SESSION_STREAMING);
    CHECK(clip(session, 1.0).frames.size() == 60);
}

TEST_CASE("A call that is not ended after success is ended by us")
{
    CHECK(broken("hang-up").status == A2FB_END);
    CHECK(eventually([] { return mock().received("hang-up").cancelled; }));
}

TEST_CASE("A deadline ends the session as a whole")
{
    Link link(Link::Pairs{{"mock-fault", "stall"}});
    auto options = a2fb::make<a2fb_session_options>();
    options.deadline_ms = 200;
    const Ended ended = clip(link.open(options), 1.0);
    CHECK(ended.status == A2FB_E_TIMEOUT);
    CHECK(ended.details.grpc_code == 4);
}

TEST_CASE("Cancelled: at once for the caller, soon for the server")
{
    Link link(Link::Pairs{{"mock-id", "cancel"}});
    const a2fb::Session session = link.open();
    pushSilence(session, 1.0);
    REQUIRE(session.wait(kPatience) == A2FB_OK);
    session.cancel();
    CHECK(session.info().state == A2FB_SESSION_CANCELLED);
    const Ended ended = collect(session);
    CHECK(ended.status == A2FB_E_CANCELLED);
    CHECK(ended.text == "the session was cancelled");
    CHECK(eventually([] { return mock().received("cancel").cancelled; }));
    CHECK(session.end(link.error) == A2FB_OK);
    a2fb_status status = A2FB_OK;
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    session.push(audio, status, link.error);
    CHECK(status == A2FB_E_CANCELLED);
}

TEST_CASE("Closing a connection cancels its sessions; their handles live on")
{
    Link link(Link::Pairs{{"mock-fault", "stall"}});
    const a2fb::Session session = link.open();
    pushSilence(session, 1.0);
    CHECK(eventually([&] { return session.info().frames_received == 5; }));
    link.connection.reset();
    const Ended ended = collect(session);
    CHECK(ended.frames.size() == 5);
    CHECK(ended.status == A2FB_E_CANCELLED);
}

TEST_CASE("Closing before anything happened")
{
    for (int i = 0; i < 20; ++i)
    {
        Link link;
        const a2fb::Session session = link.open();
        pushSilence(session, 0.5);
    }
    CHECK(eventually([] { return mock().openCalls() == 0; }));
}

TEST_CASE("Push after the end is out of order")
{
    Link link;
    const a2fb::Session session = link.open();
    CHECK(session.end(link.error) == A2FB_OK);
    CHECK(session.end(link.error) == A2FB_OK);
    a2fb_status status = A2FB_OK;
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    session.push(audio, status, link.error);
    CHECK(status == A2FB_E_STATE);
    CHECK(session.emotions(0.0, {}, link.error) == A2FB_E_STATE);
}

TEST_CASE("Nothing listens")
{
    Link link({}, "127.0.0.1:1");
    const Ended ended = clip(link.open(), 0.5);
    CHECK(ended.status == A2FB_E_UNAVAILABLE);
    CHECK_MESSAGE(ended.text.find("nothing answers at 127.0.0.1:1") == 0, ended.text);
    CHECK(link.connection.check(link.error) == A2FB_OK);
    CHECK(link.connection.wait(kPatience) == A2FB_OK);
    CHECK(link.connection.info().health == A2FB_HEALTH_FAILED);
    CHECK(link.connection.info().status == A2FB_E_UNAVAILABLE);
    CHECK(link.connection.error().find("nothing answers") == 0);
}

TEST_CASE("An address without an answer is given up after the connect timeout")
{
    Link link({}, "192.0.2.1:52000", 300); // TEST-NET-1: nobody is there
    const Ended ended = clip(link.open(), 0.5);
    const bool gaveUp = ended.status == A2FB_E_TIMEOUT || ended.status == A2FB_E_UNAVAILABLE; // where it is unreachable
    CHECK_MESSAGE(gaveUp, ended.text);
}

TEST_CASE("The next session finds a server that has come back")
{
    auto first = std::make_unique<MockServer>();
    Link link({}, first->target());
    CHECK(clip(link.open(), 0.5).status == A2FB_END);
    const a2fb::Session session = link.open();
    pushSilence(session, 0.5);
    REQUIRE(session.wait(kPatience) == A2FB_OK);
    first->stop();
    const Ended broken = collect(session);
    CHECK_MESSAGE(broken.status < 0, broken.text);
    CHECK(clip(link.open(), 0.5).status == A2FB_E_UNAVAILABLE);
    const MockServer second(first->port());
    CHECK(clip(link.open(), 0.5).status == A2FB_END);
}

TEST_CASE("A session that may wait for its server gets it when it comes")
{
    auto gone = std::make_unique<MockServer>();
    const int port = gone->port();
    const std::string target = gone->target();
    gone.reset();
    a2fb::Error error;
    auto options = a2fb::make<a2fb_connection_options>();
    options.target = a2fb::str(target);
    options.wait_for_server = 1;
    options.connect_timeout_ms = kPatience;
    const a2fb::Connection connection = library().connect(options, error);
    const a2fb::Session session = connection.open(a2fb::make<a2fb_session_options>(), error);
    CHECK(session.wait(200) == A2FB_NOTHING);
    const MockServer server(port);
    CHECK(clip(session, 0.5).status == A2FB_END);
}

TEST_CASE("Health")
{
    Link link;
    CHECK(link.connection.info().health == A2FB_HEALTH_UNKNOWN);
    CHECK(link.connection.info().state == A2FB_CONNECTION_IDLE);
    REQUIRE(link.connection.check(link.error) == A2FB_OK);
    REQUIRE(link.connection.wait(kPatience) == A2FB_OK);
    CHECK(link.connection.info().health == A2FB_HEALTH_SERVING);
    CHECK(link.connection.info().state == A2FB_CONNECTION_READY);
    CHECK(link.connection.error().empty());
    mock().serving(false);
    REQUIRE(link.connection.check(link.error) == A2FB_OK);
    REQUIRE(link.connection.wait(kPatience) == A2FB_OK);
    CHECK(link.connection.info().health == A2FB_HEALTH_NOT_SERVING);
    mock().serving(true);
}

TEST_CASE("What gRPC's codes mean")
{
    const auto fault = [](int code, const char* details, bool ours = false, bool secure = false)
    {
        CallEnd end;
        end.code = code;
        end.details = details;
        end.ours = ours;
        return faultOf(end, "host:1", secure);
    };
    CHECK(fault(16, "no token").status == A2FB_E_AUTHENTICATION);
    CHECK(fault(7, "not allowed").status == A2FB_E_AUTHENTICATION);
    CHECK(fault(8, "full").status == A2FB_E_BUSY);
    CHECK(fault(8, "too long", true).status == A2FB_E_REFUSED);
    CHECK(fault(3, "bad rate").status == A2FB_E_REFUSED);
    CHECK(fault(12, "unknown method").message.find("bidirectional mode?") != std::string::npos);
    CHECK(fault(4, "late").status == A2FB_E_TIMEOUT);
    CHECK(fault(13, "crashed").status == A2FB_E_SERVER);
    CHECK(fault(14, "shutting down").message == "host:1: shutting down");
    CHECK(fault(14, "DNS resolution failed for x").message.find("is not known") != std::string::npos);
    CHECK(fault(14, "Socket closed").message.find("if the server speaks TLS") != std::string::npos);
    CHECK(fault(14, "failed to connect; Ssl handshake failed: WRONG_VERSION_NUMBER", false, true)
              .message.find("does not speak TLS") != std::string::npos);
    CHECK(fault(14, "failed to connect to all addresses; last error: UNKNOWN: CERTIFICATE_VERIFY_FAILED", false, true)
              .status == A2FB_E_AUTHENTICATION);
}

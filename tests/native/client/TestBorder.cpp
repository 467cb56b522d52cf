// The border: what no caller may do is refused with a status, never with a crash.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <string>

#include "Border.h"
#include "Support.h"

using namespace a2fbridge::test;
namespace client = a2fbridge::client;

namespace
{

const a2fb_api& api = *a2fb_get_api(A2FB_ABI_VERSION);

a2fb_status opened(const a2fb_connection_options& options, std::string* text = nullptr)
{
    a2fb::Error error;
    a2fb_connection* connection = nullptr;
    const a2fb_status status = api.connection_open(&options, &connection, error.out());
    CHECK((connection == nullptr) == (status != A2FB_OK));
    api.connection_close(connection);
    if (text != nullptr)
    {
        *text = error.text();
    }
    return status;
}

a2fb_connection_options to(const char* target)
{
    auto options = a2fb::make<a2fb_connection_options>();
    options.target = a2fb_text(target);
    return options;
}

} // namespace

TEST_CASE("Only the version that there is")
{
    CHECK(a2fb_get_api(0) == nullptr);
    CHECK(a2fb_get_api(2) == nullptr);
    CHECK(api.version == A2FB_ABI_VERSION);
    CHECK(api.struct_size == sizeof(a2fb_api));
    CHECK(a2fb::view(api.library_version()).find("gRPC 1.") != std::string_view::npos);
    CHECK(a2fb::view(api.status_text(A2FB_E_BUSY)) == "busy");
    CHECK(a2fb::view(api.status_text(12345)) == "unknown");
}

TEST_CASE("Every function of the table is there")
{
    void* functions[(sizeof(a2fb_api) - offsetof(a2fb_api, library_version)) / sizeof(void*)];
    std::memcpy(functions, reinterpret_cast<const char*>(&api) + offsetof(a2fb_api, library_version), sizeof functions);
    for (const void* function : functions)
    {
        CHECK(function != nullptr);
    }
}

TEST_CASE("NULL is refused everywhere")
{
    const a2fb_str name{};
    CHECK(api.connection_open(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.connection_close(nullptr);
    CHECK(api.connection_check(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.connection_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.connection_text(nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.connection_wait(nullptr, 0) == A2FB_E_ARGUMENT);
    CHECK(api.session_open(nullptr, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.session_close(nullptr);
    CHECK(api.session_push(nullptr, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_emotions(nullptr, 0.0, nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_end(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_cancel(nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_poll(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_wait(nullptr, 0) == A2FB_E_ARGUMENT);
    CHECK(api.session_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.session_text(nullptr, 0, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_open(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.player_close(nullptr);
    CHECK(api.player_begin(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_push(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_finish(nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_pump(nullptr, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_set_table(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_evaluate(nullptr, 0.0, 0.0, nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_text(nullptr, 0, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_pause(nullptr, 0.0) == A2FB_E_ARGUMENT);
    CHECK(api.player_resume(nullptr, 0.0) == A2FB_E_ARGUMENT);
    CHECK(api.player_seek(nullptr, 0.0, 0.0) == A2FB_E_ARGUMENT);
    CHECK(api.player_speed(nullptr, 0.0, 1.0) == A2FB_E_ARGUMENT);
    CHECK(api.player_device_gone(nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.player_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.table_open(name, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.table_open_shipped(name, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.table_close(nullptr);
    CHECK(api.table_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.table_text(nullptr, 0, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.table_bind(nullptr, nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.table_map(nullptr, nullptr, 0, nullptr, 0) == A2FB_E_ARGUMENT);
    CHECK(api.recording_open(name, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.recording_close(nullptr);
    CHECK(api.recording_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.recording_text(nullptr, 0, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.recording_next(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.recording_rewind(nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.writer_open(nullptr, nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.writer_frame(nullptr, nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.writer_audio(nullptr, 0, nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.writer_event(nullptr, 0, name, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.writer_finish(nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.writer_close(nullptr);
    CHECK(api.wav_open(name, nullptr, nullptr) == A2FB_E_ARGUMENT);
    api.wav_close(nullptr);
    CHECK(api.wav_info(nullptr, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.wav_read(nullptr, 0, nullptr, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.names_text(A2FB_NAME_WEIGHT, 0, nullptr) == A2FB_E_ARGUMENT);
    CHECK(api.convert(nullptr, 0, nullptr, 0, 1) == A2FB_E_ARGUMENT);
}

TEST_CASE("A struct without its size is refused")
{
    a2fb_connection_options options{};
    options.target = a2fb_text("localhost:52000");
    std::string text;
    CHECK(opened(options, &text) == A2FB_E_ARGUMENT);
    CHECK(text.find("struct_size") != std::string::npos);
    options.struct_size = sizeof options - 1;
    CHECK(opened(options) == A2FB_E_ARGUMENT);
    options.struct_size = sizeof options + 64; // of a later header
    CHECK(opened(options) == A2FB_OK);
}

TEST_CASE("Addresses")
{
    for (const char* const right : {"localhost:52000", "10.0.0.1:1", "[::1]:65535", "a2f.example.com:443"})
    {
        CAPTURE(right);
        CHECK(opened(to(right)) == A2FB_OK);
    }
    for (const char* const wrong :
         {"", "localhost", ":52000", "localhost:", "localhost:0", "localhost:65536", "::1:52000", "http://x:80",
          "a b:1", "localhost:52000x", "[]:5", "localhost:99999999999"})
    {
        CAPTURE(wrong);
        std::string text;
        CHECK(opened(to(wrong), &text) == A2FB_E_ARGUMENT);
        CHECK(text.find("HOST:PORT") != std::string::npos);
    }
}

TEST_CASE("Certificates, tokens and metadata that cannot be")
{
    auto options = to("localhost:1");
    options.security = A2FB_TLS;
    options.root_pem = a2fb_text("no pem");
    CHECK(opened(options) == A2FB_E_ARGUMENT);
    options = to("localhost:1");
    options.root_pem = a2fb_text("-----BEGIN CERTIFICATE-----");
    CHECK(opened(options) == A2FB_E_ARGUMENT); // certificates without TLS would be ignored
    options.security = A2FB_TLS;
    options.key_pem = options.root_pem;
    std::string text;
    CHECK(opened(options, &text) == A2FB_E_ARGUMENT);
    CHECK(text.find("go together") != std::string::npos);
    options = to("localhost:1");
    options.token = a2fb_text("top secret");
    CHECK(opened(options, &text) == A2FB_E_ARGUMENT);
    CHECK(text.find("secret") == std::string::npos); // a token is never repeated
    const a2fb_pair pairs[] = {{a2fb_text("Function-Id"), a2fb_text("1")}, {a2fb_text("bad name"), a2fb_text("1")}};
    options = to("localhost:1");
    options.metadata = pairs;
    options.metadata_count = 1;
    CHECK(opened(options) == A2FB_OK);
    options.metadata_count = 2;
    CHECK(opened(options) == A2FB_E_ARGUMENT);
    options.metadata_count = 65;
    CHECK(opened(options) == A2FB_E_ARGUMENT);
}

TEST_CASE("Session options out of range")
{
    const Link link;
    const auto status = [&](auto&& change)
    {
        auto options = a2fb::make<a2fb_session_options>();
        change(options);
        a2fb::Error error;
        return link.connection.open(options, error) ? a2fb_status{A2FB_OK} : error.status();
    };
    CHECK(status([](auto&) {}) == A2FB_OK);
    CHECK(status([](auto& o) { o.sample_rate = 8000; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.sample_rate = 192000; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.frame_rate_numerator = 2000; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.frame_rate_denominator = 5; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.clamp = 3; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.frame_queue = 1; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.audio_queue_ms = 99; }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.pack = a2fb_text("p\xC3\xA4"); }) == A2FB_E_ARGUMENT);
    CHECK(status([](auto& o) { o.multiplier_count = 1; }) == A2FB_E_ARGUMENT);
    const auto emotion = [&](const char* name, double value)
    {
        const a2fb_value given{a2fb_text(name), value};
        return status(
            [&](auto& o)
            {
                o.beginning_emotion = &given;
                o.beginning_emotion_count = 1;
            });
    };
    CHECK(emotion("joy", 1.0) == A2FB_OK);
    CHECK(emotion("joy", 1.01) == A2FB_E_ARGUMENT);
    CHECK(emotion("joy", std::numeric_limits<double>::quiet_NaN()) == A2FB_E_ARGUMENT);
    CHECK(emotion("jy", 0.5) == A2FB_E_ARGUMENT);
    const auto chain = [&](const char* name, double value)
    {
        const a2fb_value given{a2fb_text(name), value};
        return status(
            [&](auto& o)
            {
                o.emotion_parameters = &given;
                o.emotion_parameter_count = 1;
            });
    };
    CHECK(chain("emotion_strength", 0.5) == A2FB_OK);
    CHECK(chain("emotion_strenght", 0.5) == A2FB_E_ARGUMENT);
    CHECK(chain("emotion_strength", 1e300) == A2FB_E_ARGUMENT);
}

TEST_CASE("Text is UTF-8")
{
    const auto accepted = [](std::string_view value)
    {
        try
        {
            return client::text(a2fb::str(value), "it") == value;
        }
        catch (const client::Failure&)
        {
            return false;
        }
    };
    CHECK(accepted(""));
    CHECK(accepted("plain"));
    CHECK(accepted("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
    for (const std::string_view wrong :
         {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\xE2\x82"})
    {
        CHECK_FALSE(accepted(wrong));
    }
    CHECK_FALSE(accepted(std::string_view("a\0b", 3)));
    CHECK(client::text({"abc", A2FB_ZERO_TERMINATED}, "it") == "abc");
    CHECK_THROWS_AS(client::text({nullptr, 3}, "it"), client::Failure);
}

TEST_CASE("A long error is cut at a whole character")
{
    std::string message(1020, 'x');
    message += "\xE2\x82\xAC\xE2\x82\xAC";
    auto error = a2fb::make<a2fb_error>();
    client::report(client::Failure(A2FB_E_FORMAT, message), &error);
    CHECK(std::string(error.message) == std::string(1020, 'x') + "\xE2\x82\xAC");
    CHECK(error.status == A2FB_E_FORMAT);
    CHECK(error.grpc_code == -1);
}

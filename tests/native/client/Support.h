// What the client's tests share: the library, one mock server, and a session whose frames are collected.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "MockServer.h"
#include "a2fbridge/a2fbridge.hpp"

namespace a2fbridge::test
{

inline constexpr std::uint32_t kPatience = 20000; ///< Milliseconds that a test waits for what must come.

a2fb::Library library();
MockServer& mock();

/// A connection to the mock server, or to `target`, that sends `metadata` with each call.
struct Link
{
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    explicit Link(Pairs metadata = {}, const std::string& target = mock().target(), std::uint32_t connectMs = 0);

    a2fb::Session open(const a2fb_session_options& options = a2fb::make<a2fb_session_options>());

    a2fb::Error error;
    a2fb::Connection connection;
};

struct Frame
{
    std::int64_t index = 0;
    std::int64_t sampleIndex = 0;
    double timeCode = 0.0;
    std::uint32_t corrected = 0;
    std::vector<float> weights;
    std::array<float, A2FB_EMOTIONS> emotions{};
    std::uint32_t audioCount = 0;
};

struct Ended
{
    std::vector<Frame> frames;
    a2fb_status status = A2FB_OK;
    std::string text;
    a2fb_error details{};
};

/// Pushes silence of that length, in the pace that the queue allows.
void pushSilence(const a2fb::Session& session, double seconds, std::int32_t rate = 16000);
/// Takes frames until the session is over, or the patience is.
Ended collect(const a2fb::Session& session);
/// A whole clip of silence.
Ended clip(const a2fb::Session& session, double seconds, std::int32_t rate = 16000);

/// Whether `condition()` becomes true while the patience lasts.
template <class Condition>
bool eventually(Condition&& condition)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > until)
        {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace a2fbridge::test

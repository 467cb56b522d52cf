// The options of a connection and of a session, checked and owned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "A2FBridge/Frame.h"
#include "Outbox.h"
#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct ConnectionSettings
{
    std::string target; ///< HOST:PORT
    bool secure = false;
    std::string rootPem, certificatePem, keyPem, serverName;
    Pairs metadata; ///< Of every call, the token among them.
    std::uint32_t connectTimeoutMs = 0;
    std::uint32_t keepaliveMs = 0;
    bool waitForServer = false;
};

/// Throws Failure.
ConnectionSettings readSettings(const a2fb_connection_options* given);

struct SessionSettings
{
    std::int32_t sampleRate = 0;
    std::optional<FrameRate> frameRate;
    std::string pack, identity, solver;
    NamedValues faceParameters, multipliers, offsets, beginningEmotion, emotionParameters;
    std::uint32_t clamp = A2FB_CLAMP_SERVER;
    bool echoAudio = false;
    std::uint32_t deadlineMs = 0;
    std::uint32_t idleTimeoutMs = 0;
    std::size_t audioQueue = 0; ///< Samples.
    std::size_t frameQueue = 0; ///< Frames.

    /// Request metadata for what NVIDIA's header cannot say.
    Pairs extensions() const;
};

/// Throws Failure.
SessionSettings readSettings(const a2fb_session_options* given);

/// Emotions by canonical name, 0 to 1. Throws Failure.
NamedValues readEmotions(const a2fb_value* emotions, std::size_t count);

} // namespace a2fbridge::client

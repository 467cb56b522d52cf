// What one session of the client library is opened with, and its failures as errors of the core. Knows no engine.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "A2FBridge/Frame.h"
#include "A2FBridge/Result.h"

#include "a2fbridge/a2fbridge.h"

namespace a2fbridge
{

/// What is asked of a server for one stream. Names are those of the wire.
struct NativeStreamOptions
{
	FrameRate frameRate{0, 1}; ///< Numerator 0: the server's.
	std::string pack;
	std::string identity;
	std::string solver;
	std::vector<std::pair<std::string, double>> faceParameters;
	std::vector<std::pair<std::string, double>> multipliers;
	std::vector<std::pair<std::string, double>> offsets;
	std::vector<std::pair<std::string, double>> beginningEmotion;
	std::vector<std::pair<std::string, double>> emotionParameters;
	std::uint32_t idleTimeoutMs = 0; ///< 0: the library's default.
};

/// Opens a session for sound of that rate.
a2fb_status openNativeSession(const a2fb_api& api, a2fb_connection* connection, const NativeStreamOptions& options,
	std::int32_t sampleRate, a2fb_session*& session, a2fb_error& error);

/// Returns an Error for what the library said.
Error nativeError(a2fb_status status, const a2fb_error& error);

} // namespace a2fbridge

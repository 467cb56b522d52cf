// A stream of the client library as a source of the core. Knows the library's C header and no engine.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "A2FBridge/FrameSource.h"

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

/// Makes a source that opens its stream with the first sound, whose rate it takes. The source keeps the connection open
/// as long as it lives; the table of functions lives for ever.
std::unique_ptr<IFrameSource> makeNativeSource(
	const a2fb_api& api, std::shared_ptr<a2fb_connection> connection, NativeStreamOptions options);

/// Returns an Error for what the library said.
Error nativeError(a2fb_status status, const a2fb_error& error);

} // namespace a2fbridge

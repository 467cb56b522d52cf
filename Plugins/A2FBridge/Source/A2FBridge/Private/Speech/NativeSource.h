// A stream of the client library as a source of the core. Knows the library's C header and no engine.
#pragma once

#include <memory>

#include "A2FBridge/FrameSource.h"

#include "Speech/NativeSession.h"

namespace a2fbridge
{

/// Makes a source that opens its stream with the first sound, whose rate it takes. The source keeps the connection open
/// as long as it lives; the table of functions lives for ever.
std::unique_ptr<IFrameSource> makeNativeSource(
	const a2fb_api& api, std::shared_ptr<a2fb_connection> connection, NativeStreamOptions options);

} // namespace a2fbridge

// How a stream's format crosses the border.
#pragma once

#include <cstdint>

#include "A2FBridge/Frame.h"
#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

/// Throws Failure.
StreamFormat readFormat(const a2fb_format* format);
/// Throws Failure.
Convention readConvention(std::uint32_t convention);

} // namespace a2fbridge::client

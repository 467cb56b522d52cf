// gRPC's status as ours, with what to do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "Failure.h"

namespace a2fbridge::client
{

/// How a call ended, without gRPC's types.
struct CallEnd
{
    int code = 0;
    std::string details;
    bool answered = false;                     ///< Initial metadata or a message had come: the connection stood.
    bool ours = false;                         ///< The server is A2FBridge's.
    std::optional<std::uint32_t> retryAfterMs; ///< grpc-retry-pushback-ms of the trailing metadata.
};

/// What a call that did not end with OK means.
Failure faultOf(const CallEnd& end, const std::string& target, bool secure);

} // namespace a2fbridge::client

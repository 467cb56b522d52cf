#include "A2FBridge/Result.h"

namespace a2fbridge
{

const char* errorCodeName(ErrorCode code)
{
    switch (code)
    {
    case ErrorCode::InvalidArgument:
        return "invalid_argument";
    case ErrorCode::WrongState:
        return "wrong_state";
    case ErrorCode::InvalidData:
        return "invalid_data";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::TooLarge:
        return "too_large";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::Full:
        return "full";
    case ErrorCode::OutOfOrder:
        return "out_of_order";
    case ErrorCode::Unavailable:
        return "unavailable";
    case ErrorCode::Unauthenticated:
        return "unauthenticated";
    case ErrorCode::PermissionDenied:
        return "permission_denied";
    case ErrorCode::DeadlineExceeded:
        return "deadline_exceeded";
    case ErrorCode::ResourceExhausted:
        return "resource_exhausted";
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::Internal:
        break;
    }
    return "internal";
}

std::string Error::text() const
{
    std::string place = path;
    const auto add = [&place](const std::string& part) { place += place.empty() ? part : ":" + part; };
    if (line > 0)
    {
        add(std::to_string(line));
        add(std::to_string(column));
    }
    if (offset >= 0)
    {
        add("byte " + std::to_string(offset));
    }
    return place.empty() ? message : place + ": " + message;
}

Error makeError(ErrorCode code, std::string message, std::string reason)
{
    Error error;
    error.code = code;
    error.message = std::move(message);
    error.reason = std::move(reason);
    return error;
}

} // namespace a2fbridge

#include "Failure.h"

#include <algorithm>

namespace a2fbridge::client
{

namespace
{

a2fb_status statusOf(ErrorCode code)
{
    switch (code)
    {
    case ErrorCode::InvalidArgument:
    case ErrorCode::NotFound:
    case ErrorCode::OutOfOrder:
        return A2FB_E_ARGUMENT;
    case ErrorCode::WrongState:
        return A2FB_E_STATE;
    case ErrorCode::InvalidData:
    case ErrorCode::Unsupported:
    case ErrorCode::TooLarge:
        return A2FB_E_FORMAT;
    case ErrorCode::Io:
        return A2FB_E_SINK;
    case ErrorCode::Full:
        return A2FB_WOULD_BLOCK;
    default:
        return A2FB_E_INTERNAL;
    }
}

} // namespace

Failure::Failure(const Error& error) : Failure(error, statusOf(error.code)) {}

Failure::Failure(const Error& error, a2fb_status failedWith)
    : status(failedWith), message(error.text()), code(error.reason), line(static_cast<std::uint32_t>(error.line)),
      column(static_cast<std::uint32_t>(error.column)),
      offset(static_cast<std::uint64_t>(std::max<std::int64_t>(error.offset, 0)))
{
}

void require(bool right, const char* message)
{
    if (!right)
    {
        throw Failure(A2FB_E_ARGUMENT, message);
    }
}

} // namespace a2fbridge::client

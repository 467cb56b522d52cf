// How a mistake travels inside the library: thrown as Failure, caught at the border (Border.h), written to an
// a2fb_error.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "A2FBridge/Result.h"
#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

/// What goes into an a2fb_error.
class Failure : public std::exception
{
public:
    Failure(a2fb_status failedWith, std::string text) : status(failedWith), message(std::move(text)) {}
    /// An error of the core; `status` where its code says too little.
    explicit Failure(const Error& error);
    Failure(const Error& error, a2fb_status failedWith);

    const char* what() const noexcept override { return message.c_str(); }

    a2fb_status status;
    std::string message;
    std::string code;
    int grpcCode = -1;
    std::uint32_t retryAfterMs = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint64_t offset = 0;
};

/// Throws a Failure of A2FB_E_ARGUMENT unless `right`.
void require(bool right, const char* message);

/// Throws the core's error, if it is one.
template <class T>
T taken(Result<T> result)
{
    if (!result.ok())
    {
        throw Failure(result.error());
    }
    return std::move(result).value();
}

inline void check(const Status& status)
{
    if (!status.ok())
    {
        throw Failure(status.error());
    }
}

} // namespace a2fbridge::client

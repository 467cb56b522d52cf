// Errors without exceptions: a value or an Error that says what was wrong, where, and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "A2FBridge/Export.h"

namespace a2fbridge
{

/// What kind of mistake it was. One list for core, client library and providers.
enum class ErrorCode : std::uint8_t
{
    InvalidArgument,   ///< The caller passed something that cannot be used.
    WrongState,        ///< Right call, wrong time: no stream begun, stream ended already, ...
    InvalidData,       ///< A table, recording, sound or message breaks its format.
    Unsupported,       ///< Well-formed, but this build or the other side does not do it.
    TooLarge,          ///< A bound on size, length or count is exceeded; nothing was allocated for it.
    NotFound,          ///< No such file, table, profile or name.
    Io,                ///< The operating system refused to read or write.
    Full,              ///< No room now; try again when some of it has been consumed.
    OutOfOrder,        ///< A frame that does not come after the one before.
    Unavailable,       ///< The server cannot be reached or went away.
    Unauthenticated,   ///< The server does not accept token or certificate.
    PermissionDenied,  ///< Known, but not allowed.
    DeadlineExceeded,  ///< It took longer than allowed.
    ResourceExhausted, ///< The server is full.
    Cancelled,         ///< Cancelled by the caller.
    Internal           ///< A mistake in this software.
};

/// Returns the code's name in lower case, such as "invalid_data". Never null.
A2FBRIDGECORE_API const char* errorCodeName(ErrorCode code);

/// What was wrong and where. Plain data; copyable; any thread.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string reason;  ///< For programs: a word such as "unknown_target" (docs/mapping.md lists those of tables); may
                         ///< be empty.
    std::string message; ///< For people: what was wrong and what would be right. UTF-8, one line, no place in it.
    std::string path;    ///< File or table that it is about; empty when there is none.
    std::int32_t line = 0;    ///< Line from 1; 0 when there is none.
    std::int32_t column = 0;  ///< Column from 1, in characters; 0 when there is none.
    std::int64_t offset = -1; ///< Byte offset of binary files; -1 when there is none.

    /// Returns "path:line:column: message", leaving out what there is not.
    A2FBRIDGECORE_API std::string text() const;
};

/// Returns an Error without a place.
A2FBRIDGECORE_API Error makeError(ErrorCode code, std::string message, std::string reason = {});

/// A value of type T, or an Error. Asking for what is not there is a bug of the caller (it ends the program).
template <class T>
class [[nodiscard]] Result
{
public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }
    /// The value. Only when ok().
    T& value() & { return *std::get_if<0>(&content_); }
    const T& value() const& { return *std::get_if<0>(&content_); }
    T&& value() && { return std::move(*std::get_if<0>(&content_)); }
    /// The error. Only when not ok().
    const Error& error() const { return *std::get_if<1>(&content_); }

private:
    std::variant<T, Error> content_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}

    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    /// The error. Only meaningful when not ok().
    const Error& error() const { return error_; }

private:
    bool failed_ = false;
    Error error_;
};

using Status = Result<void>;

} // namespace a2fbridge

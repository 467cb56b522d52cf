#include "Fault.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace a2fbridge::client
{

namespace
{

// gRPC's status codes (grpc/impl/codegen/status.h); kept here so that this file needs no gRPC.
enum Code : int
{
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    OutOfRange = 11,
    Unimplemented = 12,
    Unavailable = 14,
    Unauthenticated = 16
};

bool has(const std::string& details, std::initializer_list<std::string_view> words)
{
    std::string lower = details;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// gRPC's last cause, without the list of addresses.
std::string brief(const std::string& details)
{
    constexpr std::string_view last = "ast error: ";
    const std::size_t at = details.rfind(last);
    return details.substr(at == std::string::npos ? 0 : at + last.size(), 300);
}

Failure connectionFault(const std::string& details, const std::string& target, bool secure, bool answered)
{
    if (has(details, {"dns resolution", "name resolution", "could not resolve", "domain name not found"}))
    {
        return {A2FB_E_UNAVAILABLE, "the name in '" + target + "' is not known; check the address of the server"};
    }
    if (secure && has(details, {"wrong_version_number", "wrong version number", "packet_length_too_long",
                                "http_request", "packet length too long"}))
    {
        return {A2FB_E_UNAVAILABLE, target + " does not speak TLS; leave TLS out"};
    }
    if (secure && has(details, {"certificate", "not in peer", "alert", "x509", "handshake"}))
    {
        return {A2FB_E_AUTHENTICATION, target + ": TLS was refused: " + brief(details)};
    }
    if (has(details, {"connection refused", "unreachable", "timed out", "timeout"}))
    {
        return {A2FB_E_UNAVAILABLE, "nothing answers at " + target + " (" + brief(details) +
                                        "); is the server running (a2fbridge serve), the port right?"};
    }
    const char* const hint = secure || answered ? "" : "; if the server speaks TLS, connect with A2FB_TLS";
    return {A2FB_E_UNAVAILABLE, "the connection to " + target + " broke: " + brief(details) + hint};
}

a2fb_status statusOf(int code)
{
    switch (code)
    {
    case InvalidArgument:
    case NotFound:
    case AlreadyExists:
    case FailedPrecondition:
    case OutOfRange:
    case Unimplemented:
    case ResourceExhausted:
        return A2FB_E_REFUSED;
    case DeadlineExceeded:
        return A2FB_E_TIMEOUT;
    case PermissionDenied:
    case Unauthenticated:
        return A2FB_E_AUTHENTICATION;
    default:
        return A2FB_E_SERVER;
    }
}

Failure meaning(const CallEnd& end, const std::string& target, bool secure)
{
    const std::string details = end.details.empty() ? "code " + std::to_string(end.code) : end.details;
    const bool ofConnection = has(details, {"connect", "socket closed", "endpoint", "handshake", "dns", "resol",
                                            "unreachable", "tcp", "peer", "goaway", "rst_stream"});
    if (end.code == Unavailable && ofConnection)
    {
        return connectionFault(details, target, secure, end.answered);
    }
    if (end.code == Unavailable)
    {
        return {A2FB_E_UNAVAILABLE, target + ": " + details};
    }
    // Our server says when to come again; of a NIM the code alone is known, but not once it has let the stream in.
    if (end.code == ResourceExhausted && (end.retryAfterMs || !end.ours))
    {
        return {A2FB_E_BUSY, target + ": " + details};
    }
    const char* const hint =
        end.code == Unimplemented ? "; is this an Audio2Face-3D server in bidirectional mode?" : "";
    return {statusOf(end.code), target + ": " + details + hint};
}

} // namespace

Failure faultOf(const CallEnd& end, const std::string& target, bool secure)
{
    Failure failure = meaning(end, target, secure);
    failure.grpcCode = end.code;
    failure.retryAfterMs = failure.status == A2FB_E_BUSY ? end.retryAfterMs.value_or(0) : 0;
    return failure;
}

} // namespace a2fbridge::client

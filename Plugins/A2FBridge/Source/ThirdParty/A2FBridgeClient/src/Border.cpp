#include "Border.h"

namespace a2fbridge::client
{

namespace
{

/// Length of the UTF-8 sequence that begins at `at`, or 0 when there is none.
std::size_t sequenceAt(std::string_view value, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(value[at + i]); };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || at + length > value.size())
    {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i)
    {
        if ((byte(i) & 0xC0U) != 0x80U)
        {
            return 0;
        }
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool beyond = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
    return overlong || beyond ? 0 : length;
}

/// Copies text into a fixed buffer, cut at a whole character.
template <std::size_t Size>
void copyText(std::string_view value, char (&out)[Size])
{
    std::size_t end = 0;
    while (end < value.size())
    {
        const std::size_t length = sequenceAt(value, end);
        if (length == 0 || end + length >= Size)
        {
            break;
        }
        end += length;
    }
    std::memcpy(out, value.data(), end);
    out[end] = '\0';
}

} // namespace

void report(const Failure& failure, a2fb_error* error) noexcept
{
    if (error == nullptr || error->struct_size < sizeof(a2fb_error))
    {
        return;
    }
    error->status = failure.status;
    error->grpc_code = failure.grpcCode;
    error->retry_after_ms = failure.retryAfterMs;
    error->line = failure.line;
    error->column = failure.column;
    error->offset = failure.offset;
    copyText(failure.code, error->code);
    copyText(failure.message, error->message);
}

void report(a2fb_status status, const char* message, a2fb_error* error) noexcept
{
    if (error == nullptr || error->struct_size < sizeof(a2fb_error))
    {
        return;
    }
    error->status = status;
    error->grpc_code = -1;
    error->retry_after_ms = 0;
    error->line = 0;
    error->column = 0;
    error->offset = 0;
    error->code[0] = '\0';
    copyText(message, error->message);
}

std::string_view bytes(a2fb_str given)
{
    require(given.data != nullptr || given.size == 0, "a text has a length but no data");
    if (given.data == nullptr)
    {
        return {};
    }
    return given.size == A2FB_ZERO_TERMINATED ? std::string_view(given.data) : std::string_view(given.data, given.size);
}

std::string text(a2fb_str given, const char* what)
{
    const std::string_view value = bytes(given);
    for (std::size_t at = 0; at < value.size();)
    {
        const std::size_t length = sequenceAt(value, at);
        if (length == 0 || value[at] == '\0')
        {
            throw Failure(A2FB_E_ARGUMENT, std::string(what) + " is not UTF-8 text (byte " + std::to_string(at) + ")");
        }
        at += length;
    }
    return std::string(value);
}

std::vector<std::string> texts(const a2fb_str* given, std::size_t count, const char* what)
{
    require(given != nullptr || count == 0, "an array has a count but no data");
    require(count <= A2FB_MAX_WEIGHTS, "more than 4096 names");
    std::vector<std::string> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        out.push_back(text(given[i], what));
    }
    return out;
}

std::uint32_t option(std::uint32_t given, std::uint32_t byDefault, std::uint32_t low, std::uint32_t high,
                     const char* name)
{
    if (given == 0)
    {
        return byDefault;
    }
    if (given < low || given > high)
    {
        throw Failure(A2FB_E_ARGUMENT, std::string(name) + " is " + std::to_string(given) + "; right is " +
                                           std::to_string(low) + " to " + std::to_string(high));
    }
    return given;
}

} // namespace a2fbridge::client

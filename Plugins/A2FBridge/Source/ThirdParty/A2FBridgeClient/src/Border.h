// The border of the C interface: no exception gets out, no struct of another size is misread.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "Failure.h"

namespace a2fbridge::client
{

/// Writes a failure into the caller's struct, as much of it as the caller knows.
void report(const Failure& failure, a2fb_error* error) noexcept;
void report(a2fb_status status, const char* message, a2fb_error* error) noexcept;

/// Runs `work`; returns its status (or A2FB_OK), or reports what it threw.
template <class Work>
a2fb_status guarded(a2fb_error* error, Work&& work) noexcept
{
    try
    {
        if constexpr (std::is_void_v<decltype(work())>)
        {
            work();
            return A2FB_OK;
        }
        else
        {
            return work();
        }
    }
    catch (const Failure& failure)
    {
        report(failure, error);
        return failure.status;
    }
    catch (const std::bad_alloc&)
    {
        report(A2FB_E_MEMORY, "memory was refused", error);
        return A2FB_E_MEMORY;
    }
    catch (...)
    {
        report(A2FB_E_INTERNAL, "a mistake of the A2FBridge client library", error);
        return A2FB_E_INTERNAL;
    }
}

/// Returns a copy of a struct that goes in.
template <class Struct>
Struct read(const Struct* given)
{
    require(given != nullptr, "a required struct is NULL");
    require(given->struct_size >= sizeof(Struct), "struct_size is not set; A2FB_CLEAR sets it");
    return *given;
}

/// Copies a struct that goes out; struct_size stays what the caller said.
template <class Struct>
void write(Struct value, Struct* out)
{
    require(out != nullptr, "the struct for the answer is NULL");
    require(out->struct_size >= sizeof(Struct), "struct_size is not set; A2FB_CLEAR sets it");
    value.struct_size = out->struct_size;
    *out = value;
}

/// Makes a handle of `Type` out of `make()`.
template <class Type, class Make>
a2fb_status opened(Type** out, a2fb_error* error, Make&& make) noexcept
{
    if (out != nullptr)
    {
        *out = nullptr;
    }
    return guarded(error,
                   [&]
                   {
                       require(out != nullptr, "the place for the handle is NULL");
                       *out = make();
                   });
}

/// Bytes of an a2fb_str; throws for a NULL pointer with a length.
std::string_view bytes(a2fb_str given);
/// Text of an a2fb_str; throws unless it is UTF-8. `what` names it in the message.
std::string text(a2fb_str given, const char* what);
std::vector<std::string> texts(const a2fb_str* given, std::size_t count, const char* what);

inline a2fb_str str(std::string_view value)
{
    return {value.data(), value.size()};
}

/// A milliseconds option: its default when 0; throws outside of [low, high].
std::uint32_t option(std::uint32_t given, std::uint32_t byDefault, std::uint32_t low, std::uint32_t high,
                     const char* name);

} // namespace a2fbridge::client

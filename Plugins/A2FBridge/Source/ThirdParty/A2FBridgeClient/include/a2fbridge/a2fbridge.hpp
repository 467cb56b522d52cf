/// A thin C++17 face of a2fbridge.h: handles that close themselves and move, nothing else. The contract, the threads
/// and every status are those of a2fbridge.h. Throws nothing by itself and needs no exceptions and no RTTI.
///
///     const a2fb::Library library(*a2fb_get_api(A2FB_ABI_VERSION));
///     a2fb::Error error;
///     auto connection = library.connect(a2fb::with<a2fb_connection_options>([&](auto& o) { o.target = ...; }), error);
///     if (!connection) { log(error.text()); }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "a2fbridge/a2fbridge.h"

namespace a2fb
{

/// A struct of the C interface, zeroed, its size set.
template <class Struct>
Struct make()
{
    Struct made;
    A2FB_CLEAR(made);
    return made;
}

/// The same, filled in by `fill(struct&)`.
template <class Struct, class Fill>
Struct with(Fill&& fill)
{
    auto made = make<Struct>();
    fill(made);
    return made;
}

/// The view must outlive the use of the result.
inline a2fb_str str(std::string_view text)
{
    return {text.data(), text.size()};
}

inline std::string_view view(a2fb_str text)
{
    return {text.data, text.size};
}

/// What went wrong in the last call that failed with it.
class Error
{
public:
    Error() : error_(make<a2fb_error>()) {}

    a2fb_status status() const { return error_.status; }
    std::string_view text() const { return error_.message; }
    const a2fb_error& details() const { return error_; }
    a2fb_error* out() { return &error_; }

private:
    a2fb_error error_;
};

/// Owns a handle of the C interface.
template <class Type, void (A2FB_CALL* a2fb_api::*Close)(Type*)>
class Handle
{
public:
    Handle() = default;
    Handle(const a2fb_api* api, Type* raw) : api_(api), raw_(raw) {}
    Handle(Handle&& other) noexcept : api_(other.api_), raw_(std::exchange(other.raw_, nullptr)) {}
    Handle& operator=(Handle&& other) noexcept
    {
        if (this != &other)
        {
            reset();
            api_ = other.api_;
            raw_ = std::exchange(other.raw_, nullptr);
        }
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { reset(); }

    explicit operator bool() const { return raw_ != nullptr; }
    Type* raw() const { return raw_; }
    const a2fb_api& api() const { return *api_; }
    void reset()
    {
        if (raw_ != nullptr)
        {
            (api_->*Close)(std::exchange(raw_, nullptr));
        }
    }

private:
    const a2fb_api* api_ = nullptr;
    Type* raw_ = nullptr;
};

/// A session; see the session_ functions of a2fbridge.h.
class Session : public Handle<a2fb_session, &a2fb_api::session_close>
{
public:
    using Handle::Handle;

    /// Returns how many frames were taken; `status` says why it were fewer.
    std::size_t push(const a2fb_audio& audio, a2fb_status& status, Error& error) const
    {
        std::size_t taken = 0;
        status = api().session_push(raw(), &audio, &taken, error.out());
        return taken;
    }
    a2fb_status emotions(double timeCode, const std::vector<a2fb_value>& values, Error& error) const
    {
        return api().session_emotions(raw(), timeCode, values.data(), values.size(), error.out());
    }
    a2fb_status end(Error& error) const { return api().session_end(raw(), error.out()); }
    void cancel() const { api().session_cancel(raw()); }
    a2fb_status poll(a2fb_frame& frame, Error& error) const { return api().session_poll(raw(), &frame, error.out()); }
    a2fb_status wait(std::uint32_t timeoutMs) const { return api().session_wait(raw(), timeoutMs); }
    a2fb_session_info info() const
    {
        auto out = make<a2fb_session_info>();
        api().session_info(raw(), &out);
        return out;
    }
    /// Empty when there is none (yet).
    std::string_view text(std::uint32_t kind, std::size_t index = 0) const
    {
        a2fb_str out{};
        api().session_text(raw(), kind, index, &out);
        return view(out);
    }
    /// Names of the weights; empty before the header.
    std::vector<std::string> names() const
    {
        std::vector<std::string> out;
        for (std::string_view name; !(name = text(A2FB_TEXT_NAME, out.size())).empty();)
        {
            out.emplace_back(name);
        }
        return out;
    }
};

/// A connection; see the connection_ functions of a2fbridge.h.
class Connection : public Handle<a2fb_connection, &a2fb_api::connection_close>
{
public:
    using Handle::Handle;

    Session open(const a2fb_session_options& options, Error& error) const
    {
        a2fb_session* session = nullptr;
        api().session_open(raw(), &options, &session, error.out());
        return {&api(), session};
    }
    a2fb_status check(Error& error) const { return api().connection_check(raw(), error.out()); }
    a2fb_status wait(std::uint32_t timeoutMs) const { return api().connection_wait(raw(), timeoutMs); }
    a2fb_connection_info info() const
    {
        auto out = make<a2fb_connection_info>();
        api().connection_info(raw(), &out);
        return out;
    }
    /// Why the last check failed; empty when it did not.
    std::string error() const
    {
        a2fb_str out{};
        api().connection_text(raw(), A2FB_TEXT_ERROR, &out);
        return std::string(view(out));
    }
};

/// A mapping table; see the table_ functions of a2fbridge.h.
class Table : public Handle<a2fb_table, &a2fb_api::table_close>
{
public:
    using Handle::Handle;

    a2fb_table_info info() const
    {
        auto out = make<a2fb_table_info>();
        api().table_info(raw(), &out);
        return out;
    }
    std::vector<std::string> curves() const { return texts(A2FB_TEXT_NAME); }
    std::vector<std::string> warnings() const { return texts(A2FB_TEXT_WARNING); }
    a2fb_status bind(const std::vector<std::string>& names, Error& error) const
    {
        std::vector<a2fb_str> columns;
        columns.reserve(names.size());
        for (const std::string& name : names)
        {
            columns.push_back(str(name));
        }
        return api().table_bind(raw(), columns.data(), columns.size(), error.out());
    }
    /// `curves` has info().target_count values.
    a2fb_status map(const float* weights, std::size_t count, std::vector<float>& curves) const
    {
        return api().table_map(raw(), weights, count, curves.data(), curves.size());
    }

private:
    std::vector<std::string> texts(std::uint32_t kind) const
    {
        std::vector<std::string> out;
        for (a2fb_str text{}; api().table_text(raw(), kind, out.size(), &text) == A2FB_OK;)
        {
            out.emplace_back(view(text));
        }
        return out;
    }
};

using Player = Handle<a2fb_player, &a2fb_api::player_close>;
using Recording = Handle<a2fb_recording, &a2fb_api::recording_close>;
using Writer = Handle<a2fb_writer, &a2fb_api::writer_close>;
using Wav = Handle<a2fb_wav, &a2fb_api::wav_close>;

/// The library: what opens everything else. An empty handle means that it failed, and the error why.
class Library
{
public:
    explicit Library(const a2fb_api& api) : api_(&api) {}

    const a2fb_api& api() const { return *api_; }
    std::string_view version() const { return view(api_->library_version()); }

    Connection connect(const a2fb_connection_options& options, Error& error) const
    {
        a2fb_connection* raw = nullptr;
        api_->connection_open(&options, &raw, error.out());
        return {api_, raw};
    }
    Player player(const a2fb_player_options& options, Error& error) const
    {
        a2fb_player* raw = nullptr;
        api_->player_open(&options, &raw, error.out());
        return {api_, raw};
    }
    Table table(std::string_view document, const a2fb_table_options& options, Error& error) const
    {
        a2fb_table* raw = nullptr;
        api_->table_open(str(document), &options, &raw, error.out());
        return {api_, raw};
    }
    Table shippedTable(std::string_view name, Error& error) const
    {
        a2fb_table* raw = nullptr;
        api_->table_open_shipped(str(name), nullptr, &raw, error.out());
        return {api_, raw};
    }
    Recording recording(std::string_view bytes, Error& error) const
    {
        a2fb_recording* raw = nullptr;
        api_->recording_open(str(bytes), &raw, error.out());
        return {api_, raw};
    }
    Writer writer(const a2fb_format& format, const a2fb_writer_options& options, Error& error) const
    {
        a2fb_writer* raw = nullptr;
        api_->writer_open(&format, &options, &raw, error.out());
        return {api_, raw};
    }
    Wav wav(std::string_view bytes, Error& error) const
    {
        a2fb_wav* raw = nullptr;
        api_->wav_open(str(bytes), &raw, error.out());
        return {api_, raw};
    }

private:
    const a2fb_api* api_;
};

} // namespace a2fb

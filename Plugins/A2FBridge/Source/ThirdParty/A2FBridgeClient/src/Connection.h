// A server and the thread that talks to it. All of gRPC happens on that thread; callers only leave word. Shows no gRPC.
#pragma once

#include <cstdint>
#include <memory>

#include "Session.h"
#include "Settings.h"
#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

/// Any thread.
class Connection
{
public:
    explicit Connection(ConnectionSettings settings);
    /// After close().
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Cancels all sessions and joins the thread. Throws A2FB_E_STATE on that very thread.
    void close();
    /// Lets a session begin. Throws A2FB_E_STATE after close.
    void start(std::shared_ptr<Session> session);
    /// Says that a session has something to send, or was cancelled.
    void wake();
    void check();
    a2fb_connection_info info() const;
    /// Why the last check failed; valid until the next call. False when it did not.
    bool error(a2fb_str& out);
    bool wait(std::uint32_t timeoutMs);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Version of gRPC.
const char* transportVersion();

} // namespace a2fbridge::client

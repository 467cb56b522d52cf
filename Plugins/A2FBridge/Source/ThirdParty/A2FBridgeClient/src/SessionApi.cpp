#include <cmath>
#include <memory>

#include "Api.h"
#include "Border.h"
#include "Handles.h"

namespace a2fbridge::client
{

namespace
{

a2fb_status A2FB_CALL open(a2fb_connection* connection, const a2fb_session_options* options, a2fb_session** out,
                           a2fb_error* error)
{
    return opened(out, error,
                  [&]
                  {
                      require(connection != nullptr, "connection is NULL");
                      auto session = std::make_shared<Session>(readSettings(options), options->callback,
                                                               options->callback_context);
                      auto handle = std::make_unique<a2fb_session>(a2fb_session{connection->it, session});
                      connection->it->start(std::move(session));
                      return handle.release();
                  });
}

void A2FB_CALL close(a2fb_session* session)
{
    if (session == nullptr)
    {
        return;
    }
    guarded(nullptr,
            [&]
            {
                session->it->dropCallback();
                session->it->cancel();
                session->connection->wake();
            });
    delete session;
}

a2fb_status A2FB_CALL push(a2fb_session* session, const a2fb_audio* audio, std::size_t* taken, a2fb_error* error)
{
    if (taken != nullptr)
    {
        *taken = 0;
    }
    return guarded(error,
                   [&]
                   {
                       require(session != nullptr && taken != nullptr, "session or taken is NULL");
                       session->it->requireOpen();
                       const a2fb_audio block = read(audio);
                       *taken = session->it->outbox().push(block);
                       session->connection->wake();
                       return *taken == block.frames ? A2FB_OK : A2FB_WOULD_BLOCK;
                   });
}

a2fb_status A2FB_CALL emotions(a2fb_session* session, double timeCode, const a2fb_value* values, std::size_t count,
                               a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(session != nullptr, "session is NULL");
                       session->it->requireOpen();
                       require(std::isfinite(timeCode) && timeCode >= 0.0, "time_code is not 0 or more seconds");
                       const bool room = session->it->outbox().push(EmotionKey{timeCode, readEmotions(values, count)});
                       session->connection->wake();
                       return room ? A2FB_OK : A2FB_WOULD_BLOCK;
                   });
}

a2fb_status A2FB_CALL end(a2fb_session* session, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(session != nullptr, "session is NULL");
                       session->it->outbox().end();
                       session->connection->wake();
                   });
}

a2fb_status A2FB_CALL cancel(a2fb_session* session)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(session != nullptr, "session is NULL");
                       session->it->cancel();
                       session->connection->wake();
                   });
}

a2fb_status A2FB_CALL poll(a2fb_session* session, a2fb_frame* frame, a2fb_error* error)
{
    if (session == nullptr || frame == nullptr || frame->struct_size < sizeof(a2fb_frame))
    {
        report(A2FB_E_ARGUMENT, "session or frame is NULL, or frame.struct_size is not set", error);
        return A2FB_E_ARGUMENT;
    }
    return session->it->poll(*frame, error);
}

a2fb_status A2FB_CALL wait(a2fb_session* session, std::uint32_t timeoutMs)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(session != nullptr, "session is NULL");
                       return session->it->wait(timeoutMs);
                   });
}

a2fb_status A2FB_CALL info(const a2fb_session* session, a2fb_session_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(session != nullptr, "session is NULL");
                       write(session->it->info(), out);
                   });
}

a2fb_status A2FB_CALL textOf(const a2fb_session* session, std::uint32_t kind, std::size_t index, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(session != nullptr && out != nullptr, "session or out is NULL");
                       return session->it->text(kind, index, *out);
                   });
}

} // namespace

void addSession(a2fb_api& api)
{
    api.session_open = open;
    api.session_close = close;
    api.session_push = push;
    api.session_emotions = emotions;
    api.session_end = end;
    api.session_cancel = cancel;
    api.session_poll = poll;
    api.session_wait = wait;
    api.session_info = info;
    api.session_text = textOf;
}

} // namespace a2fbridge::client

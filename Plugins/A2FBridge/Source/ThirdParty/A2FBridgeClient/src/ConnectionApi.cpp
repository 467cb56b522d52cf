#include <memory>

#include "Api.h"
#include "Border.h"
#include "Handles.h"

namespace a2fbridge::client
{

namespace
{

a2fb_status A2FB_CALL open(const a2fb_connection_options* options, a2fb_connection** out, a2fb_error* error)
{
    return opened(out, error, [&] { return new a2fb_connection{std::make_shared<Connection>(readSettings(options))}; });
}

void A2FB_CALL close(a2fb_connection* connection)
{
    if (connection != nullptr && guarded(nullptr, [&] { connection->it->close(); }) == A2FB_OK)
    {
        delete connection;
    }
}

a2fb_status A2FB_CALL check(a2fb_connection* connection, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(connection != nullptr, "connection is NULL");
                       connection->it->check();
                   });
}

a2fb_status A2FB_CALL info(const a2fb_connection* connection, a2fb_connection_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(connection != nullptr, "connection is NULL");
                       write(connection->it->info(), out);
                   });
}

a2fb_status A2FB_CALL textOf(a2fb_connection* connection, std::uint32_t kind, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(connection != nullptr && out != nullptr, "connection or out is NULL");
                       require(kind == A2FB_TEXT_ERROR, "a connection has A2FB_TEXT_ERROR only");
                       return connection->it->error(*out) ? A2FB_OK : A2FB_NOTHING;
                   });
}

a2fb_status A2FB_CALL wait(a2fb_connection* connection, std::uint32_t timeoutMs)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(connection != nullptr, "connection is NULL");
                       return connection->it->wait(timeoutMs) ? A2FB_OK : A2FB_NOTHING;
                   });
}

} // namespace

void addConnection(a2fb_api& api)
{
    api.connection_open = open;
    api.connection_close = close;
    api.connection_check = check;
    api.connection_info = info;
    api.connection_text = textOf;
    api.connection_wait = wait;
}

} // namespace a2fbridge::client

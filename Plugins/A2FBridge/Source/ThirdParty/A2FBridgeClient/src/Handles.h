// What the handles of the C interface are.
#pragma once

#include <memory>

#include "Connection.h"
#include "Session.h"

struct a2fb_connection
{
    std::shared_ptr<a2fbridge::client::Connection> it;
};

struct a2fb_session
{
    std::shared_ptr<a2fbridge::client::Connection> connection;
    std::shared_ptr<a2fbridge::client::Session> it;
};

// The table of functions is put together from its parts.
#pragma once

#include "a2fbridge/a2fbridge.h"

namespace a2fbridge::client
{

void addConnection(a2fb_api& api);
void addSession(a2fb_api& api);
void addPlayer(a2fb_api& api);
void addTable(a2fb_api& api);
void addRecording(a2fb_api& api);
void addSound(a2fb_api& api);

} // namespace a2fbridge::client

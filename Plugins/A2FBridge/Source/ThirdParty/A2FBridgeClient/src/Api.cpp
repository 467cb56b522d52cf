#include "Api.h"

#include <string>

#include "A2FBridge/Version.h"
#include "Border.h"
#include "Connection.h"

namespace a2fbridge::client
{

namespace
{

a2fb_str A2FB_CALL libraryVersion()
{
    static const std::string version = std::string(versionText()) + ", gRPC " + transportVersion();
    return str(version);
}

a2fb_str A2FB_CALL statusText(a2fb_status status)
{
    switch (status)
    {
    case A2FB_OK:
        return a2fb_text("ok");
    case A2FB_NOTHING:
        return a2fb_text("nothing");
    case A2FB_WOULD_BLOCK:
        return a2fb_text("would block");
    case A2FB_END:
        return a2fb_text("end");
    case A2FB_E_ARGUMENT:
        return a2fb_text("argument");
    case A2FB_E_STATE:
        return a2fb_text("state");
    case A2FB_E_MEMORY:
        return a2fb_text("memory");
    case A2FB_E_INTERNAL:
        return a2fb_text("internal");
    case A2FB_E_TOO_SMALL:
        return a2fb_text("too small");
    case A2FB_E_FORMAT:
        return a2fb_text("format");
    case A2FB_E_CONVENTION:
        return a2fb_text("convention");
    case A2FB_E_SINK:
        return a2fb_text("sink");
    case A2FB_E_UNAVAILABLE:
        return a2fb_text("unavailable");
    case A2FB_E_AUTHENTICATION:
        return a2fb_text("authentication");
    case A2FB_E_BUSY:
        return a2fb_text("busy");
    case A2FB_E_TIMEOUT:
        return a2fb_text("timeout");
    case A2FB_E_UNSUPPORTED:
        return a2fb_text("unsupported");
    case A2FB_E_PROTOCOL:
        return a2fb_text("protocol");
    case A2FB_E_REFUSED:
        return a2fb_text("refused");
    case A2FB_E_SERVER:
        return a2fb_text("server");
    case A2FB_E_CANCELLED:
        return a2fb_text("cancelled");
    default:
        return a2fb_text("unknown");
    }
}

a2fb_api makeApi()
{
    a2fb_api api{};
    api.struct_size = sizeof api;
    api.version = A2FB_ABI_VERSION;
    api.library_version = libraryVersion;
    api.status_text = statusText;
    addConnection(api);
    addSession(api);
    addPlayer(api);
    addTable(api);
    addRecording(api);
    addSound(api);
    return api;
}

} // namespace

} // namespace a2fbridge::client

const a2fb_api* A2FB_CALL a2fb_get_api(std::uint32_t version)
{
    static const a2fb_api api = a2fbridge::client::makeApi();
    return version == A2FB_ABI_VERSION ? &api : nullptr;
}

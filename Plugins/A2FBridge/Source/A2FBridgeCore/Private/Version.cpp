#include "A2FBridge/Version.h"

namespace a2fbridge
{

const char* versionText()
{
    return "0.1.0"; // tests compare it with the Python package
}

} // namespace a2fbridge

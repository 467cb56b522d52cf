// Version of the core; the same as the Python package's and the plugin's.
#pragma once

#include "A2FBridge/Export.h"

namespace a2fbridge
{

/// Returns "major.minor.patch".
A2FBRIDGECORE_API const char* versionText();

} // namespace a2fbridge

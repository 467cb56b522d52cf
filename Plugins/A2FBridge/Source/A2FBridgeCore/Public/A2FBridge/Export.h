// Export macro of the core. UnrealBuildTool defines A2FBRIDGECORE_API itself; a static library needs nothing.
#pragma once

#ifndef A2FBRIDGECORE_API
#define A2FBRIDGECORE_API
#endif

// The one file that knows Unreal, and only when UnrealBuildTool compiles it: a module needs an entry point, and with it
// comes the engine's operator new, so that memory may cross from one module to another.
#if defined(A2FBRIDGECORE_UNREAL)
#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, A2FBridgeCore)
#endif

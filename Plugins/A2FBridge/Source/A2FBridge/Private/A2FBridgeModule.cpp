#include "Misc/Paths.h"
#include "Modules/ModuleManager.h"

#include "A2FBridgeStats.h"
#include "A2FBridgeText.h"

DEFINE_LOG_CATEGORY(LogA2FBridge);

DEFINE_STAT(STAT_A2FBridgeFace);
DEFINE_STAT(STAT_A2FBridgeApply);
DEFINE_STAT(STAT_A2FBridgeStreams);
DEFINE_STAT(STAT_A2FBridgeBuffered);
DEFINE_STAT(STAT_A2FBridgeUnderruns);

FString A2FBridge::Resolve(const FString& Path, const FString& Folder)
{
	const FString Joined = FPaths::IsRelative(Path) ? FPaths::Combine(Folder, Path) : Path;
	return FPaths::ConvertRelativePathToFull(Joined);
}

IMPLEMENT_MODULE(FDefaultModuleImpl, A2FBridge)

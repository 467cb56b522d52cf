// Recorded sessions through the engine's file system.
#pragma once

#include <memory>

#include "CoreMinimal.h"

#include "A2FBridge/File.h"
#include "A2FBridge/Recording.h"

namespace A2FBridge
{
/** Reads a recording: an absolute path, or one relative to the project's Saved folder, or else to the project. Null, and why, when it cannot be used. */
std::shared_ptr<const a2fbridge::Recording> LoadRecording(const FString& Path, FString& OutError);
/** Opens a new file for a recording; its folder is made. Null, and why. */
std::unique_ptr<a2fbridge::IByteSink> OpenRecording(const FString& File, FString& OutError);
} // namespace A2FBridge

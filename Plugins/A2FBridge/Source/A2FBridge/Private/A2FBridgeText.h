// Text between the engine (UTF-16) and the core (UTF-8), and errors for people.
#pragma once

#include <string>
#include <string_view>

#include "CoreMinimal.h"

#include "A2FBridge/Result.h"

DECLARE_LOG_CATEGORY_EXTERN(LogA2FBridge, Log, All);

namespace A2FBridge
{
inline std::string ToUtf8(const FString& Text)
{
	return std::string(TCHAR_TO_UTF8(*Text));
}

inline FString FromUtf8(std::string_view Text)
{
	return FString(UTF8_TO_TCHAR(std::string(Text).c_str()));
}

inline FName NameFromUtf8(std::string_view Text)
{
	return FName(*FromUtf8(Text));
}

inline FString TextOf(const a2fbridge::Error& Error)
{
	return FromUtf8(Error.text());
}

/** Tells whether a status is good, and fills in why not. */
inline bool Succeeded(const a2fbridge::Status& Status, FString& OutError)
{
	OutError = Status.ok() ? FString() : TextOf(Status.error());
	return Status.ok();
}

/** Absolute path of a path that may be relative to a folder. */
FString Resolve(const FString& Path, const FString& Folder);
} // namespace A2FBridge

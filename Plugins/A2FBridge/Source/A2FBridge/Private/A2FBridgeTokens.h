// Bearer tokens of one user of this machine: two small files outside of any project's own. In the editor and in packaged games.
#pragma once

#include "CoreMinimal.h"

namespace A2FBridge
{
/** Saved/Config/A2FBridgeTokens.ini of the project or game. Editor Preferences write it. */
FString GetSavedTokenFile();
/** A2FBridge/Tokens.ini in the user's settings folder of the system: for all projects and games. */
FString GetUserTokenFile();

/** Reads lines of "Connection=Token"; lines that begin with ; or # are comments. Nothing without the file. */
TMap<FName, FString> LoadTokens(const FString& File);
/** Writes such a file; without tokens it is removed. Returns whether that worked. */
bool SaveTokens(const TMap<FName, FString>& Tokens, const FString& File);

/** The token of a connection in the first of the two files that has one; empty when none has. */
FString FindSavedToken(FName Connection);
} // namespace A2FBridge

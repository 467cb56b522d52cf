// What the subsystem keeps: the client library, open connections, tokens, the local server.
#pragma once

#include <memory>
#include <string>

#include "CoreMinimal.h"

#include "A2FBridgeClientLibrary.h"
#include "A2FBridgeLocalServer.h"
#include "A2FBridgeSubsystem.h"

#include "a2fbridge/a2fbridge.h"

/** One open connection of the client library, and what it was opened for. */
struct FA2FBridgeOpenConnection
{
	FA2FBridgeConnection Options;
	std::string Token;
	std::shared_ptr<a2fb_connection> Handle;
};

/** What the subsystem keeps. */
struct FA2FBridgeSubsystemState
{
	FA2FBridgeClientLibrary Library;
	FA2FBridgeLocalServer Local;
	TMap<FName, FA2FBridgeConnection> Overrides;
	TMap<FName, FString> Tokens;
	TMap<FName, FA2FBridgeSourceFactory> Providers;
	TMap<FName, FA2FBridgeOpenConnection> Open;
	TMap<FName, bool> Asked;

	/** The bearer token of a connection: said at run time, from the environment, from the user's files; empty without one. */
	std::string TokenOf(FName Name, const FA2FBridgeConnection& Connection) const;
	/** Opens a connection, or returns the open one when nothing of it has changed; null, and why, when it cannot. */
	std::shared_ptr<a2fb_connection> Connect(FName Name, const FA2FBridgeConnection& Connection, FString& OutError);
};

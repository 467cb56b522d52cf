// Connections, providers and the local server: one for the whole engine, in the editor as in a game.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "Containers/Ticker.h"
#include "Subsystems/EngineSubsystem.h"
#include "Templates/PimplPtr.h"

#include "A2FBridgeConnection.h"
#include "A2FBridgeStreamSettings.h"

#include "A2FBridgeSubsystem.generated.h"

struct FA2FBridgeSubsystemState;

namespace a2fbridge
{
class IFrameSource;
}

/** Makes the source of one stream, or says why not. For providers of your own, see RegisterProvider. */
using FA2FBridgeSourceFactory = TFunction<std::unique_ptr<a2fbridge::IFrameSource>(
	const FA2FBridgeConnection& Connection, const FA2FBridgeStreamSettings& Settings, FString& OutError)>;

/** Keeps what outlives faces: connections and their tokens, the client library, the local server. Game thread. Blueprint reaches it through the nodes of A2FBridge. */
UCLASS()
class A2FBRIDGE_API UA2FBridgeSubsystem : public UEngineSubsystem
{
	GENERATED_BODY()

public:
	/** The subsystem; null before the engine is there. */
	static UA2FBridgeSubsystem* Get();

	//~ Begin USubsystem
	virtual void Initialize(FSubsystemCollectionBase& Collection) override;
	virtual void Deinitialize() override;
	//~ End USubsystem

	/** Sets a connection, beside or over those of the settings. Acts from the next stream on. */
	void SetConnection(FName Name, const FA2FBridgeConnection& Connection);
	/** Forgets what SetConnection and SetToken said. */
	void ResetConnection(FName Name);
	/** Returns a connection; false when there is none of that name. */
	bool FindConnection(FName Name, FA2FBridgeConnection& OutConnection) const;
	/** Names of all connections. */
	TArray<FName> GetConnectionNames() const;
	/** Sets the bearer token of a connection until the engine ends. It is saved nowhere and logged nowhere. */
	void SetToken(FName Name, const FString& Token);
	/** What is known of a connection; asks nobody. */
	FA2FBridgeConnectionStatus GetStatus(FName Name);
	/** Starts a local server, connects, and asks for health, in the background. */
	void Prewarm(FName Name);

	/** Opens the source of one stream; null, and why, when that cannot be. */
	std::unique_ptr<a2fbridge::IFrameSource> OpenSource(const FA2FBridgeStreamSettings& Settings, FString& OutError);
	/** Adds a provider under a connection name of its own. */
	void RegisterProvider(FName ConnectionName, FA2FBridgeSourceFactory Factory);
	/** Takes it away. */
	void UnregisterProvider(FName ConnectionName);

	/** Version of the client library; empty, and why, when there is none. */
	FString GetClientVersion(FString& OutProblem);
	/** Last lines of the local server. */
	TArray<FString> GetLocalServerLog() const;
	/** Stops the local server; streams on it fail. */
	void StopLocalServer();

	/** Reads the local server. Called every frame by the engine; call it yourself only in a loop that holds the engine up. */
	bool Tick(float DeltaSeconds);

private:
	TPimplPtr<FA2FBridgeSubsystemState> State;
	FTSTicker::FDelegateHandle Ticker;
};

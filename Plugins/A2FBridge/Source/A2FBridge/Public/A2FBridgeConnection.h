// A named connection: which provider, which server, which of its models. Tokens are never part of it.
#pragma once

#include "CoreMinimal.h"

#include "A2FBridgeTypes.h"

#include "A2FBridgeConnection.generated.h"

/** What is known of a connection. */
UENUM(BlueprintType)
enum class EA2FBridgeConnectionState : uint8
{
	/** Nobody asked yet. */
	Unknown,
	/** It cannot be used on this machine; the text says what is missing and how to get it. */
	Unavailable,
	/** A local server is starting. */
	Starting,
	/** Being connected or asked. */
	Checking,
	/** It answers and takes streams. */
	Ready,
	/** It answers, but takes no streams: loading or shutting down. */
	NotServing,
	/** The last attempt failed; the text says why. */
	Failed
};

/** What one connection is. Changes act from the next stream on. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeConnection
{
	GENERATED_BODY()

	/** Where frames come from. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	EA2FBridgeProvider Provider = EA2FBridgeProvider::Remote;

	/** Remote: HOST:PORT of the server, such as "localhost:52000"; an IPv6 host in brackets. "https://" in front means TLS. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection",
		meta = (EditCondition = "Provider == EA2FBridgeProvider::Remote"))
	FString Target = TEXT("localhost:52000");

	/** Remote: encrypt. Needed wherever a token is sent over a network. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	bool bUseTls = false;

	/** Remote: PEM file with the certificate authorities to trust, absolute or relative to the project; empty: those of the system. */
	UPROPERTY(
		EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection", meta = (EditCondition = "bUseTls"))
	FString RootCertificateFile;

	/** Remote: PEM file with this client's certificate chain, for servers that ask for one. */
	UPROPERTY(
		EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection", meta = (EditCondition = "bUseTls"))
	FString ClientCertificateFile;

	/** Remote: PEM file with the key of that certificate. Keep it out of the project's repository. */
	UPROPERTY(
		EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection", meta = (EditCondition = "bUseTls"))
	FString ClientKeyFile;

	/** Remote: name to expect in the server's certificate, where it is not the host's. */
	UPROPERTY(
		EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection", meta = (EditCondition = "bUseTls"))
	FString ServerName;

	/** Remote: id of an NVIDIA Cloud Function; sent as function-id. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	FString NvcfFunctionId;

	/** Remote: version of that function; sent as function-version-id. Empty: the newest. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	FString NvcfFunctionVersion;

	/** Remote: environment variable that holds the bearer token, where no token was set at run time or in the user's settings. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	FString TokenVariable = TEXT("A2FBRIDGE_TOKEN");

	/** Remote: further request metadata, names in lower case. No secrets: this is saved in the project. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection")
	TMap<FString, FString> Metadata;

	/** Model pack of the server; empty: its first. A plain NIM refuses this and the next three. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Model")
	FString Pack;

	/** Identity within the pack; empty: its first. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Model")
	FString Identity;

	/** Solver, "bvls" or "admm"; empty: the server's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Model")
	FString Solver;

	/** Frames per second, numerator and denominator ((60, 1), (30000, 1001)); (0, 0): the server's, which is 30 for a NIM. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Model")
	FIntPoint FrameRate = FIntPoint(0, 0);

	/** How fast sound is sent. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection")
	EA2FBridgePacing Pacing = EA2FBridgePacing::Default;

	/** With Pacing Real Time: how many seconds of sound are sent at once, and how far the sending stays ahead from then on. Less is less work that may be thrown away; below half a second, playback waits for frames. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "A2FBridge|Connection",
		meta = (EditCondition = "Pacing == EA2FBridgePacing::RealTime", ClampMin = "0.1", ClampMax = "10", Units = "s"))
	float Lead = 1.0f;

	/** Longest time to reach the server, in seconds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection",
		meta = (ClampMin = "0.1", ClampMax = "120", Units = "s"))
	float ConnectTimeout = 5.0f;

	/** Longest silence of a server that owes an answer, in seconds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, AdvancedDisplay, Category = "A2FBridge|Connection",
		meta = (ClampMin = "1", ClampMax = "600", Units = "s"))
	float IdleTimeout = 30.0f;

	/** Compares everything that a new connection to the server would be needed for. */
	bool SameServer(const FA2FBridgeConnection& Other) const;
};

/** What is known of a connection now. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeConnectionStatus
{
	GENERATED_BODY()

	/** Name of the connection. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Connection")
	FName Name;

	/** State. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Connection")
	EA2FBridgeConnectionState State = EA2FBridgeConnectionState::Unknown;

	/** For people: what is wrong and what would help; empty when all is well. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Connection")
	FString Text;

	/** Address in use: that of the settings, or the port that the local server was given. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Connection")
	FString Target;

	/** Open streams. */
	UPROPERTY(BlueprintReadOnly, Category = "A2FBridge|Connection")
	int32 Streams = 0;
};

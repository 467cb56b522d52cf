// Project settings (Project Settings > Plugins > A2FBridge) and the user's own, where tokens may lie.
#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"

#include "A2FBridgeConnection.h"

#include "A2FBridgeSettings.generated.h"

class UA2FBridgeMappingTable;

/** How the Live Link subjects of faces are spelled. */
UENUM(BlueprintType)
enum class EA2FBridgeLiveLinkCurves : uint8
{
	/** 52 ARKit shapes as the Live Link Face app sends them, in Apple's convention; stock MetaHumans take them. */
	ARKit,
	/** The curves of the face's mapping table, such as CTRL_expressions_jawOpen. */
	MappingTable
};

/** Settings of the project, saved in DefaultGame.ini. */
UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "A2FBridge"))
class A2FBRIDGE_API UA2FBridgeSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	/** Fills in the connections that there are without any setting: Default, Local, Mock. */
	UA2FBridgeSettings();

	/** Connections by name. "Default" is used where none is named. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Connections")
	TMap<FName, FA2FBridgeConnection> Connections;

	/** Mapping table of faces that name none; empty: the shipped table below. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Faces")
	TSoftObjectPtr<UA2FBridgeMappingTable> DefaultMappingTable;

	/** Name of the shipped table used where there is no asset: mh4 (MetaHumans of 5.6 and later), mh3, arkit, cc4, vrm, vrm_perfect_sync. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Faces")
	FString ShippedTable = TEXT("mh4");

	/** How far ahead of the sound frames must lie before playback starts, in seconds: more is safer, less is quicker. */
	UPROPERTY(
		Config, EditAnywhere, BlueprintReadOnly, Category = "Playback", meta = (ClampMin = "0", ClampMax = "5", Units = "s"))
	float BufferLength = 0.1f;

	/** Added to the position that is heard, in seconds: above 0 the face is earlier. For devices whose latency the engine does not know. */
	UPROPERTY(
		Config, EditAnywhere, BlueprintReadOnly, Category = "Playback", meta = (ClampMin = "-1", ClampMax = "1", Units = "s"))
	float AudioOffset = 0.0f;

	/** Most seconds of sound that one tick hands to a stream; bounds the work of a frame. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, AdvancedDisplay, Category = "Playback",
		meta = (ClampMin = "0.1", ClampMax = "60", Units = "s"))
	float SendPerTick = 2.0f;

	/** Seconds between two Progress events of a latent node. */
	UPROPERTY(
		Config, EditAnywhere, BlueprintReadOnly, Category = "Playback", meta = (ClampMin = "0", ClampMax = "10", Units = "s"))
	float ProgressInterval = 0.1f;

	/** Spelling of Live Link subjects. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Live Link")
	EA2FBridgeLiveLinkCurves LiveLinkCurves = EA2FBridgeLiveLinkCurves::ARKit;

	/** Local provider: folder of the Python environment that holds a2fbridge, absolute or relative to the project. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Local server")
	FString LocalEnvironment = TEXT("Saved/A2FBridge/Environment");

	/** Local provider: further arguments of `a2fbridge serve`, such as "--pack C:/packs/mark". */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Local server")
	FString LocalArguments;

	/** What the editor's button installs into that environment: a pip requirement, or the path of a wheel or of this repository. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Local server")
	FString LocalPackage = TEXT("a2fbridge[studio]");

	/** Longest time that the local server may take to start, in seconds. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, AdvancedDisplay, Category = "Local server",
		meta = (ClampMin = "1", ClampMax = "600", Units = "s"))
	float LocalStartTimeout = 60.0f;

	/** Where the settings stand in the editor. */
	virtual FName GetCategoryName() const override;
};

/** Settings of one user, saved per project under Saved/, never in the project's own files. */
UCLASS(Config = EditorPerProjectUserSettings, meta = (DisplayName = "A2FBridge (user)"))
class A2FBRIDGE_API UA2FBridgeUserSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	/** Bearer tokens by name of the connection. No setting that an ini file of the project could hold: they are kept in Saved/Config/A2FBridgeTokens.ini alone. */
	UPROPERTY(Transient, EditAnywhere, Category = "Tokens", meta = (PasswordField = true))
	TMap<FName, FString> Tokens;

	/** Python that makes the local environment, 3.11 or newer; empty: python3 (or py) of the system. */
	UPROPERTY(Config, EditAnywhere, Category = "Local server")
	FString Python;

	/** Where the settings stand in the editor. */
	virtual FName GetCategoryName() const override;

	//~ Begin UObject
	virtual void PostInitProperties() override;
#if WITH_EDITOR
	virtual void PostEditChangeProperty(FPropertyChangedEvent& PropertyChangedEvent) override;
#endif
	//~ End UObject
};

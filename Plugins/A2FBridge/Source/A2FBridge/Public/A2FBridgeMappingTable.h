// A mapping table as an asset: the YAML text, what it needs, and the compiled table.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "Engine/DataAsset.h"

#include "A2FBridgeMappingTable.generated.h"

class UA2FBridgeMappingTable;
class UAssetImportData;

namespace a2fbridge
{
class MappingTable;
}

/** One YAML document of a table: itself, a base that it extends, or a target profile. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeTableDocument
{
	GENERATED_BODY()

	/** Its file, or its name when it ships. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, Category = "Mapping")
	FString Path;

	/** "table" or "profile", and the name under which another document asks for it. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, Category = "Mapping")
	FString Key;

	/** The text. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, Category = "Mapping", meta = (MultiLine = true))
	FString Text;
};

/** What is wrong, or probably not meant, with a table. */
USTRUCT(BlueprintType)
struct A2FBRIDGE_API FA2FBridgeTableProblem
{
	GENERATED_BODY()

	/** Whether it stops the table from working; otherwise it is a warning. */
	UPROPERTY(BlueprintReadOnly, Category = "Mapping")
	bool bIsError = false;

	/** File. */
	UPROPERTY(BlueprintReadOnly, Category = "Mapping")
	FString Path;

	/** Line from 1; 0: none. */
	UPROPERTY(BlueprintReadOnly, Category = "Mapping")
	int32 Line = 0;

	/** Column from 1; 0: none. */
	UPROPERTY(BlueprintReadOnly, Category = "Mapping")
	int32 Column = 0;

	/** What is wrong and what would be right, with the nearest name where one is misspelt. */
	UPROPERTY(BlueprintReadOnly, Category = "Mapping")
	FString Message;

	/** "file:line:column: message". */
	FString ToText() const;
};

/** Told when a table was imported anew or its parameters changed; faces that use it take it up while they play. */
DECLARE_MULTICAST_DELEGATE_OneParam(FA2FBridgeTableChanged, UA2FBridgeMappingTable*);

/** A mapping table: Audio2Face weights in, curves of a rig out (docs/mapping.md). Import a .yaml file to make one. */
UCLASS(BlueprintType)
class A2FBRIDGE_API UA2FBridgeMappingTable : public UDataAsset
{
	GENERATED_BODY()

public:
	/** Values for the table's params; those left out keep the numbers of the file. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Mapping")
	TMap<FName, float> Parameters;

	/** The table's text and everything that it extends or names, so that a packaged game needs no files. The first is the table itself. */
	UPROPERTY(VisibleAnywhere, BlueprintReadOnly, AdvancedDisplay, Category = "Mapping")
	TArray<FA2FBridgeTableDocument> Documents;

#if WITH_EDITORONLY_DATA
	/** Where it was imported from. */
	UPROPERTY(VisibleAnywhere, Instanced, Category = "ImportSettings")
	TObjectPtr<UAssetImportData> AssetImportData;
#endif

	/** Returns a table that ships with the plugin, by name (mh4, mh3, arkit, cc4, vrm, vrm_perfect_sync); made once and kept. Returns nothing, and why, when there is none of that name. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Mapping")
	static UA2FBridgeMappingTable* LoadShippedTable(const FString& Name, FString& Error);

	/** Names of the tables that ship. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	static TArray<FString> GetShippedTables();

	/** Curves that the table drives, with prefix. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	TArray<FName> GetTargets() const;

	/** Blend shapes that the table knows. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	TArray<FName> GetSources() const;

	/** Parameters of the file and the values in force. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	TMap<FName, float> GetParameters() const;

	/** Curves that a single blend shape drives when it alone is 1, with their values: a look into the table. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	TMap<FName, float> GetCurvesOf(FName BlendShape) const;

	/** Why the table does not work; empty when it does. */
	UFUNCTION(BlueprintPure, Category = "A2FBridge|Mapping")
	FString GetProblem() const;

	/** Sets a parameter and tells the faces that play. */
	UFUNCTION(BlueprintCallable, Category = "A2FBridge|Mapping")
	void SetParameter(FName Parameter, float Value, bool& bSucceeded, FString& Error);

	/** Replaces the text by that of a file or of a text, with everything that it needs. Returns what is wrong and what is probably not meant; when something is wrong, the table stays as it was. */
	TArray<FA2FBridgeTableProblem> SetText(const FString& Path, const FString& Text);

	/** The compiled table; null when it does not compile. Immutable, any thread may keep it. Game thread. */
	std::shared_ptr<const a2fbridge::MappingTable> GetTable() const;

	/** Told after every change. */
	static FA2FBridgeTableChanged& OnChanged();

	//~ Begin UObject
	virtual void PostLoad() override;
#if WITH_EDITOR
	virtual void PostEditChangeProperty(FPropertyChangedEvent& PropertyChangedEvent) override;
#endif
	//~ End UObject

private:
	void Compile() const;

	mutable std::shared_ptr<const a2fbridge::MappingTable> Table;
	mutable FString Problem;
	mutable bool bCompiled = false;
};

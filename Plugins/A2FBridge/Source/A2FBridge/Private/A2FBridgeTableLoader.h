// Finds the documents that a table names: in an asset, among the shipped ones, or beside the table's file.
#pragma once

#include "CoreMinimal.h"

#include "A2FBridge/MappingTable.h"
#include "A2FBridgeMappingTable.h"

/** A loader for the core's tables. With documents it looks there first; otherwise it reads files, and notes what it read. */
class FA2FBridgeTableLoader final : public a2fbridge::ITableLoader
{
public:
	/** Looks in these documents first. */
	explicit FA2FBridgeTableLoader(TArray<FA2FBridgeTableDocument> InKnown = {}) : Known(MoveTemp(InKnown)) {}

	virtual a2fbridge::Result<a2fbridge::TableText> table(
		std::string_view Name, std::string_view FromPath, std::string_view RootPath) override;
	virtual a2fbridge::Result<a2fbridge::TableText> profile(std::string_view Name) override;
	virtual std::vector<std::string> tableNames() const override;
	virtual std::vector<std::string> profileNames() const override;

	/** Documents that were asked for, in the order in which they were. */
	const TArray<FA2FBridgeTableDocument>& GetUsed() const { return Used; }

	/** Folder of the shipped tables. */
	static FString ShippedFolder();
	/** File of a shipped table, or nothing. */
	static FString ShippedFile(const FString& Name);

private:
	a2fbridge::Result<a2fbridge::TableText> Read(const FString& Key, const FString& File, const FString& What, bool bShipped);

	TArray<FA2FBridgeTableDocument> Known;
	TArray<FA2FBridgeTableDocument> Used;
};

// Where an asset was imported from.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Engine/UAssetImportData
class UAssetImportData : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("AssetImportData"), UObject::StaticClass(), [](UObject* Outer) -> UObject* { return ShimMake<UAssetImportData>(Outer); });
		return &Class;
	}
	void Update(const FString& AbsoluteFilename) { Files = {AbsoluteFilename}; }
	void UpdateFilenameOnly(const FString& InPath) { Files = {InPath}; }
	void ExtractFilenames(TArray<FString>& AbsoluteFilenames) const { AbsoluteFilenames.Append(Files); }
	FString GetFirstFilename() const { return Files.Num() > 0 ? Files[0] : FString(); }

private:
	TArray<FString> Files;
};

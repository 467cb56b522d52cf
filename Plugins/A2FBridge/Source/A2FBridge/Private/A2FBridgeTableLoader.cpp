#include "A2FBridgeTableLoader.h"

#include "HAL/FileManager.h"
#include "Interfaces/IPluginManager.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "A2FBridgeText.h"

namespace
{
constexpr int64 MaxDocument = 1 << 20; // docs/mapping.md: "size"

/** Names of the YAML files under the shipped folder: profiles, or everything else. */
TArray<FString> FilesOf(bool bProfiles)
{
	TArray<FString> Files;
	IFileManager::Get().FindFilesRecursive(Files, *FA2FBridgeTableLoader::ShippedFolder(), TEXT("*.yaml"), true, false);
	return Files.FilterByPredicate([bProfiles](const FString& File)
		{ return FPaths::GetCleanFilename(FPaths::GetPath(File)) == TEXT("profiles") ? bProfiles : !bProfiles; });
}

FString FileOf(const FString& Name, bool bProfiles)
{
	for (const FString& File : FilesOf(bProfiles))
	{
		if (FPaths::GetBaseFilename(File) == Name)
		{
			return File;
		}
	}
	return FString();
}

std::vector<std::string> NamesOf(bool bProfiles)
{
	std::vector<std::string> Names;
	for (const FString& File : FilesOf(bProfiles))
	{
		Names.push_back(A2FBridge::ToUtf8(FPaths::GetBaseFilename(File)));
	}
	return Names;
}
} // namespace

FString FA2FBridgeTableLoader::ShippedFolder()
{
	const TSharedPtr<IPlugin> Plugin = IPluginManager::Get().FindPlugin(TEXT("A2FBridge"));
	return Plugin.IsValid() ? FPaths::Combine(Plugin->GetBaseDir(), TEXT("Mappings")) : FString();
}

FString FA2FBridgeTableLoader::ShippedFile(const FString& Name)
{
	return FileOf(Name, false);
}

a2fbridge::Result<a2fbridge::TableText> FA2FBridgeTableLoader::table(
	std::string_view Name, std::string_view FromPath, std::string_view RootPath)
{
	const FString Wanted = A2FBridge::FromUtf8(Name);
	const FString Shipped = ShippedFile(Wanted);
	if (!Shipped.IsEmpty())
	{
		return Read(TEXT("table:") + Wanted, Shipped, Wanted, true);
	}
	// Not a shipped one: a file beside the table that names it, within the folder of the table that was asked for.
	const FString Folder = FPaths::GetPath(A2FBridge::FromUtf8(RootPath));
	FString File = FPaths::ConvertRelativePathToFull(FPaths::GetPath(A2FBridge::FromUtf8(FromPath)), Wanted);
	FPaths::CollapseRelativeDirectories(File);
	if (!FPaths::IsUnderDirectory(File, Folder))
	{
		return a2fbridge::makeError(
			a2fbridge::ErrorCode::InvalidArgument, "a base table must lie in the folder of the table that extends it");
	}
	return Read(TEXT("table:") + Wanted, File, Wanted, false);
}

a2fbridge::Result<a2fbridge::TableText> FA2FBridgeTableLoader::profile(std::string_view Name)
{
	const FString Wanted = A2FBridge::FromUtf8(Name);
	return Read(TEXT("profile:") + Wanted, FileOf(Wanted, true), Wanted, true);
}

std::vector<std::string> FA2FBridgeTableLoader::tableNames() const
{
	return NamesOf(false);
}

std::vector<std::string> FA2FBridgeTableLoader::profileNames() const
{
	return NamesOf(true);
}

a2fbridge::Result<a2fbridge::TableText> FA2FBridgeTableLoader::Read(
	const FString& Key, const FString& File, const FString& What, bool bShipped)
{
	const FA2FBridgeTableDocument* Document =
		Known.FindByPredicate([&Key](const FA2FBridgeTableDocument& Entry) { return Entry.Key == Key; });
	FA2FBridgeTableDocument Read;
	if (Document == nullptr)
	{
		Read.Path = File;
		Read.Key = Key;
		const bool bFits = !File.IsEmpty() && IFileManager::Get().FileSize(*File) <= MaxDocument;
		if (!bFits || !FFileHelper::LoadFileToString(Read.Text, *File))
		{
			return a2fbridge::makeError(
				a2fbridge::ErrorCode::NotFound, A2FBridge::ToUtf8(FString::Printf(TEXT("there is no '%s'"), *What)));
		}
		Document = &Read;
	}
	Used.Add(*Document);
	return a2fbridge::TableText{A2FBridge::ToUtf8(Document->Path), A2FBridge::ToUtf8(Document->Text), bShipped};
}

#include "A2FBridgeEditorLibrary.h"

#include "AssetRegistry/AssetRegistryModule.h"
#include "DesktopPlatformModule.h"
#include "EditorDirectories.h"
#include "Framework/Application/SlateApplication.h"
#include "IDesktopPlatform.h"
#include "LiveLinkPreset.h"
#include "Misc/PackageName.h"
#include "Misc/Paths.h"
#include "UObject/Package.h"

#include "A2FBridgeLiveLinkSource.h"

namespace
{
/** The platform's dialogs; null in a commandlet. */
IDesktopPlatform* Dialogs()
{
	return FSlateApplication::IsInitialized() ? FDesktopPlatformModule::Get() : nullptr;
}

const void* ParentWindow()
{
	return FSlateApplication::Get().FindBestParentWindowHandleForDialogs(nullptr);
}

FString LastFolder()
{
	return FEditorDirectories::Get().GetLastDirectory(ELastDirectory::GENERIC_IMPORT);
}

void RememberFolder(const FString& Folder)
{
	FEditorDirectories::Get().SetLastDirectory(ELastDirectory::GENERIC_IMPORT, Folder);
}
} // namespace

TArray<FString> UA2FBridgeEditorLibrary::ChooseFiles(const FString& Title, const FString& FileTypes)
{
	TArray<FString> Files;
	IDesktopPlatform* Platform = Dialogs();
	if (Platform == nullptr ||
		!Platform->OpenFileDialog(ParentWindow(), Title, LastFolder(), FString(), FileTypes, EFileDialogFlags::Multiple, Files))
	{
		return {};
	}
	for (FString& File : Files)
	{
		File = FPaths::ConvertRelativePathToFull(File);
		RememberFolder(FPaths::GetPath(File));
	}
	return Files;
}

FString UA2FBridgeEditorLibrary::ChooseFolder(const FString& Title)
{
	FString Folder;
	IDesktopPlatform* Platform = Dialogs();
	if (Platform == nullptr || !Platform->OpenDirectoryDialog(ParentWindow(), Title, LastFolder(), Folder))
	{
		return FString();
	}
	RememberFolder(Folder);
	return FPaths::ConvertRelativePathToFull(Folder);
}

UObject* UA2FBridgeEditorLibrary::MakeLiveLinkPreset(const FString& AssetPath, FString& Error)
{
	Error.Reset();
	if (!FPackageName::IsValidLongPackageName(AssetPath))
	{
		Error = FString::Printf(TEXT("'%s' is no asset path such as /Game/LiveLink/Faces"), *AssetPath);
		return nullptr;
	}
	if (!FA2FBridgeLiveLinkSource::FindOrAdd().IsValid())
	{
		Error = TEXT("the Live Link plugin is not enabled");
		return nullptr;
	}
	const FString Name = FPackageName::GetLongPackageAssetName(AssetPath);
	UPackage* Package = CreatePackage(*AssetPath);
	Package->FullyLoad();
	ULiveLinkPreset* Preset = FindObject<ULiveLinkPreset>(Package, *Name);
	if (Preset == nullptr)
	{
		Preset = NewObject<ULiveLinkPreset>(Package, FName(*Name), RF_Public | RF_Standalone);
		FAssetRegistryModule::AssetCreated(Preset);
	}
	Preset->BuildFromClient();
	Preset->MarkPackageDirty();
	return Preset;
}

#include "A2FBridgeClientLibrary.h"

#include "HAL/PlatformProcess.h"
#include "Interfaces/IPluginManager.h"
#include "Misc/CommandLine.h"
#include "Misc/Parse.h"
#include "Misc/Paths.h"

#include "A2FBridgeText.h"

FString FA2FBridgeClientLibrary::GetFile()
{
	FString Named;
	if (FParse::Value(FCommandLine::Get(), TEXT("A2FBridgeClient="), Named))
	{
		return Named;
	}
	const TSharedPtr<IPlugin> Plugin = IPluginManager::Get().FindPlugin(TEXT("A2FBridge"));
	const FString Folder = Plugin.IsValid() ? FPaths::Combine(Plugin->GetBaseDir(), TEXT("Binaries/ThirdParty")) : FString();
#if PLATFORM_WINDOWS
	return FPaths::ConvertRelativePathToFull(FPaths::Combine(Folder, TEXT("Win64/a2fbridge_client.dll")));
#elif PLATFORM_MAC
	return FPaths::ConvertRelativePathToFull(FPaths::Combine(Folder, TEXT("Mac/liba2fbridge_client.dylib")));
#else
	return FPaths::ConvertRelativePathToFull(FPaths::Combine(Folder, TEXT("Linux/liba2fbridge_client.so")));
#endif
}

const a2fb_api* FA2FBridgeClientLibrary::Get()
{
	if (bTried)
	{
		return Api;
	}
	bTried = true;
	const FString File = GetFile();
	if (!FPaths::FileExists(File))
	{
		Problem = FString::Printf(
			TEXT(
				"the client library %s is missing, so servers cannot be reached; recorded sessions, mapping, baking of recordings and Live Link work. Download the plugin archive of a release, or build it: docs/native.md"),
			*File);
		return nullptr;
	}
	void* Handle = FPlatformProcess::GetDllHandle(*File);
	void* Entry = Handle != nullptr ? FPlatformProcess::GetDllExport(Handle, TEXT(A2FB_GET_API_NAME)) : nullptr;
	if (Entry == nullptr)
	{
		Problem = FString::Printf(
			TEXT(
				"the client library %s cannot be loaded: it is damaged, for another platform, or a library that it needs is missing"),
			*File);
		return nullptr;
	}
	Api = reinterpret_cast<a2fb_get_api_function>(Entry)(A2FB_ABI_VERSION);
	if (Api == nullptr)
	{
		Problem = FString::Printf(
			TEXT("the client library %s does not have version %u of the interface; take the one that came with this plugin"),
			*File, A2FB_ABI_VERSION);
		return nullptr;
	}
	UE_LOG(LogA2FBridge, Log, TEXT("Client library %s, version %s"), *File, *GetVersion());
	return Api;
}

FString FA2FBridgeClientLibrary::GetVersion() const
{
	if (Api == nullptr)
	{
		return FString();
	}
	const a2fb_str Text = Api->library_version();
	return A2FBridge::FromUtf8(std::string_view(Text.data, Text.size));
}

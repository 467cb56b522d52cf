#include "A2FBridgeTokens.h"

#include "HAL/FileManager.h"
#include "HAL/PlatformProcess.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

FString A2FBridge::GetSavedTokenFile()
{
	return FPaths::Combine(FPaths::ProjectSavedDir(), TEXT("Config/A2FBridgeTokens.ini"));
}

FString A2FBridge::GetUserTokenFile()
{
	return FPaths::Combine(FPlatformProcess::UserSettingsDir(), TEXT("A2FBridge/Tokens.ini"));
}

TMap<FName, FString> A2FBridge::LoadTokens(const FString& File)
{
	TMap<FName, FString> Tokens;
	TArray<FString> Lines;
	if (FPaths::FileExists(File) && FFileHelper::LoadFileToStringArray(Lines, *File))
	{
		for (const FString& Line : Lines)
		{
			FString Name;
			FString Token;
			if (!Line.StartsWith(TEXT(";")) && !Line.StartsWith(TEXT("#")) && Line.Split(TEXT("="), &Name, &Token))
			{
				Tokens.Add(FName(*Name.TrimStartAndEnd()), Token.TrimStartAndEnd());
			}
		}
	}
	return Tokens;
}

bool A2FBridge::SaveTokens(const TMap<FName, FString>& Tokens, const FString& File)
{
	if (Tokens.IsEmpty())
	{
		return !FPaths::FileExists(File) || IFileManager::Get().Delete(*File);
	}
	FString Text = TEXT("; Bearer tokens of A2FBridge. This file is yours alone: do not share it.\n");
	for (const TPair<FName, FString>& Entry : Tokens)
	{
		Text += FString::Printf(TEXT("%s=%s\n"), *Entry.Key.ToString(), *Entry.Value);
	}
	return FFileHelper::SaveStringToFile(Text, *File);
}

FString A2FBridge::FindSavedToken(FName Connection)
{
	for (const FString& File : {GetSavedTokenFile(), GetUserTokenFile()})
	{
		const TMap<FName, FString> Tokens = LoadTokens(File);
		if (const FString* Token = Tokens.Find(Connection); Token != nullptr && !Token->IsEmpty())
		{
			return *Token;
		}
	}
	return FString();
}

#include "A2FBridgeLibrary.h"

#include "GameFramework/Actor.h"
#include "Interfaces/IPluginManager.h"
#include "Misc/Paths.h"

#include "A2FBridge/Names.h"
#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"

namespace
{
UA2FBridgeFaceComponent* FaceOf(const AActor* Character, FString* OutError = nullptr)
{
	UA2FBridgeFaceComponent* Face = Character != nullptr ? Character->FindComponentByClass<UA2FBridgeFaceComponent>() : nullptr;
	if (Face == nullptr && OutError != nullptr)
	{
		*OutError = TEXT("the character has no A2FBridge face component");
	}
	return Face;
}
} // namespace

bool UA2FBridgeLibrary::StopCharacter(AActor* Character)
{
	UA2FBridgeFaceComponent* Face = FaceOf(Character);
	if (Face != nullptr)
	{
		Face->StopSpeaking();
	}
	return Face != nullptr;
}

bool UA2FBridgeLibrary::PauseCharacter(AActor* Character, bool bPause)
{
	UA2FBridgeFaceComponent* Face = FaceOf(Character);
	if (Face != nullptr)
	{
		Face->SetPaused(bPause);
	}
	return Face != nullptr;
}

void UA2FBridgeLibrary::SeekCharacter(AActor* Character, float Seconds, bool& bSucceeded, FString& Error)
{
	bSucceeded = false;
	if (UA2FBridgeFaceComponent* Face = FaceOf(Character, &Error))
	{
		Face->SeekTo(Seconds, bSucceeded, Error);
	}
}

void UA2FBridgeLibrary::RecordSession(AActor* Character, const FString& Path, bool& bSucceeded, FString& Error)
{
	bSucceeded = false;
	if (UA2FBridgeFaceComponent* Face = UA2FBridgeFaceComponent::FindOrAdd(Character))
	{
		Face->RecordSession(Path, bSucceeded, Error);
		return;
	}
	Error = TEXT("there is no character");
}

void UA2FBridgeLibrary::StopRecordingSession(AActor* Character, bool& bSucceeded, FString& Error)
{
	bSucceeded = false;
	if (UA2FBridgeFaceComponent* Face = FaceOf(Character, &Error))
	{
		Face->StopRecordingSession(bSucceeded, Error);
	}
}

UA2FBridgeFaceComponent* UA2FBridgeLibrary::GetFace(AActor* Character)
{
	return UA2FBridgeFaceComponent::FindOrAdd(Character);
}

void UA2FBridgeLibrary::SetConnection(FName Name, const FA2FBridgeConnection& Connection)
{
	if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
	{
		Subsystem->SetConnection(Name, Connection);
	}
}

void UA2FBridgeLibrary::ResetConnection(FName Name)
{
	if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
	{
		Subsystem->ResetConnection(Name);
	}
}

bool UA2FBridgeLibrary::GetConnection(FName Name, FA2FBridgeConnection& Connection)
{
	const UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	return Subsystem != nullptr && Subsystem->FindConnection(Name, Connection);
}

TArray<FName> UA2FBridgeLibrary::GetConnectionNames()
{
	const UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	return Subsystem != nullptr ? Subsystem->GetConnectionNames() : TArray<FName>();
}

void UA2FBridgeLibrary::SetConnectionToken(FName Name, const FString& Token)
{
	if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
	{
		Subsystem->SetToken(Name, Token);
	}
}

FA2FBridgeConnectionStatus UA2FBridgeLibrary::GetConnectionStatus(FName Name)
{
	UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	return Subsystem != nullptr ? Subsystem->GetStatus(Name) : FA2FBridgeConnectionStatus();
}

void UA2FBridgeLibrary::PreWarm(FName Name)
{
	if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
	{
		Subsystem->Prewarm(Name);
	}
}

void UA2FBridgeLibrary::StopLocalServer()
{
	if (UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get())
	{
		Subsystem->StopLocalServer();
	}
}

TArray<FString> UA2FBridgeLibrary::GetLocalServerLog()
{
	const UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	return Subsystem != nullptr ? Subsystem->GetLocalServerLog() : TArray<FString>();
}

TMap<FString, float> UA2FBridgeLibrary::GetDefaultFaceParameters()
{
	return FA2FBridgeFaceParameters::Defaults();
}

FA2FBridgeFaceParameters UA2FBridgeLibrary::MakeFaceParametersFromMap(
	const TMap<FString, float>& Values, TArray<FString>& Unknown)
{
	FA2FBridgeFaceParameters Parameters;
	Unknown = Parameters.FromWire(Values);
	return Parameters;
}

TMap<FName, float> UA2FBridgeLibrary::GetDefaultBlendShapeMap(float Value)
{
	TMap<FName, float> Result;
	for (const std::string_view Name : a2fbridge::faceNames())
	{
		Result.Add(A2FBridge::NameFromUtf8(Name), Value);
	}
	return Result;
}

FString UA2FBridgeLibrary::GetPluginFolder()
{
	const TSharedPtr<IPlugin> Plugin = IPluginManager::Get().FindPlugin(TEXT("A2FBridge"));
	return Plugin.IsValid() ? FPaths::ConvertRelativePathToFull(Plugin->GetBaseDir()) : FString();
}

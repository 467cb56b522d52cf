// Console commands: A2FBridge.Status, .Check, .Record, .StopRecording, .Dump, .Play, .Stop, .ServerLog.
#include "Engine/World.h"
#include "EngineUtils.h"
#include "GameFramework/Actor.h"
#include "HAL/IConsoleManager.h"
#include "Misc/DateTime.h"
#include "Misc/FileHelper.h"
#include "Misc/OutputDevice.h"
#include "Misc/Paths.h"

#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeSetupChecker.h"
#include "A2FBridgeSubsystem.h"
#include "A2FBridgeText.h"

namespace
{

/** Faces of a world whose actor's name contains a text; all without one. */
TArray<UA2FBridgeFaceComponent*> FacesOf(UWorld* World, const FString& Name)
{
	TArray<UA2FBridgeFaceComponent*> Faces;
	if (World == nullptr)
	{
		return Faces;
	}
	for (TActorIterator<AActor> Actor(World); Actor; ++Actor)
	{
		UA2FBridgeFaceComponent* Face = Actor->FindComponentByClass<UA2FBridgeFaceComponent>();
		if (Face != nullptr && (Name.IsEmpty() || Actor->GetName().Contains(Name)))
		{
			Faces.Add(Face);
		}
	}
	return Faces;
}

FString Argument(const TArray<FString>& Arguments, int32 Index)
{
	return Arguments.IsValidIndex(Index) ? Arguments[Index] : FString();
}

void Status(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (const FName& Name : UA2FBridgeLibrary::GetConnectionNames())
	{
		const FA2FBridgeConnectionStatus Known = UA2FBridgeLibrary::GetConnectionStatus(Name);
		Out.Logf(
			TEXT("connection %s: %s %s %s"), *Name.ToString(), *UEnum::GetValueAsString(Known.State), *Known.Target, *Known.Text);
	}
	for (const UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 0)))
	{
		Out.Logf(TEXT("%s: %s"), *Face->GetOwner()->GetName(), *Face->GetReport());
	}
}

void Check(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	const TArray<UA2FBridgeFaceComponent*> Faces = FacesOf(World, Argument(Arguments, 0));
	for (const UA2FBridgeFaceComponent* Face : Faces)
	{
		Out.Logf(TEXT("%s\n%s"), *Face->GetOwner()->GetName(),
			*UA2FBridgeSetupChecker::DescribeFindings(UA2FBridgeSetupChecker::CheckSetup(World, Face->GetOwner())));
	}
	if (Faces.IsEmpty())
	{
		Out.Logf(TEXT("no actor of this world has a face component\n%s"),
			*UA2FBridgeSetupChecker::DescribeFindings(UA2FBridgeSetupChecker::CheckSetup(World, nullptr)));
	}
}

void Record(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 0)))
	{
		const FString File =
			FString::Printf(TEXT("A2FBridge/%s_%s.a2frec"), *Face->GetOwner()->GetName(), *FDateTime::Now().ToString());
		bool bRecords = false;
		FString Error;
		Face->RecordSession(File, bRecords, Error);
		Out.Logf(TEXT("%s"), bRecords ? *FPaths::Combine(FPaths::ProjectSavedDir(), File) : *Error);
	}
}

void StopRecording(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 0)))
	{
		bool bStopped = false;
		FString Error;
		Face->StopRecordingSession(bStopped, Error);
		if (!bStopped)
		{
			Out.Logf(TEXT("%s"), *Error);
		}
	}
}

void Dump(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (const UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 0)))
	{
		TArray<FString> Lines = {Face->GetReport()};
		const FA2FBridgePose Pose = Face->GetPose();
		for (int32 Index = 0; Index < Pose.WeightNames.Num(); ++Index)
		{
			Lines.Add(FString::Printf(TEXT("weight,%s,%.6f"), *Pose.WeightNames[Index].ToString(), Pose.Weights[Index]));
		}
		for (int32 Index = 0; Index < Pose.Names.Num(); ++Index)
		{
			Lines.Add(FString::Printf(TEXT("curve,%s,%.6f"), *Pose.Names[Index].ToString(), Pose.Values[Index]));
		}
		const FString File = FPaths::Combine(FPaths::ProjectSavedDir(),
			FString::Printf(TEXT("A2FBridge/%s_%s.csv"), *Face->GetOwner()->GetName(), *FDateTime::Now().ToString()));
		const bool bSaved = FFileHelper::SaveStringToFile(FString::Join(Lines, TEXT("\n")), *File);
		Out.Logf(TEXT("%s %s"), bSaved ? TEXT("written:") : TEXT("cannot be written:"), *File);
	}
}

void Play(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	const FString File = Argument(Arguments, 0);
	for (UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 1)))
	{
		if (File.EndsWith(TEXT(".a2frec")))
		{
			Face->StartRecording(File);
		}
		else
		{
			Face->StartWavFile(File, FA2FBridgeStreamSettings());
		}
		Out.Logf(TEXT("%s plays %s"), *Face->GetOwner()->GetName(), *File);
	}
}

void Stop(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (UA2FBridgeFaceComponent* Face : FacesOf(World, Argument(Arguments, 0)))
	{
		Face->StopSpeaking();
	}
}

void ServerLog(const TArray<FString>& Arguments, UWorld* World, FOutputDevice& Out)
{
	for (const FString& Line : UA2FBridgeLibrary::GetLocalServerLog())
	{
		Out.Logf(TEXT("%s"), *Line);
	}
}

using FCommand = FConsoleCommandWithWorldArgsAndOutputDeviceDelegate;

/** One registered command. */
struct FRegistered : FAutoConsoleCommand
{
	FRegistered(const TCHAR* Name, const TCHAR* Help, void (*Function)(const TArray<FString>&, UWorld*, FOutputDevice&))
		: FAutoConsoleCommand(Name, Help, FCommand::CreateStatic(Function))
	{
	}
};

const FRegistered Commands[] = {
	{TEXT("A2FBridge.Status"), TEXT("[ACTOR] Connections and faces: states, buffers, clocks, underruns."), &Status},
	{TEXT("A2FBridge.Check"), TEXT("[ACTOR] Why a face does not move."), &Check},
	{TEXT("A2FBridge.Record"), TEXT("[ACTOR] Records what faces say, now or next, to Saved/A2FBridge."), &Record},
	{TEXT("A2FBridge.StopRecording"), TEXT("[ACTOR] Ends recordings."), &StopRecording},
	{TEXT("A2FBridge.Dump"), TEXT("[ACTOR] Writes weights and curves of this moment to Saved/A2FBridge."), &Dump},
	{TEXT("A2FBridge.Play"), TEXT("FILE [ACTOR] Speaks a WAV file through the connection Default, or plays a recorded session."),
		&Play},
	{TEXT("A2FBridge.Stop"), TEXT("[ACTOR] Stops faces."), &Stop},
	{TEXT("A2FBridge.ServerLog"), TEXT("Last lines of the local server."), &ServerLog},
};

} // namespace

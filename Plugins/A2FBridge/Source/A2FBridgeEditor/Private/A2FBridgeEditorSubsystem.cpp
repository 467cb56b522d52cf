#include "A2FBridgeEditorSubsystem.h"

#include "Editor.h"
#include "Engine/Selection.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "Misc/Paths.h"

#include "A2FBridgeEditorLog.h"
#include "A2FBridgeEnvironment.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSetupChecker.h"

#define LOCTEXT_NAMESPACE "A2FBridgeEditor"

DEFINE_LOG_CATEGORY_STATIC(LogA2FBridgeEditor, Log, All);

void UA2FBridgeEditorSubsystem::Deinitialize()
{
	CancelLocalEnvironment();
	Super::Deinitialize();
}

void UA2FBridgeEditorSubsystem::CreateLocalEnvironment(bool& bSucceeded, FString& Error)
{
	bSucceeded = false;
	Error.Reset();
	if (State == EA2FBridgeEnvironmentState::Working)
	{
		Error = TEXT("it is being made already");
		return;
	}
	Log.Reset();
	Pending.Reset();
	Step = 0;
	const FString Folder = FA2FBridgeEnvironment::GetFolder();
	if (!StartStep(FA2FBridgeEnvironment::GetSystemPython(), FString::Printf(TEXT("-m venv \"%s\""), *Folder)))
	{
		Error = FString::Printf(
			TEXT(
				"%s cannot be started; install Python 3.11 or newer, or name it in Editor Preferences > Plugins > A2FBridge (user)"),
			*FA2FBridgeEnvironment::GetSystemPython());
		Log.Add(Error);
		Finish(EA2FBridgeEnvironmentState::Failed);
		return;
	}
	State = EA2FBridgeEnvironmentState::Working;
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UA2FBridgeEditorSubsystem::Tick), 0.1f);
	bSucceeded = true;
}

bool UA2FBridgeEditorSubsystem::StartStep(const FString& Program, const FString& Arguments)
{
	Log.Add(TEXT("> ") + Program + TEXT(" ") + Arguments);
	if (PipeRead == nullptr && !FPlatformProcess::CreatePipe(PipeRead, PipeWrite))
	{
		return false;
	}
	Process = FPlatformProcess::CreateProc(*Program, *Arguments, false, true, true, nullptr, 0, nullptr, PipeWrite, nullptr);
	return Process.IsValid();
}

bool UA2FBridgeEditorSubsystem::Tick(float DeltaSeconds)
{
	ReadOutput();
	if (FPlatformProcess::IsProcRunning(Process))
	{
		return true;
	}
	ReadOutput();
	int32 Code = 1;
	FPlatformProcess::GetProcReturnCode(Process, &Code);
	FPlatformProcess::CloseProc(Process);
	Process.Reset();
	if (Code != 0)
	{
		Log.Add(FString::Printf(TEXT("ended with status %d"), Code));
		Finish(EA2FBridgeEnvironmentState::Failed);
		return false;
	}
	++Step;
	if (Step == 1)
	{
		const FString Package = GetDefault<UA2FBridgeSettings>()->LocalPackage;
		if (!StartStep(FA2FBridgeEnvironment::GetPython(),
				FString::Printf(TEXT("-m pip install --disable-pip-version-check --upgrade \"%s\""), *Package)))
		{
			Finish(EA2FBridgeEnvironmentState::Failed);
			return false;
		}
		return true;
	}
	Finish(EA2FBridgeEnvironmentState::Ready);
	return false;
}

void UA2FBridgeEditorSubsystem::ReadOutput()
{
	Pending += FPlatformProcess::ReadPipe(PipeRead);
	FString Line;
	FString Rest;
	while (Pending.Split(TEXT("\n"), &Line, &Rest))
	{
		Line.TrimEndInline();
		Log.Add(Line);
		UE_LOG(LogA2FBridgeEditor, Log, TEXT("%s"), *Line);
		Pending = Rest;
	}
}

void UA2FBridgeEditorSubsystem::Finish(EA2FBridgeEnvironmentState NewState)
{
	State = NewState;
	if (PipeRead != nullptr)
	{
		FPlatformProcess::ClosePipe(PipeRead, PipeWrite);
		PipeRead = nullptr;
		PipeWrite = nullptr;
	}
	UE_LOG(LogA2FBridgeEditor, Log, TEXT("Local environment %s: %s"), *FA2FBridgeEnvironment::GetFolder(),
		*UEnum::GetValueAsString(NewState));
}

EA2FBridgeEnvironmentState UA2FBridgeEditorSubsystem::GetLocalEnvironmentState() const
{
	if (State == EA2FBridgeEnvironmentState::Missing && FPaths::FileExists(FA2FBridgeEnvironment::GetPython()))
	{
		return EA2FBridgeEnvironmentState::Ready;
	}
	return State;
}

TArray<FString> UA2FBridgeEditorSubsystem::GetLocalEnvironmentLog() const
{
	return Log;
}

void UA2FBridgeEditorSubsystem::CancelLocalEnvironment()
{
	if (State != EA2FBridgeEnvironmentState::Working)
	{
		return;
	}
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	FPlatformProcess::TerminateProc(Process, true);
	FPlatformProcess::CloseProc(Process);
	Process.Reset();
	Finish(EA2FBridgeEnvironmentState::Failed);
}

FString UA2FBridgeEditorSubsystem::CheckSelectedActors()
{
	TArray<AActor*> Actors;
	GEditor->GetSelectedActors()->GetSelectedObjects<AActor>(Actors);
	UWorld* World = GEditor->GetEditorWorldContext().World();
	FString Text;
	if (Actors.IsEmpty())
	{
		Actors.Add(nullptr);
	}
	for (AActor* Actor : Actors)
	{
		const TArray<FA2FBridgeFinding> Findings = UA2FBridgeSetupChecker::CheckSetup(World, Actor);
		const FString Title =
			Actor != nullptr ? Actor->GetName() : FString(TEXT("A2FBridge (select an actor to check its face)"));
		A2FBridge::ShowFindings(FText::FromString(Title), Findings);
		Text += Title + TEXT("\n") + UA2FBridgeSetupChecker::DescribeFindings(Findings) + TEXT("\n");
	}
	return Text;
}

#undef LOCTEXT_NAMESPACE

#include "A2FBridgeLocalServer.h"

#include "HAL/PlatformTime.h"
#include "Misc/Paths.h"

#include "A2FBridgeEnvironment.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeText.h"

namespace
{
constexpr int32 MaxLogLines = 500;
}

void FA2FBridgeLocalServer::Start()
{
	if (State == EState::Starting || State == EState::Running)
	{
		return;
	}
	Problem.Reset();
	Port = 0;
	const FString Python = FA2FBridgeEnvironment::GetPython();
	if (!FPaths::FileExists(Python))
	{
		Fail(FString::Printf(
			TEXT("there is no Python environment in %s; make it with the button in Project Settings > Plugins > A2FBridge"),
			*FA2FBridgeEnvironment::GetFolder()));
		return;
	}
	if (!FPlatformProcess::CreatePipe(PipeRead, PipeWrite))
	{
		Fail(TEXT("the system gives no pipe"));
		return;
	}
	// The server also ends with this process when that is killed.
	const FString Arguments = FString::Printf(TEXT("-m a2fbridge serve --host 127.0.0.1 --port 0 --json --with-parent %u %s"),
		FPlatformProcess::GetCurrentProcessId(), *GetDefault<UA2FBridgeSettings>()->LocalArguments);
	Process = FPlatformProcess::CreateProc(*Python, *Arguments, false, true, true, nullptr, 0, nullptr, PipeWrite, nullptr);
	if (!Process.IsValid())
	{
		ClosePipe();
		Fail(FString::Printf(TEXT("%s cannot be started"), *Python));
		return;
	}
	State = EState::Starting;
	StartedAt = FPlatformTime::Seconds();
	UE_LOG(LogA2FBridge, Log, TEXT("Local server: %s %s"), *Python, *Arguments);
}

void FA2FBridgeLocalServer::Stop()
{
	if (Process.IsValid())
	{
		FPlatformProcess::TerminateProc(Process, true);
		FPlatformProcess::CloseProc(Process);
		Process.Reset();
	}
	ClosePipe();
	State = EState::Stopped;
	Port = 0;
}

void FA2FBridgeLocalServer::Tick()
{
	if (State != EState::Starting && State != EState::Running)
	{
		return;
	}
	Read();
	if (!FPlatformProcess::IsProcRunning(Process))
	{
		Read(); // what it said last
		int32 Code = 0;
		FPlatformProcess::GetProcReturnCode(Process, &Code);
		const FString Last = Log.IsEmpty() ? FString(TEXT("no output")) : Log.Last();
		Stop();
		Fail(FString::Printf(TEXT("the local server ended with status %d: %s"), Code, *Last));
		return;
	}
	if (State == EState::Starting && FPlatformTime::Seconds() - StartedAt > GetDefault<UA2FBridgeSettings>()->LocalStartTimeout)
	{
		Stop();
		Fail(FString::Printf(TEXT("the local server did not say that it runs within %g s; its log says why"),
			GetDefault<UA2FBridgeSettings>()->LocalStartTimeout));
	}
}

FString FA2FBridgeLocalServer::GetTarget() const
{
	return State == EState::Running ? FString::Printf(TEXT("127.0.0.1:%d"), Port) : FString();
}

void FA2FBridgeLocalServer::Fail(const FString& Why)
{
	State = EState::Failed;
	Problem = Why;
	UE_LOG(LogA2FBridge, Error, TEXT("%s"), *Why);
}

void FA2FBridgeLocalServer::Read()
{
	const FString Piece = FPlatformProcess::ReadPipe(PipeRead);
	for (const std::string& Line : Lines.add(A2FBridge::ToUtf8(Piece)))
	{
		if (const std::optional<std::int32_t> Said = a2fbridge::runningPort(Line))
		{
			Port = *Said;
			State = EState::Running;
			UE_LOG(LogA2FBridge, Log, TEXT("Local server runs at %s"), *GetTarget());
		}
		if (Log.Num() >= MaxLogLines)
		{
			Log.RemoveAt(0);
		}
		Log.Add(A2FBridge::FromUtf8(Line));
		UE_LOG(LogA2FBridge, Verbose, TEXT("Local server: %s"), *Log.Last());
	}
}

void FA2FBridgeLocalServer::ClosePipe()
{
	if (PipeRead != nullptr)
	{
		FPlatformProcess::ClosePipe(PipeRead, PipeWrite);
		PipeRead = nullptr;
		PipeWrite = nullptr;
	}
}

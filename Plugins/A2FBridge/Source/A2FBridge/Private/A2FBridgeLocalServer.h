// Our own server as a child process: started on a free loopback port, read line by line, stopped with the engine.
#pragma once

#include "CoreMinimal.h"
#include "HAL/PlatformProcess.h"

#include "Speech/ServerOutput.h"

/** The local server. Game thread. */
class FA2FBridgeLocalServer
{
public:
	enum class EState : uint8
	{
		Stopped,
		Starting,
		Running,
		Failed
	};

	~FA2FBridgeLocalServer() { Stop(); }

	/** Starts it unless it runs. What is missing shows in GetProblem. */
	void Start();
	/** Ends it and waits for a moment. */
	void Stop();
	/** Reads its output and notices its end. */
	void Tick();

	EState GetState() const { return State; }
	/** 127.0.0.1:PORT while it runs. */
	FString GetTarget() const;
	const FString& GetProblem() const { return Problem; }
	/** Its last lines. */
	const TArray<FString>& GetLog() const { return Log; }

private:
	void Fail(const FString& Why);
	void Read();
	void ClosePipe();

	EState State = EState::Stopped;
	FProcHandle Process;
	void* PipeRead = nullptr;
	void* PipeWrite = nullptr;
	a2fbridge::LineReader Lines;
	TArray<FString> Log;
	FString Problem;
	int32 Port = 0;
	double StartedAt = 0.0;
};

// Libraries and child processes, as POSIX has them.
#pragma once

#include <csignal>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Containers/UnrealString.h"

// shim: the user's folder
namespace Shim
{
inline std::string UserFolder = "/tmp/shim_user";
}

// EPIC Runtime/Core/FProcHandle
struct FProcHandle
{
	pid_t Pid = 0;
	int Code = -1;
	bool bEnded = false;
	bool IsValid() const { return Pid > 0; }
	void Reset() { *this = FProcHandle(); }
};

// EPIC Runtime/Core/FGenericPlatformProcess
struct FPlatformProcess
{
	static void* GetDllHandle(const TCHAR* File) { return dlopen(Shim::Narrow(File).c_str(), RTLD_NOW | RTLD_LOCAL); }
	static void* GetDllExport(void* Handle, const TCHAR* Name) { return dlsym(Handle, Shim::Narrow(Name).c_str()); }
	static uint32 GetCurrentProcessId() { return static_cast<uint32>(getpid()); }
	static const TCHAR* UserSettingsDir()
	{
		static FString Folder;
		Folder = FString((Shim::UserFolder + "/").c_str());
		return *Folder;
	}
	static void Sleep(float Seconds) { usleep(static_cast<useconds_t>(Seconds * 1e6f)); }
	static bool CreatePipe(void*& ReadPipe, void*& WritePipe, bool bWritePipeLocal = false)
	{
		int Ends[2];
		if (pipe(Ends) != 0)
		{
			return false;
		}
		fcntl(Ends[0], F_SETFL, O_NONBLOCK);
		fcntl(Ends[0], F_SETFD, FD_CLOEXEC);
		ReadPipe = reinterpret_cast<void*>(static_cast<intptr_t>(Ends[0] + 1));
		WritePipe = reinterpret_cast<void*>(static_cast<intptr_t>(Ends[1] + 1));
		return true;
	}
	static void ClosePipe(void* ReadPipe, void* WritePipe)
	{
		close(static_cast<int>(reinterpret_cast<intptr_t>(ReadPipe)) - 1);
		close(static_cast<int>(reinterpret_cast<intptr_t>(WritePipe)) - 1);
	}
	static FString ReadPipe(void* Pipe)
	{
		char Buffer[4096];
		std::string Out;
		for (ssize_t Got; (Got = read(static_cast<int>(reinterpret_cast<intptr_t>(Pipe)) - 1, Buffer, sizeof(Buffer))) > 0;)
		{
			Out.append(Buffer, static_cast<size_t>(Got));
		}
		return FString(Out.c_str());
	}
	static FProcHandle CreateProc(const TCHAR* Url, const TCHAR* Parameters, bool bLaunchDetached, bool bLaunchHidden, bool bLaunchReallyHidden, uint32* OutProcessId, int32 Priority, const TCHAR* WorkingDirectory, void* PipeWriteChild, void* PipeReadChild = nullptr)
	{
		FProcHandle Handle;
		// exec keeps the pid, so that a signal reaches the program itself and not a shell
		const std::string Command = "exec '" + Shim::Narrow(Url) + "' " + Shim::Narrow(Parameters);
		Handle.Pid = fork();
		if (Handle.Pid == 0)
		{
			const int Out = static_cast<int>(reinterpret_cast<intptr_t>(PipeWriteChild)) - 1;
			dup2(Out, 1);
			dup2(Out, 2);
			execl("/bin/sh", "sh", "-c", Command.c_str(), nullptr);
			_exit(127);
		}
		return Handle;
	}
	static bool IsProcRunning(FProcHandle& Handle)
	{
		int Status = 0;
		if (Handle.IsValid() && !Handle.bEnded && waitpid(Handle.Pid, &Status, WNOHANG) == Handle.Pid)
		{
			Handle.bEnded = true;
			Handle.Code = WIFEXITED(Status) ? WEXITSTATUS(Status) : 128 + WTERMSIG(Status);
		}
		return Handle.IsValid() && !Handle.bEnded;
	}
	static bool GetProcReturnCode(FProcHandle& Handle, int32* Code)
	{
		*Code = Handle.Code;
		return Handle.bEnded;
	}
	static void TerminateProc(FProcHandle& Handle, bool bKillTree = false)
	{
		if (IsProcRunning(Handle))
		{
			kill(Handle.Pid, SIGTERM);
			for (int Wait = 0; Wait < 500 && IsProcRunning(Handle); ++Wait)
			{
				usleep(10000);
			}
		}
	}
	static void CloseProc(FProcHandle& Handle) {}
};

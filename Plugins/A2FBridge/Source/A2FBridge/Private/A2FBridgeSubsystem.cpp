#include "A2FBridgeSubsystem.h"

#include "Engine/Engine.h"

#include "A2FBridge/Sources.h"
#include "A2FBridgeRequests.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSubsystemState.h"
#include "A2FBridgeText.h"
#include "Speech/DeferredSource.h"
#include "Speech/NativeSource.h"

namespace
{
using FSource = std::unique_ptr<a2fbridge::IFrameSource>;
} // namespace

UA2FBridgeSubsystem* UA2FBridgeSubsystem::Get()
{
	return GEngine != nullptr ? GEngine->GetEngineSubsystem<UA2FBridgeSubsystem>() : nullptr;
}

void UA2FBridgeSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	Super::Initialize(Collection);
	State = MakePimpl<FA2FBridgeSubsystemState>();
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UA2FBridgeSubsystem::Tick));
}

void UA2FBridgeSubsystem::Deinitialize()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	State.Reset();
	Super::Deinitialize();
}

void UA2FBridgeSubsystem::SetConnection(FName Name, const FA2FBridgeConnection& Connection)
{
	check(IsInGameThread());
	State->Overrides.Add(Name, Connection);
	State->Asked.Remove(Name);
}

void UA2FBridgeSubsystem::ResetConnection(FName Name)
{
	State->Overrides.Remove(Name);
	State->Tokens.Remove(Name);
	State->Asked.Remove(Name);
}

bool UA2FBridgeSubsystem::FindConnection(FName Name, FA2FBridgeConnection& OutConnection) const
{
	const FA2FBridgeConnection* Found = State->Overrides.Find(Name);
	Found = Found != nullptr ? Found : GetDefault<UA2FBridgeSettings>()->Connections.Find(Name);
	if (Found == nullptr)
	{
		return false;
	}
	OutConnection = *Found;
	return true;
}

TArray<FName> UA2FBridgeSubsystem::GetConnectionNames() const
{
	TArray<FName> Names;
	GetDefault<UA2FBridgeSettings>()->Connections.GetKeys(Names);
	for (const TPair<FName, FA2FBridgeConnection>& Entry : State->Overrides)
	{
		Names.AddUnique(Entry.Key);
	}
	for (const TPair<FName, FA2FBridgeSourceFactory>& Entry : State->Providers)
	{
		Names.AddUnique(Entry.Key);
	}
	Names.Sort(FNameLexicalLess());
	return Names;
}

void UA2FBridgeSubsystem::SetToken(FName Name, const FString& Token)
{
	State->Tokens.Add(Name, Token);
}

FA2FBridgeConnectionStatus UA2FBridgeSubsystem::GetStatus(FName Name)
{
	FA2FBridgeConnectionStatus Status;
	Status.Name = Name;
	FA2FBridgeConnection Connection;
	if (State->Providers.Contains(Name))
	{
		Status.State = EA2FBridgeConnectionState::Ready;
		return Status;
	}
	if (!FindConnection(Name, Connection))
	{
		Status.State = EA2FBridgeConnectionState::Unavailable;
		Status.Text = FString::Printf(TEXT("there is no connection '%s'"), *Name.ToString());
		return Status;
	}
	if (Connection.Provider == EA2FBridgeProvider::Mock || Connection.Provider == EA2FBridgeProvider::Replay)
	{
		Status.State = EA2FBridgeConnectionState::Ready;
		return Status;
	}
	if (State->Library.Get() == nullptr)
	{
		Status.State = EA2FBridgeConnectionState::Unavailable;
		Status.Text = State->Library.GetProblem();
		return Status;
	}
	Status.Target = Connection.Target;
	if (Connection.Provider == EA2FBridgeProvider::Local)
	{
		Status.Target = State->Local.GetTarget();
		const FA2FBridgeLocalServer::EState Local = State->Local.GetState();
		if (Local == FA2FBridgeLocalServer::EState::Failed)
		{
			Status.State = EA2FBridgeConnectionState::Failed;
			Status.Text = State->Local.GetProblem();
			return Status;
		}
		if (Local == FA2FBridgeLocalServer::EState::Starting)
		{
			Status.State = EA2FBridgeConnectionState::Starting;
			return Status;
		}
	}
	const FA2FBridgeOpenConnection* Known = State->Open.Find(Name);
	if (Known == nullptr)
	{
		return Status;
	}
	a2fb_connection_info Info;
	A2FB_CLEAR(Info);
	State->Library.Get()->connection_info(Known->Handle.get(), &Info);
	Status.Streams = static_cast<int32>(Info.sessions);
	if (Info.checking != 0 || Info.state == A2FB_CONNECTION_CONNECTING)
	{
		Status.State = EA2FBridgeConnectionState::Checking;
	}
	else if (Info.health == A2FB_HEALTH_SERVING)
	{
		Status.State = EA2FBridgeConnectionState::Ready;
	}
	else if (Info.health == A2FB_HEALTH_NOT_SERVING)
	{
		Status.State = EA2FBridgeConnectionState::NotServing;
		Status.Text = TEXT("the server takes no streams: it is loading or shutting down");
	}
	else if (Info.health == A2FB_HEALTH_FAILED || Info.state == A2FB_CONNECTION_FAILED)
	{
		Status.State = EA2FBridgeConnectionState::Failed;
		a2fb_str Text{};
		if (State->Library.Get()->connection_text(Known->Handle.get(), A2FB_TEXT_ERROR, &Text) == A2FB_OK)
		{
			Status.Text = A2FBridge::FromUtf8(std::string_view(Text.data, Text.size));
		}
	}
	return Status;
}

void UA2FBridgeSubsystem::Prewarm(FName Name)
{
	check(IsInGameThread());
	FA2FBridgeConnection Connection;
	if (State->Library.Get() == nullptr || !FindConnection(Name, Connection))
	{
		return;
	}
	if (Connection.Provider == EA2FBridgeProvider::Local)
	{
		State->Local.Start();
		if (State->Local.GetState() != FA2FBridgeLocalServer::EState::Running)
		{
			State->Asked.Add(Name, true); // as soon as it runs
			return;
		}
		Connection.Target = State->Local.GetTarget();
	}
	if (Connection.Provider == EA2FBridgeProvider::Remote || Connection.Provider == EA2FBridgeProvider::Local)
	{
		FString Error;
		const std::shared_ptr<a2fb_connection> Handle = State->Connect(Name, Connection, Error);
		if (Handle)
		{
			State->Library.Get()->connection_check(Handle.get(), nullptr);
		}
		else
		{
			UE_LOG(LogA2FBridge, Warning, TEXT("Connection %s: %s"), *Name.ToString(), *Error);
		}
	}
}

std::unique_ptr<a2fbridge::IFrameSource> UA2FBridgeSubsystem::OpenSource(
	const FA2FBridgeStreamSettings& Settings, FString& OutError)
{
	check(IsInGameThread());
	const FName Name = Settings.Connection;
	FA2FBridgeConnection Connection;
	FindConnection(Name, Connection);
	FSource Source;
	if (const FA2FBridgeSourceFactory* Factory = State->Providers.Find(Name))
	{
		Source = (*Factory)(Connection, Settings, OutError);
	}
	else if (!FindConnection(Name, Connection))
	{
		OutError = GetStatus(Name).Text;
	}
	else if (Connection.Provider == EA2FBridgeProvider::Replay)
	{
		OutError = FString::Printf(TEXT("connection '%s' replays recordings; use Play Recorded Session"), *Name.ToString());
	}
	else if (Connection.Provider == EA2FBridgeProvider::Mock)
	{
		a2fbridge::MockOptions Options;
		if (Connection.FrameRate.X > 0 && Connection.FrameRate.Y > 0)
		{
			Options.frameRate = {Connection.FrameRate.X, Connection.FrameRate.Y};
		}
		auto Made = a2fbridge::makeMockSource(Options);
		OutError = Made.ok() ? FString() : A2FBridge::TextOf(Made.error());
		Source = Made.ok() ? std::move(Made).value() : nullptr;
		return Source; // it has no emotions
	}
	else if (State->Library.Get() == nullptr)
	{
		OutError = State->Library.GetProblem();
	}
	else if (Connection.Provider == EA2FBridgeProvider::Local)
	{
		State->Local.Start();
		Source = std::make_unique<a2fbridge::DeferredSource>(
			[Weak = TWeakObjectPtr<UA2FBridgeSubsystem>(this), Name, Connection,
				Settings]() mutable -> std::optional<a2fbridge::Result<FSource>>
			{
				UA2FBridgeSubsystem* Self = Weak.Get();
				if (Self == nullptr || !Self->State.IsValid())
				{
					return a2fbridge::Result<FSource>(
						a2fbridge::makeError(a2fbridge::ErrorCode::Cancelled, "the engine is shutting down"));
				}
				FA2FBridgeLocalServer& Local = Self->State->Local;
				if (Local.GetState() == FA2FBridgeLocalServer::EState::Starting)
				{
					return std::nullopt;
				}
				FString Error = Local.GetProblem();
				Connection.Target = Local.GetTarget();
				const std::shared_ptr<a2fb_connection> Handle =
					Connection.Target.IsEmpty() ? nullptr : Self->State->Connect(Name, Connection, Error);
				if (!Handle)
				{
					return a2fbridge::Result<FSource>(
						a2fbridge::makeError(a2fbridge::ErrorCode::Unavailable, A2FBridge::ToUtf8(Error)));
				}
				return a2fbridge::Result<FSource>(a2fbridge::makeNativeSource(
					*Self->State->Library.Get(), Handle, A2FBridge::NativeOptions(Connection, Settings)));
			});
	}
	else if (const std::shared_ptr<a2fb_connection> Handle = State->Connect(Name, Connection, OutError))
	{
		Source = a2fbridge::makeNativeSource(*State->Library.Get(), Handle, A2FBridge::NativeOptions(Connection, Settings));
	}
	if (Source)
	{
		for (const FA2FBridgeEmotionKey& Key : Settings.Options.EmotionKeys)
		{
			(void)Source->pushEmotion(A2FBridge::KeyOf(Key));
		}
	}
	return Source;
}

void UA2FBridgeSubsystem::RegisterProvider(FName ConnectionName, FA2FBridgeSourceFactory Factory)
{
	check(IsInGameThread());
	State->Providers.Add(ConnectionName, MoveTemp(Factory));
}

void UA2FBridgeSubsystem::UnregisterProvider(FName ConnectionName)
{
	State->Providers.Remove(ConnectionName);
}

FString UA2FBridgeSubsystem::GetClientVersion(FString& OutProblem)
{
	(void)State->Library.Get();
	OutProblem = State->Library.GetProblem();
	return State->Library.GetVersion();
}

TArray<FString> UA2FBridgeSubsystem::GetLocalServerLog() const
{
	return State->Local.GetLog();
}

void UA2FBridgeSubsystem::StopLocalServer()
{
	State->Local.Stop();
}

bool UA2FBridgeSubsystem::Tick(float DeltaSeconds)
{
	const bool bStarting = State->Local.GetState() == FA2FBridgeLocalServer::EState::Starting;
	State->Local.Tick();
	if (bStarting && State->Local.GetState() == FA2FBridgeLocalServer::EState::Running)
	{
		TArray<FName> Names;
		State->Asked.GetKeys(Names);
		State->Asked.Reset();
		for (const FName& Name : Names)
		{
			Prewarm(Name);
		}
	}
	return true;
}

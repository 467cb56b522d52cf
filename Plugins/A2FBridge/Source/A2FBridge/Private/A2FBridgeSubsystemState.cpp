#include "A2FBridgeSubsystemState.h"

#include "HAL/PlatformMisc.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "A2FBridgeText.h"
#include "A2FBridgeTokens.h"
#include "Speech/NativeSource.h"

namespace
{

/** Bytes of a PEM file; empty without a name. */
bool ReadPem(const FString& File, std::string& OutBytes, FString& OutError)
{
	if (File.IsEmpty())
	{
		return true;
	}
	const FString Path = A2FBridge::Resolve(File, FPaths::ProjectDir());
	TArray<uint8> Bytes;
	if (!FFileHelper::LoadFileToArray(Bytes, *Path))
	{
		OutError = FString::Printf(TEXT("the certificate file %s cannot be read"), *Path);
		return false;
	}
	OutBytes.assign(reinterpret_cast<const char*>(Bytes.GetData()), static_cast<size_t>(Bytes.Num()));
	return true;
}

a2fb_str View(const std::string& Text)
{
	return {Text.data(), Text.size()};
}

} // namespace

std::string FA2FBridgeSubsystemState::TokenOf(FName Name, const FA2FBridgeConnection& Connection) const
{
	if (const FString* Set = Tokens.Find(Name))
	{
		return A2FBridge::ToUtf8(*Set);
	}
	FString Token;
	if (!Connection.TokenVariable.IsEmpty())
	{
		Token = FPlatformMisc::GetEnvironmentVariable(*Connection.TokenVariable);
	}
	return A2FBridge::ToUtf8(Token.IsEmpty() ? A2FBridge::FindSavedToken(Name) : Token);
}

std::shared_ptr<a2fb_connection> FA2FBridgeSubsystemState::Connect(
	FName Name, const FA2FBridgeConnection& Connection, FString& OutError)
{
	const a2fb_api* Api = Library.Get();
	if (Api == nullptr)
	{
		OutError = Library.GetProblem();
		return nullptr;
	}
	const std::string Token = Connection.Provider == EA2FBridgeProvider::Remote ? TokenOf(Name, Connection) : std::string();
	const FA2FBridgeOpenConnection* Known = Open.Find(Name);
	if (Known != nullptr && Known->Options.SameServer(Connection) && Known->Token == Token)
	{
		return Known->Handle;
	}

	FString Address = Connection.Target;
	const bool bTls = Connection.bUseTls || Address.RemoveFromStart(TEXT("https://"));
	Address.RemoveFromStart(TEXT("http://"));
	const std::string Target = A2FBridge::ToUtf8(Address);
	const std::string ServerName = A2FBridge::ToUtf8(Connection.ServerName);
	std::string Roots;
	std::string Certificate;
	std::string Key;
	if (!ReadPem(Connection.RootCertificateFile, Roots, OutError) ||
		!ReadPem(Connection.ClientCertificateFile, Certificate, OutError) || !ReadPem(Connection.ClientKeyFile, Key, OutError))
	{
		return nullptr;
	}
	std::vector<std::pair<std::string, std::string>> Pairs;
	for (const TPair<FString, FString>& Entry : Connection.Metadata)
	{
		Pairs.emplace_back(A2FBridge::ToUtf8(Entry.Key.ToLower()), A2FBridge::ToUtf8(Entry.Value));
	}
	if (!Connection.NvcfFunctionId.IsEmpty())
	{
		Pairs.emplace_back("function-id", A2FBridge::ToUtf8(Connection.NvcfFunctionId));
	}
	if (!Connection.NvcfFunctionVersion.IsEmpty())
	{
		Pairs.emplace_back("function-version-id", A2FBridge::ToUtf8(Connection.NvcfFunctionVersion));
	}
	std::vector<a2fb_pair> Metadata;
	for (const auto& [PairName, Value] : Pairs)
	{
		Metadata.push_back({View(PairName), View(Value)});
	}

	a2fb_connection_options Options;
	A2FB_CLEAR(Options);
	Options.security = bTls ? A2FB_TLS : A2FB_PLAINTEXT;
	Options.target = View(Target);
	Options.root_pem = View(Roots);
	Options.certificate_pem = View(Certificate);
	Options.key_pem = View(Key);
	Options.server_name = View(ServerName);
	Options.token = View(Token);
	Options.metadata = Metadata.data();
	Options.metadata_count = Metadata.size();
	Options.connect_timeout_ms = static_cast<uint32>(Connection.ConnectTimeout * 1000.0f);
	a2fb_error Error;
	A2FB_CLEAR(Error);
	a2fb_connection* Handle = nullptr;
	const a2fb_status Status = Api->connection_open(&Options, &Handle, &Error);
	if (Status < 0)
	{
		OutError = A2FBridge::TextOf(a2fbridge::nativeError(Status, Error));
		return nullptr;
	}
	// Streams of an older connection keep that one alive until they are over.
	FA2FBridgeOpenConnection& Entry = Open.FindOrAdd(Name);
	Entry = {Connection, Token, std::shared_ptr<a2fb_connection>(Handle, Api->connection_close)};
	return Entry.Handle;
}

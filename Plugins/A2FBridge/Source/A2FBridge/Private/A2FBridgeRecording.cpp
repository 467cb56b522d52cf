#include "A2FBridgeRecording.h"

#include "HAL/FileManager.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "Serialization/Archive.h"

#include "A2FBridgeText.h"

namespace
{
/** Writes through an archive and flushes each record, so that a crash loses none. */
class FArchiveSink final : public a2fbridge::IByteSink
{
public:
	explicit FArchiveSink(TUniquePtr<FArchive>&& InArchive) : Archive(MoveTemp(InArchive)) {}

	virtual a2fbridge::Status write(a2fbridge::Span<std::uint8_t> Bytes) override
	{
		Archive->Serialize(const_cast<uint8*>(Bytes.data()), static_cast<int64>(Bytes.size()));
		Archive->Flush();
		return Archive->IsError() ? a2fbridge::Status(a2fbridge::makeError(
										a2fbridge::ErrorCode::Io, "the recording cannot be written; is the disk full?"))
								  : a2fbridge::Status();
	}

private:
	TUniquePtr<FArchive> Archive;
};
} // namespace

std::shared_ptr<const a2fbridge::Recording> A2FBridge::LoadRecording(const FString& Path, FString& OutError)
{
	FString File = A2FBridge::Resolve(Path, FPaths::ProjectSavedDir());
	if (!FPaths::FileExists(File))
	{
		File = A2FBridge::Resolve(Path, FPaths::ProjectDir());
	}
	TArray<uint8> Bytes;
	if (!FFileHelper::LoadFileToArray(Bytes, *File))
	{
		OutError = FString::Printf(TEXT("the recording %s cannot be read"), *Path);
		return nullptr;
	}
	auto Read = a2fbridge::Recording::read(std::vector<std::uint8_t>(Bytes.GetData(), Bytes.GetData() + Bytes.Num()));
	if (!Read.ok())
	{
		OutError = File + TEXT(": ") + A2FBridge::TextOf(Read.error());
		return nullptr;
	}
	return std::move(Read).value();
}

std::unique_ptr<a2fbridge::IByteSink> A2FBridge::OpenRecording(const FString& File, FString& OutError)
{
	IFileManager::Get().MakeDirectory(*FPaths::GetPath(File), true);
	TUniquePtr<FArchive> Archive(IFileManager::Get().CreateFileWriter(*File));
	if (!Archive.IsValid())
	{
		OutError = FString::Printf(TEXT("%s cannot be written"), *File);
		return nullptr;
	}
	return std::make_unique<FArchiveSink>(MoveTemp(Archive));
}

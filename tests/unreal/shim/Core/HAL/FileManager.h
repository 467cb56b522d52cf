// Files.
#pragma once

#include <filesystem>
#include <fstream>

#include "Containers/UnrealString.h"
#include "Serialization/Archive.h"

// EPIC Runtime/Core/IFileManager
class IFileManager
{
public:
	bool Delete(const TCHAR* File, bool bRequireExists = false) { return std::filesystem::remove(Shim::Narrow(File)); }
	static IFileManager& Get()
	{
		static IFileManager Manager;
		return Manager;
	}
	int64 FileSize(const TCHAR* File)
	{
		std::error_code Error;
		const auto Size = std::filesystem::file_size(Shim::Narrow(File), Error);
		return Error ? INDEX_NONE : static_cast<int64>(Size);
	}
	bool MakeDirectory(const TCHAR* Path, bool bTree = false)
	{
		std::error_code Error;
		std::filesystem::create_directories(Shim::Narrow(Path), Error);
		return !Error;
	}
	void FindFilesRecursive(TArray<FString>& Found, const TCHAR* Folder, const TCHAR* Pattern, bool bFiles, bool bDirectories, bool bClear = true)
	{
		std::error_code Error;
		const std::string Ending = Shim::Narrow(Pattern).substr(1);
		for (const auto& Entry : std::filesystem::recursive_directory_iterator(Shim::Narrow(Folder), Error))
		{
			if (Entry.is_regular_file() && Entry.path().extension() == Ending)
			{
				Found.Add(FString(Entry.path().c_str()));
			}
		}
		Found.Sort();
	}
	FArchive* CreateFileWriter(const TCHAR* File, uint32 Flags = 0)
	{
		class FWriter final : public FArchive
		{
		public:
			explicit FWriter(const std::string& Path) : Stream(Path, std::ios::binary) {}
			virtual void Serialize(void* Bytes, int64 Length) override
			{
				Stream.write(static_cast<const char*>(Bytes), Length);
				bError = bError || !Stream;
			}
			virtual void Flush() override { Stream.flush(); }
			std::ofstream Stream;
		};
		auto* Writer = new FWriter(Shim::Narrow(File));
		if (!Writer->Stream)
		{
			delete Writer;
			return nullptr;
		}
		return Writer;
	}
};

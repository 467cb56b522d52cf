// Whole files.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FFileHelper
struct FFileHelper
{
	static bool LoadFileToArray(TArray<uint8>& Result, const TCHAR* File, uint32 Flags = 0)
	{
		std::ifstream Stream(Shim::Narrow(File), std::ios::binary);
		const std::vector<char> Bytes((std::istreambuf_iterator<char>(Stream)), std::istreambuf_iterator<char>());
		Result = TArray<uint8>(reinterpret_cast<const uint8*>(Bytes.data()), static_cast<int32>(Bytes.size()));
		return static_cast<bool>(Stream);
	}
	static bool LoadFileToString(FString& Result, const TCHAR* File)
	{
		TArray<uint8> Bytes;
		const bool bRead = LoadFileToArray(Bytes, File);
		Result = FString(std::string(reinterpret_cast<const char*>(Bytes.GetData()), static_cast<size_t>(Bytes.Num())).c_str());
		return bRead;
	}
	static bool LoadFileToStringArray(TArray<FString>& Result, const TCHAR* File)
	{
		std::ifstream Stream(Shim::Narrow(File));
		for (std::string Line; std::getline(Stream, Line);)
		{
			Result.Add(FString(Line.c_str()));
		}
		return Stream.eof();
	}
	static bool SaveArrayToFile(TArrayView<const uint8> Bytes, const TCHAR* File)
	{
		const std::filesystem::path Path = Shim::Narrow(File);
		std::error_code Error;
		std::filesystem::create_directories(Path.parent_path(), Error);
		std::ofstream Stream(Path, std::ios::binary);
		Stream.write(reinterpret_cast<const char*>(Bytes.GetData()), Bytes.Num());
		return static_cast<bool>(Stream);
	}
	static bool SaveStringToFile(const FString& Text, const TCHAR* File)
	{
		const std::string Bytes = Shim::Narrow(*Text);
		return SaveArrayToFile(TArrayView<const uint8>(reinterpret_cast<const uint8*>(Bytes.data()), static_cast<int32>(Bytes.size())), File);
	}
};

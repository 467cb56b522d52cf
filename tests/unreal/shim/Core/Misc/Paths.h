// Paths.
#pragma once

#include <filesystem>

#include "Containers/UnrealString.h"

// shim: the project's folder
namespace Shim
{
inline std::string ProjectFolder = "/tmp/shim_project";
}

// EPIC Runtime/Core/FString
inline FString operator/(const FString& Lhs, const FString& Rhs)
{
	return FString((std::filesystem::path(Shim::Narrow(*Lhs)) / std::filesystem::path(Shim::Narrow(*Rhs))).c_str());
}

// EPIC Runtime/Core/FPaths
class FPaths
{
public:
	static FString ProjectDir() { return FString((Shim::ProjectFolder + "/").c_str()); }
	static FString ProjectContentDir() { return FString((Shim::ProjectFolder + "/Content/").c_str()); }
	static FString ProjectSavedDir() { return FString((Shim::ProjectFolder + "/Saved/").c_str()); }
	static bool FileExists(const FString& File) { return std::filesystem::is_regular_file(Path(File)); }
	static bool IsRelative(const FString& File) { return Path(File).is_relative(); }
	static FString Combine(const FString& Left, const FString& Right) { return Text(Path(Left) / Path(Right)); }
	static FString GetPath(const FString& File) { return Text(Path(File).parent_path()); }
	static FString GetCleanFilename(const FString& File) { return Text(Path(File).filename()); }
	static FString GetBaseFilename(const FString& File, bool bRemovePath = true) { return Text(Path(File).stem()); }
	static FString ConvertRelativePathToFull(const FString& File) { return Text(std::filesystem::absolute(Path(File)).lexically_normal()); }
	static FString ConvertRelativePathToFull(const FString& Base, const FString& File) { return Text((Path(Base) / Path(File)).lexically_normal()); }
	static bool CollapseRelativeDirectories(FString& File)
	{
		File = Text(Path(File).lexically_normal());
		return true;
	}
	static bool IsUnderDirectory(const FString& File, const FString& Folder)
	{
		const std::filesystem::path Inside = Path(File).lexically_relative(Path(Folder));
		return !Inside.empty() && *Inside.begin() != "..";
	}

private:
	static std::filesystem::path Path(const FString& Value) { return Shim::Narrow(*Value); }
	static FString Text(const std::filesystem::path& Value) { return FString(Value.c_str()); }
};

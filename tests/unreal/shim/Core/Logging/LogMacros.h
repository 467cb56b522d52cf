// Log categories and UE_LOG; lines are kept for tests.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/ELogVerbosity
namespace ELogVerbosity
{
enum Type : uint8
{
	NoLogging = 0,
	Fatal,
	Error,
	Warning,
	Display,
	Log,
	Verbose,
	VeryVerbose,
	All = VeryVerbose
};
}

// EPIC Runtime/Core/FLogCategoryBase
struct FLogCategoryBase
{
	const char* Name;
};

// shim: what was logged
namespace Shim
{
struct FLogLine
{
	std::string Category;
	ELogVerbosity::Type Verbosity;
	std::string Text;
};
inline std::vector<FLogLine>& LogLines()
{
	static std::vector<FLogLine> Lines;
	return Lines;
}
template <typename... Arguments>
void AddLogLine(const char* Category, ELogVerbosity::Type Verbosity, const TCHAR* Pattern, Arguments... Values)
{
	LogLines().push_back({Category, Verbosity, Format(Pattern, std::vector<FArgument>{FArgument(Values)...})});
	if (std::getenv("SHIM_LOG") != nullptr)
	{
		std::fprintf(stderr, "%s: %s\n", Category, LogLines().back().Text.c_str());
	}
}
} // namespace Shim

// EPIC documentation "Logging in Unreal Engine"
#define DECLARE_LOG_CATEGORY_EXTERN(Category, Default, Compiled) extern FLogCategoryBase Category
#define DEFINE_LOG_CATEGORY(Category) FLogCategoryBase Category{#Category}
#define DEFINE_LOG_CATEGORY_STATIC(Category, Default, Compiled) static FLogCategoryBase Category{#Category}
#define UE_LOG(Category, Verbosity, Pattern, ...) Shim::AddLogLine(Category.Name, ELogVerbosity::Verbosity, Pattern, ##__VA_ARGS__)

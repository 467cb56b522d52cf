// Message logs; messages are kept for tests.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/Core/EMessageSeverity
namespace EMessageSeverity
{
enum Type : int
{
	Error = 1,
	PerformanceWarning = 2,
	Warning = 3,
	Info = 4
};
}

// EPIC Runtime/Core/FTokenizedMessage
class FTokenizedMessage
{
};

// shim
namespace Shim
{
struct FLogMessage
{
	EMessageSeverity::Type Severity;
	FString Text;
};
inline std::vector<FLogMessage>& Messages()
{
	static std::vector<FLogMessage> All;
	return All;
}
} // namespace Shim

// EPIC Runtime/Core/FMessageLog
class FMessageLog
{
public:
	explicit FMessageLog(const FName& InLogName) {}
	TSharedRef<FTokenizedMessage> Message(EMessageSeverity::Type InSeverity, const FText& InMessage = FText())
	{
		Shim::Messages().push_back({InSeverity, InMessage.ToString()});
		return MakeShared<FTokenizedMessage>();
	}
	void NewPage(const FText& InLabel) {}
	void Open(EMessageSeverity::Type InMinSeverity = EMessageSeverity::Info, bool bForce = false) {}
};

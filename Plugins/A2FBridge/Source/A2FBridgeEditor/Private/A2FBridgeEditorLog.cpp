#include "A2FBridgeEditorLog.h"

#include "Logging/MessageLog.h"
#include "MessageLogModule.h"
#include "Modules/ModuleManager.h"

#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSetupChecker.h"

#define LOCTEXT_NAMESPACE "A2FBridgeEditor"

namespace
{
EMessageSeverity::Type SeverityOf(EA2FBridgeSeverity Severity)
{
	switch (Severity)
	{
	case EA2FBridgeSeverity::Error:
		return EMessageSeverity::Error;
	case EA2FBridgeSeverity::Warning:
		return EMessageSeverity::Warning;
	default:
		return EMessageSeverity::Info;
	}
}
} // namespace

void A2FBridge::RegisterLog()
{
	FMessageLogModule& Module = FModuleManager::LoadModuleChecked<FMessageLogModule>("MessageLog");
	Module.RegisterLogListing(LogName, LOCTEXT("LogTitle", "A2FBridge"));
}

void A2FBridge::UnregisterLog()
{
	if (FMessageLogModule* Module = FModuleManager::GetModulePtr<FMessageLogModule>("MessageLog"))
	{
		Module->UnregisterLogListing(LogName);
	}
}

void A2FBridge::ShowProblems(const FText& Title, const TArray<FA2FBridgeTableProblem>& Problems)
{
	if (Problems.IsEmpty())
	{
		return;
	}
	FMessageLog Log(LogName);
	Log.NewPage(Title);
	bool bError = false;
	for (const FA2FBridgeTableProblem& Problem : Problems)
	{
		Log.Message(Problem.bIsError ? EMessageSeverity::Error : EMessageSeverity::Warning, FText::FromString(Problem.ToText()));
		bError = bError || Problem.bIsError;
	}
	if (bError)
	{
		Log.Open(EMessageSeverity::Error);
	}
}

void A2FBridge::ShowFindings(const FText& Title, const TArray<FA2FBridgeFinding>& Findings)
{
	FMessageLog Log(LogName);
	Log.NewPage(Title);
	for (const FA2FBridgeFinding& Finding : Findings)
	{
		const FString Advice = Finding.Advice.IsEmpty() ? FString() : TEXT(". ") + Finding.Advice;
		Log.Message(
			SeverityOf(Finding.Severity), FText::FromString(Finding.Part.ToString() + TEXT(": ") + Finding.Text + Advice));
	}
	Log.Open(EMessageSeverity::Info);
}

#undef LOCTEXT_NAMESPACE

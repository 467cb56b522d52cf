// The message log "A2FBridge": problems of tables, findings of the setup checker.
#pragma once

#include "CoreMinimal.h"

struct FA2FBridgeFinding;
struct FA2FBridgeTableProblem;

namespace A2FBridge
{
/** Name of the log. */
inline const FName LogName = TEXT("A2FBridge");

/** Registers the log. */
void RegisterLog();
/** Takes it away. */
void UnregisterLog();
/** Shows a table's problems, and opens the log when one is an error. */
void ShowProblems(const FText& Title, const TArray<FA2FBridgeTableProblem>& Problems);
/** Shows findings and opens the log. */
void ShowFindings(const FText& Title, const TArray<FA2FBridgeFinding>& Findings);
} // namespace A2FBridge

// Re-import.
#pragma once

#include "UObject/Object.h"

// EPIC Editor/UnrealEd/EReimportResult
namespace EReimportResult
{
enum Type
{
	Failed,
	Succeeded,
	Cancelled
};
}

// EPIC Editor/UnrealEd/FReimportHandler
class FReimportHandler
{
public:
	virtual ~FReimportHandler() = default;
	virtual bool CanReimport(UObject* Obj, TArray<FString>& OutFilenames) = 0;
	virtual void SetReimportPaths(UObject* Obj, const TArray<FString>& NewReimportPaths) = 0;
	virtual EReimportResult::Type Reimport(UObject* Obj) = 0;
	virtual int32 GetPriority() const { return 0; }
};

// Reflection macros (empty: the generated headers of the tests give the bodies), object flags.
#pragma once

#include "CoreMinimal.h"

// EPIC documentation "Unreal Header Tool", "UObjects", "Structs", "Properties", "UFunctions"
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UINTERFACE(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define UMETA(...)
#define BODY_MACRO_COMBINE_INNER(A, B, C, D) A##B##C##D
#define BODY_MACRO_COMBINE(A, B, C, D) BODY_MACRO_COMBINE_INNER(A, B, C, D)
#define GENERATED_BODY(...) BODY_MACRO_COMBINE(CURRENT_FILE_ID, _, __LINE__, _GENERATED_BODY)

// EPIC Runtime/CoreUObject/EObjectFlags
enum EObjectFlags : uint32
{
	RF_NoFlags = 0,
	RF_Public = 1,
	RF_Standalone = 2,
	RF_Transactional = 8
};
constexpr EObjectFlags operator|(EObjectFlags Left, EObjectFlags Right)
{
	return static_cast<EObjectFlags>(static_cast<uint32>(Left) | static_cast<uint32>(Right));
}

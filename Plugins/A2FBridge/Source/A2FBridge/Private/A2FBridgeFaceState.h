// What a face component keeps besides its properties.
#pragma once

#include <memory>

#include "CoreMinimal.h"
#include "HAL/PlatformTime.h"
#include "Templates/UniquePtr.h"

#include "A2FBridge/Player.h"
#include "A2FBridgeLiveInput.h"
#include "A2FBridgeSoundReader.h"
#include "Speech/FaceStream.h"

/** What a face keeps besides its properties. */
struct FA2FBridgeFaceState
{
	std::unique_ptr<a2fbridge::Player> Player;
	std::unique_ptr<a2fbridge::FaceStream> Stream;
	TUniquePtr<IA2FBridgeSoundReader> Reader;
	TUniquePtr<IA2FBridgeLiveInput> Live;
	a2fbridge::PlayerOutput Output;
	TArray<FName> Names;
	TArray<FName> WeightNames;
	uint64 Revision = 0;
	uint64 NamesOf = 0;
	int32 Number = 0;
	bool bPausedByUser = false;
	bool bPausedByGame = false;
	FString RecordNext;
	FString Failure;
	float Speed = 1.0f;
};

namespace A2FBridge
{
/** The clock of all faces: seconds, steady. */
inline double Now()
{
	return FPlatformTime::Seconds();
}
} // namespace A2FBridge

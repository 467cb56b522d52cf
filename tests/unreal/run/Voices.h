// Sound and settings for faces under test.
#pragma once

#include "Stage.h"

namespace Run
{

inline UA2FBridgeMappingTable* Arkit()
{
	FString Error;
	UA2FBridgeMappingTable* Table = UA2FBridgeMappingTable::LoadShippedTable(TEXT("arkit"), Error);
	EXPECT_TEXT(Text(Error), "");
	return Table;
}

inline FA2FBridgeStreamSettings Mock()
{
	FA2FBridgeStreamSettings Settings;
	Settings.Connection = TEXT("Mock");
	return Settings;
}

/** A second of something that sounds like syllables. */
inline TArray<float> Speech(double Seconds, int32 SampleRate)
{
	TArray<float> Samples;
	for (int32 Index = 0; Index < static_cast<int32>(Seconds * SampleRate); ++Index)
	{
		const double Time = static_cast<double>(Index) / SampleRate;
		Samples.Add(static_cast<float>(0.4 * std::sin(6.2832 * 180.0 * Time) * std::pow(std::sin(6.2832 * 2.0 * Time), 2.0)));
	}
	return Samples;
}

} // namespace Run

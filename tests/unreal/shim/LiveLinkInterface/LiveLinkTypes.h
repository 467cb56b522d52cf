// Live Link's data.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/LiveLinkInterface/FLiveLinkSubjectKey
struct FLiveLinkSubjectKey
{
	FGuid Source;
	FName SubjectName;
	FLiveLinkSubjectKey(FGuid InSource, FName InSubject) : Source(InSource), SubjectName(InSubject) {}
};

// EPIC Runtime/LiveLinkInterface/FLiveLinkBaseStaticData
struct FLiveLinkBaseStaticData
{
	TArray<FName> PropertyNames;
	static UScriptStruct* StaticStruct()
	{
		static UScriptStruct Struct(TEXT("LiveLinkBaseStaticData"), sizeof(FLiveLinkBaseStaticData));
		return &Struct;
	}
};

// EPIC Runtime/LiveLinkInterface/FLiveLinkWorldTime
struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime() = default;
	FLiveLinkWorldTime(const double InTime) : Time(InTime) {}
	double Time = 0.0;
};

// EPIC Runtime/LiveLinkInterface/FLiveLinkBaseFrameData
struct FLiveLinkBaseFrameData
{
	TArray<float> PropertyValues;
	FLiveLinkWorldTime WorldTime;
	static UScriptStruct* StaticStruct()
	{
		static UScriptStruct Struct(TEXT("LiveLinkBaseFrameData"), sizeof(FLiveLinkBaseFrameData));
		return &Struct;
	}
};

// shim: both data structs hold one struct of the type that they were made for
template <typename Base>
class TShimLiveLinkStruct
{
public:
	explicit TShimLiveLinkStruct(const UScriptStruct* Type) { check(Type == Base::StaticStruct()); }
	template <typename T>
	T* Cast()
	{
		return &Data;
	}
	Base Data;
};

// EPIC Runtime/LiveLinkInterface/FLiveLinkStaticDataStruct
class FLiveLinkStaticDataStruct : public TShimLiveLinkStruct<FLiveLinkBaseStaticData>
{
	using TShimLiveLinkStruct::TShimLiveLinkStruct;
};

// EPIC Runtime/LiveLinkInterface/FLiveLinkFrameDataStruct
class FLiveLinkFrameDataStruct : public TShimLiveLinkStruct<FLiveLinkBaseFrameData>
{
	using TShimLiveLinkStruct::TShimLiveLinkStruct;
};

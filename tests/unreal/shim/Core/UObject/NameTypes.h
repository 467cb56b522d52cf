// FName.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FName: compared without case, shown as first written
class FName
{
public:
	FName() = default;
	FName(const TCHAR* Text) : Index(Find(FString(Text))) {}
	FName(const ANSICHAR* Text) : Index(Find(FString(Text))) {}
	explicit FName(const FString& Text) : Index(Find(Text)) {}
	bool IsNone() const { return Index == 0; }
	FString ToString() const { return Names()[static_cast<size_t>(Index)]; }
	friend bool operator==(const FName& Left, const FName& Right) { return Left.Index == Right.Index; }
	bool LexicalLess(const FName& Other) const { return ToString() < Other.ToString(); }

private:
	static std::vector<FString>& Names()
	{
		static std::vector<FString> All = {FString(TEXT("None"))};
		return All;
	}
	static int32 Find(const FString& Text)
	{
		std::vector<FString>& All = Names();
		if (Text.IsEmpty())
		{
			return 0;
		}
		for (size_t At = 0; At < All.size(); ++At)
		{
			if (All[At] == Text)
			{
				return static_cast<int32>(At);
			}
		}
		All.push_back(Text);
		return static_cast<int32>(All.size()) - 1;
	}
	int32 Index = 0;
};

// EPIC Runtime/Core/FNameLexicalLess
struct FNameLexicalLess
{
	bool operator()(const FName& Left, const FName& Right) const { return Left.LexicalLess(Right); }
};

// EPIC Runtime/Core/EName
#define NAME_None FName()

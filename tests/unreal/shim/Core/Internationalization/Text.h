// FText.
#pragma once

#include "UObject/NameTypes.h"

// EPIC Runtime/Core/FText
class FText
{
public:
	FText() = default;
	static FText FromString(const FString& Text)
	{
		FText Out;
		Out.Data = Text;
		return Out;
	}
	static FText FromName(const FName& Name) { return FromString(Name.ToString()); }
	template <typename T>
	static FText AsNumber(T Value)
	{
		return FromString(FString::Printf(TEXT("%g"), static_cast<double>(Value)));
	}
	static FText GetEmpty() { return FText(); }
	const FString& ToString() const { return Data; }
	bool IsEmpty() const { return Data.IsEmpty(); }

private:
	FString Data;
};

// EPIC documentation "Text Localization"
#define LOCTEXT(Key, Text) FText::FromString(FString(TEXT(Text)))

// FString, and the conversions to and from UTF-8.
#pragma once

#include "Containers/Array.h"

// shim: UTF-16 and UTF-8
namespace Shim
{
inline std::string Narrow(const TCHAR* Text)
{
	std::string Out;
	for (; *Text != 0; ++Text)
	{
		uint32 Code = *Text;
		if (Code >= 0xD800 && Code < 0xDC00 && Text[1] != 0)
		{
			Code = 0x10000 + ((Code - 0xD800) << 10) + (static_cast<uint32>(*++Text) - 0xDC00);
		}
		if (Code < 0x80)
		{
			Out += static_cast<char>(Code);
			continue;
		}
		const int Tail = Code < 0x800 ? 1 : Code < 0x10000 ? 2 : 3;
		Out += static_cast<char>((0xF0 << (3 - Tail) & 0xFF) | (Code >> (6 * Tail)));
		for (int Index = Tail - 1; Index >= 0; --Index)
		{
			Out += static_cast<char>(0x80 | ((Code >> (6 * Index)) & 0x3F));
		}
	}
	return Out;
}

inline std::u16string Widen(const char* Text)
{
	std::u16string Out;
	const auto* Byte = reinterpret_cast<const unsigned char*>(Text);
	while (*Byte != 0)
	{
		const int Tail = *Byte < 0x80 ? 0 : *Byte < 0xE0 ? 1 : *Byte < 0xF0 ? 2 : 3;
		uint32 Code = Tail == 0 ? *Byte : *Byte & (0x3F >> Tail);
		for (int Index = 0; Index < Tail && Byte[1] != 0; ++Index)
		{
			Code = (Code << 6) | (*++Byte & 0x3F);
		}
		++Byte;
		if (Code >= 0x10000)
		{
			Out += static_cast<TCHAR>(0xD7C0 + (Code >> 10));
			Out += static_cast<TCHAR>(0xDC00 + (Code & 0x3FF));
		}
		else
		{
			Out += static_cast<TCHAR>(Code);
		}
	}
	return Out;
}

// shim: an argument of Printf; only what the engine's Printf also takes
struct FArgument
{
	enum class EKind
	{
		Signed,
		Unsigned,
		Real,
		Text
	};
	template <typename T, std::enable_if_t<std::is_integral_v<T> && std::is_signed_v<T>, int> = 0>
	FArgument(T Value) : Kind(EKind::Signed), Signed(Value)
	{
	}
	template <typename T, std::enable_if_t<std::is_integral_v<T> && !std::is_signed_v<T>, int> = 0>
	FArgument(T Value) : Kind(EKind::Unsigned), Unsigned(Value)
	{
	}
	FArgument(float Value) : Kind(EKind::Real), Real(Value) {}
	FArgument(double Value) : Kind(EKind::Real), Real(Value) {}
	FArgument(const TCHAR* Value) : Kind(EKind::Text), Words(Value) {}
	EKind Kind;
	long long Signed = 0;
	unsigned long long Unsigned = 0;
	double Real = 0;
	const TCHAR* Words = nullptr;
};

// shim: formats; a conversion that does not fit its argument ends the program
inline std::string Format(const TCHAR* Pattern, const std::vector<FArgument>& Arguments)
{
	const std::string Text = Narrow(Pattern);
	std::string Out;
	size_t Next = 0;
	for (size_t At = 0; At < Text.size(); ++At)
	{
		if (Text[At] != '%')
		{
			Out += Text[At];
			continue;
		}
		if (Text[At + 1] == '%')
		{
			Out += '%';
			++At;
			continue;
		}
		std::string Spec = "%";
		while (++At < Text.size() && std::strchr("0123456789.+- #*lh", Text[At]) != nullptr)
		{
			if (Text[At] != 'l' && Text[At] != 'h')
			{
				Spec += Text[At];
			}
		}
		check(Next < Arguments.size());
		const FArgument& Argument = Arguments[Next++];
		char Buffer[512];
		switch (Text[At])
		{
		case 's':
			check(Argument.Kind == FArgument::EKind::Text);
			Out += Narrow(Argument.Words);
			continue;
		case 'd':
		case 'i':
			check(Argument.Kind == FArgument::EKind::Signed);
			std::snprintf(Buffer, sizeof(Buffer), (Spec + "lld").c_str(), Argument.Signed);
			break;
		case 'u':
		case 'x':
			check(Argument.Kind == FArgument::EKind::Unsigned);
			std::snprintf(Buffer, sizeof(Buffer), (Spec + "ll" + Text[At]).c_str(), Argument.Unsigned);
			break;
		default:
			check(Argument.Kind == FArgument::EKind::Real);
			std::snprintf(Buffer, sizeof(Buffer), (Spec + Text[At]).c_str(), Argument.Real);
			break;
		}
		Out += Buffer;
	}
	check(Next == Arguments.size());
	return Out;
}
} // namespace Shim

// EPIC Runtime/Core/FString
class FString
{
public:
	FString() = default;
	FString(const TCHAR* Text) : Data(Text ? Text : TEXT("")) {}
	FString(const char* Text) : Data(Shim::Widen(Text)) {}
	explicit FString(const std::u16string& Text) : Data(Text) {}
	const TCHAR* operator*() const { return Data.c_str(); }
	int32 Len() const { return static_cast<int32>(Data.size()); }
	bool IsEmpty() const { return Data.empty(); }
	void Reset(int32 = 0) { Data.clear(); }
	void Empty(int32 = 0) { Data.clear(); }
	template <typename... Arguments>
	static FString Printf(const TCHAR* Pattern, Arguments... Values)
	{
		return FString(Shim::Format(Pattern, std::vector<Shim::FArgument>{Shim::FArgument(Values)...}).c_str());
	}
	static FString Join(const TArray<FString>& Parts, const TCHAR* Between)
	{
		FString Out;
		for (int32 Index = 0; Index < Parts.Num(); ++Index)
		{
			Out += Index > 0 ? Between : TEXT("");
			Out += Parts[Index];
		}
		return Out;
	}
	FString& operator+=(const FString& Other)
	{
		Data += Other.Data;
		return *this;
	}
	FString& operator+=(const TCHAR* Other)
	{
		Data += Other;
		return *this;
	}
	friend FString operator+(FString Left, const FString& Right) { return Left += Right; }
	friend FString operator+(FString Left, const TCHAR* Right) { return Left += Right; }
	friend FString operator+(const TCHAR* Left, const FString& Right) { return FString(Left) += Right; }
	// EPIC Runtime/Core/FString/operator_eq: lexical comparison, ignoring case
	friend bool operator==(const FString& Left, const FString& Right) { return Left.Lower() == Right.Lower(); }
	friend bool operator==(const FString& Left, const TCHAR* Right) { return Left == FString(Right); }
	friend bool operator<(const FString& Left, const FString& Right) { return Left.Lower() < Right.Lower(); }
	bool Equals(const FString& Other, ESearchCase::Type Case = ESearchCase::CaseSensitive) const
	{
		return Case == ESearchCase::CaseSensitive ? Data == Other.Data : *this == Other;
	}
	bool StartsWith(const FString& Other) const { return Lower().rfind(Other.Lower(), 0) == 0; }
	bool EndsWith(const FString& Other) const
	{
		const std::u16string Whole = Lower();
		const std::u16string Tail = Other.Lower();
		return Whole.size() >= Tail.size() && Whole.compare(Whole.size() - Tail.size(), Tail.size(), Tail) == 0;
	}
	bool Contains(const FString& Other) const { return Lower().find(Other.Lower()) != std::u16string::npos; }
	bool RemoveFromStart(const FString& Prefix)
	{
		if (Prefix.IsEmpty() || !StartsWith(Prefix))
		{
			return false;
		}
		Data.erase(0, Prefix.Data.size());
		return true;
	}
	bool Split(const FString& Between, FString* Left, FString* Right) const
	{
		const size_t At = Data.find(Between.Data);
		if (At == std::u16string::npos)
		{
			return false;
		}
		const std::u16string Whole = Data;
		*Left = FString(Whole.substr(0, At));
		*Right = FString(Whole.substr(At + Between.Data.size()));
		return true;
	}
	FString ToLower() const { return FString(Lower()); }
	FString TrimStartAndEnd() const
	{
		const std::string Text = Shim::Narrow(**this);
		const size_t First = Text.find_first_not_of(" \t\r\n");
		return First == std::string::npos ? FString() : FString(Text.substr(First, Text.find_last_not_of(" \t\r\n") - First + 1).c_str());
	}
	void TrimEndInline()
	{
		while (!Data.empty() && (Data.back() == ' ' || Data.back() == '\r' || Data.back() == '\n' || Data.back() == '\t'))
		{
			Data.pop_back();
		}
	}

private:
	std::u16string Lower() const
	{
		std::u16string Out = Data;
		for (TCHAR& Character : Out)
		{
			Character = Character >= 'A' && Character <= 'Z' ? static_cast<TCHAR>(Character + 32) : Character;
		}
		return Out;
	}
	std::u16string Data;
};

// EPIC documentation "String Conversions in Unreal Engine": valid for one expression
#define TCHAR_TO_UTF8(Text) (Shim::Narrow(Text).c_str())
#define UTF8_TO_TCHAR(Text) (Shim::Widen(Text).c_str())

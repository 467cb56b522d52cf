// FParse.
#pragma once

#include "Containers/UnrealString.h"

// EPIC Runtime/Core/FParse
struct FParse
{
	static bool Value(const TCHAR* Stream, const TCHAR* Match, FString& Out)
	{
		const std::string Text = Shim::Narrow(Stream);
		const std::string Key = Shim::Narrow(Match);
		const size_t At = Text.find(Key);
		if (At == std::string::npos)
		{
			return false;
		}
		const size_t Begin = At + Key.size();
		Out = FString(Text.substr(Begin, Text.find(' ', Begin) - Begin).c_str());
		return true;
	}
};

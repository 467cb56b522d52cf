// A very small test runner for what runs without the engine, and a stage: an engine, a world, actors, a device.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "CoreMinimal.h"

namespace Run
{

struct FTest
{
	std::string Group;
	std::string Name;
	std::function<void()> Body;
};

inline std::vector<FTest>& Tests()
{
	static std::vector<FTest> All;
	return All;
}

inline int& Failures()
{
	static int Count = 0;
	return Count;
}

struct FRegister
{
	FRegister(const char* File, const char* Name, void (*Body)())
	{
		const char* Slash = std::strrchr(File, '/');
		std::string Group = Slash ? Slash + 1 : File;
		Tests().push_back({Group.substr(0, Group.find('.')), Name, Body});
	}
};

inline bool Expect(bool bTrue, const char* Text, const char* File, int Line)
{
	if (!bTrue)
	{
		++Failures();
		std::printf("%s:%d: not so: %s\n", File, Line, Text);
	}
	return bTrue;
}

inline void ExpectNear(double Got, double Wanted, double Tolerance, const char* Text, const char* File, int Line)
{
	if (!(std::fabs(Got - Wanted) <= Tolerance))
	{
		++Failures();
		std::printf("%s:%d: %s is %.6f, not %.6f (within %g)\n", File, Line, Text, Got, Wanted, Tolerance);
	}
}

inline void ExpectText(const std::string& Got, const std::string& Wanted, const char* Text, const char* File, int Line)
{
	if (Got.find(Wanted) == std::string::npos)
	{
		++Failures();
		std::printf("%s:%d: %s is \"%s\", without \"%s\"\n", File, Line, Text, Got.c_str(), Wanted.c_str());
	}
}

} // namespace Run

#define TEST(Name) \
	static void Name(); \
	static const Run::FRegister Register##Name(__FILE__, #Name, &Name); \
	static void Name()
#define EXPECT(Condition) Run::Expect((Condition), #Condition, __FILE__, __LINE__)
#define EXPECT_NEAR(Got, Wanted, Tolerance) Run::ExpectNear((Got), (Wanted), (Tolerance), #Got, __FILE__, __LINE__)
#define EXPECT_TEXT(Got, Wanted) Run::ExpectText((Got), (Wanted), #Got, __FILE__, __LINE__)

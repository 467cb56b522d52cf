// Runs the tests of the groups named on the command line; all without any.
#include "Run.h"

#include <cstdlib>

#include "Interfaces/IPluginManager.h"
#include "Misc/Paths.h"

int main(int Count, char** Arguments)
{
	// PLUGIN FOLDER and a scratch folder come from the Python side.
	Shim::PluginFolder = std::getenv("A2FBRIDGE_TEST_PLUGIN");
	Shim::ProjectFolder = std::getenv("A2FBRIDGE_TEST_PROJECT");
	int Ran = 0;
	for (const Run::FTest& Test : Run::Tests())
	{
		bool bWanted = Count < 2;
		for (int Index = 1; Index < Count; ++Index)
		{
			bWanted = bWanted || Test.Group == Arguments[Index] || Test.Name == Arguments[Index];
		}
		if (bWanted)
		{
			const int Before = Run::Failures();
			Test.Body();
			++Ran;
			std::printf("%s %s\n", Run::Failures() == Before ? "ok    " : "FAILED", Test.Name.c_str());
		}
	}
	std::printf("%d tests, %d failures\n", Ran, Run::Failures());
	return Ran == 0 || Run::Failures() > 0 ? 1 : 0;
}

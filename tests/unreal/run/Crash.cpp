// The engine dies while its local server runs; test_ue_server.py looks whether the server goes with it.
#include "Stage.h"

#include <csignal>

#include "A2FBridgeLibrary.h"

using namespace Run;

TEST(DiesWithALocalServer)
{
	FStage Stage;
	Shim::Clock = -1.0;
	Shim::CommandLine = TEXT("-A2FBridgeClient=") + Environment("A2FBRIDGE_TEST_LIBRARY");
	GetMutableDefault<UA2FBridgeSettings>()->LocalEnvironment = Environment("A2FBRIDGE_TEST_ENVIRONMENT");
	UA2FBridgeLibrary::PreWarm(TEXT("Local"));
	EXPECT(Stage.StepUntil([&] { return !UA2FBridgeLibrary::GetConnectionStatus(TEXT("Local")).Target.IsEmpty(); }, 60.0));
	std::printf("%s\n", Text(UA2FBridgeLibrary::GetConnectionStatus(TEXT("Local")).Target).c_str());
	std::fflush(stdout);
	raise(SIGKILL);
}

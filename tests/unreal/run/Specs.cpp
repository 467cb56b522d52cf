// The plugin's own automation specs, run against the engine's stand-in.
#include "Stage.h"

#include "Misc/AutomationTest.h"

using namespace Run;

TEST(AutomationSpecs)
{
	FStage Stage;
	int32 Ran = 0;
	for (const auto& [Name, Make] : FAutomationSpecBase::All())
	{
		const std::unique_ptr<FAutomationSpecBase> Spec(Make());
		Spec->Define();
		Ran += Spec->Ran;
		EXPECT_TEXT(Name, "A2FBridge.");
		for (const std::string& What : Spec->Failed)
		{
			EXPECT_TEXT(Name + ": " + What, "this must not be here");
		}
	}
	EXPECT(Ran >= 9);
}

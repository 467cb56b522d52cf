// A2FBridge.Import: YAML tables become assets, mistakes are named.
#include "Misc/AutomationTest.h"

#if WITH_AUTOMATION_TESTS

#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "A2FBridgeMappingFactory.h"
#include "A2FBridgeMappingTable.h"

BEGIN_DEFINE_SPEC(
	FA2FBridgeImportSpec, "A2FBridge.Import", EAutomationTestFlags::EditorContext | EAutomationTestFlags::EngineFilter)
UA2FBridgeMappingTable* Table = nullptr;
END_DEFINE_SPEC(FA2FBridgeImportSpec)

void FA2FBridgeImportSpec::Define()
{
	BeforeEach([this]() { Table = NewObject<UA2FBridgeMappingTable>(); });

	Describe("A table",
		[this]()
		{
			It("extends a shipped one",
				[this]()
				{
					const bool bTaken = UA2FBridgeMappingFactory::Fill(
						Table, TEXT("mine.yaml"), TEXT("schema_version: 1\nname: mine\nconvention: a2f\nextends: mh4\n"));
					TestTrue(TEXT("it is taken"), bTaken);
					TestTrue(TEXT("it carries its base"), Table->Documents.Num() >= 3);
				});

			It("names line and nearest curve of a mistake",
				[this]()
				{
					const TArray<FA2FBridgeTableProblem> Problems = Table->SetText(TEXT("bad.yaml"),
						TEXT(
							"schema_version: 1\nname: bad\nconvention: a2f\ntarget: {profile: metahuman_mh4}\nmappings:\n  JawOpen: [{curve: jawOpne}]\n"));
					TestEqual(TEXT("one problem"), Problems.Num(), 1);
					TestTrue(TEXT("it is an error"), Problems[0].bIsError);
					TestEqual(TEXT("its line"), Problems[0].Line, 6);
					TestTrue(TEXT("the nearest name"), Problems[0].Message.Contains(TEXT("jawOpen")));
				});

			It("is told from other YAML",
				[this]()
				{
					const FString File = FPaths::Combine(FPaths::ProjectSavedDir(), TEXT("A2FBridge/Other.yaml"));
					FFileHelper::SaveStringToFile(FString(TEXT("name: something else\n")), *File);
					TestFalse(TEXT("it is not ours"), NewObject<UA2FBridgeMappingFactory>()->FactoryCanImport(File));
				});
		});
}

#endif // WITH_AUTOMATION_TESTS

// Curves on their way to a face: node, instance, Live Link, morph targets; mapping assets; the checker.
#include "Faces.h"

#include "Animation/AnimClassInterface.h"
#include "Logging/MessageLog.h"

#include "A2FBridgeAnimInstance.h"
#include "A2FBridgeDetails.h"
#include "A2FBridgeMappingFactory.h"
#include "A2FBridgeSetupChecker.h"
#include "AnimNode_ApplyA2FFace.h"
#include "DetailLayoutBuilder.h"
#include "LiveLinkClient.h"

using namespace Run;

TEST(NodeLaysTheFaceOverThePose)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("mh4")));
	UAnimInstance* Instance = NewObject<UAnimInstance>();
	AddMesh(Face, Instance);
	FAnimNode_ApplyA2FFace Node;
	Node.Source.Below.Set(TEXT("CTRL_expressions_jawOpen"), 0.8f);
	Node.Source.Below.Set(TEXT("Other"), 0.5f);
	const auto Evaluate = [&](FName Curve)
	{
		Node.PreUpdate(Instance);
		Node.Update_AnyThread({});
		FPoseContext Pose;
		Node.Evaluate_AnyThread(Pose);
		return Pose.Curve.Get(Curve);
	};
	EXPECT_NEAR(Evaluate(TEXT("CTRL_expressions_jawOpen")), 0.8, 1e-6); // nobody speaks: the pose below
	Face->StartRecording(WriteRamp("ramp.a2frec", 3.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	EXPECT_NEAR(Evaluate(TEXT("CTRL_expressions_jawOpen")), Face->GetCurve(TEXT("CTRL_expressions_jawOpen")), 1e-6);
	EXPECT_NEAR(Evaluate(TEXT("CTRL_expressions_jawOpen")), 0.3, 0.02);
	EXPECT_NEAR(Evaluate(TEXT("Other")), 0.5, 1e-6);
	Node.Alpha = 0.5f;
	EXPECT_NEAR(Evaluate(TEXT("CTRL_expressions_jawOpen")), (0.8 + Face->GetCurve(TEXT("CTRL_expressions_jawOpen"))) / 2.0, 1e-4);
	Node.Alpha = 1.0f;
	Node.CurveMultipliers.Add(TEXT("CTRL_expressions_jawOpen"), 2.0f);
	Node.CurveOffsets.Add(TEXT("CTRL_expressions_jawOpen"), 0.1f);
	EXPECT_NEAR(Evaluate(TEXT("CTRL_expressions_jawOpen")), 2.0 * Face->GetCurve(TEXT("CTRL_expressions_jawOpen")) + 0.1, 1e-4);
	Node.MappingTable = Shipped(TEXT("arkit"));
	EXPECT_NEAR(Evaluate(TEXT("jawOpen")), Face->GetCurve(TEXT("CTRL_expressions_jawOpen")), 0.01);
}

TEST(NodeStepsAndFades)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("arkit")));
	UAnimInstance* Instance = NewObject<UAnimInstance>();
	AddMesh(Face, Instance);
	FAnimNode_ApplyA2FFace Node;
	Node.bInterpolate = false;
	Node.BlendOutRate = 10.0f;
	const auto Jaw = [&]
	{
		Node.PreUpdate(Instance);
		FPoseContext Pose;
		Node.Evaluate_AnyThread(Pose);
		return Pose.Curve.Get(TEXT("jawOpen"));
	};
	Face->StartRecording(WriteRamp("ramp.a2frec", 2.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 0.5f; }, 3.0);
	int32 Changes = 0;
	float Last = Jaw();
	for (int32 Index = 0; Index < 60; ++Index)
	{
		Stage.Step();
		const float Now = Jaw();
		Changes += Now != Last ? 1 : 0;
		Last = Now;
	}
	EXPECT(Changes >= 29 && Changes <= 31); // thirty frames a second, not sixty
	Stage.StepUntil([&] { Last = std::max(Last, Jaw()); return Face->GetPlaybackTime() > 1.9f; }, 3.0);
	Face->StopSpeaking();
	Stage.Step();
	const float First = Jaw();
	for (int32 Index = 0; Index < 6; ++Index)
	{
		Stage.Step();
		Jaw();
	}
	EXPECT(First > 0.3f && Jaw() > 0.1f && Jaw() < First); // fading, not gone
	for (int32 Index = 0; Index < 60; ++Index)
	{
		Stage.Step();
		Jaw();
	}
	EXPECT_NEAR(Jaw(), 0.0, 1e-3);
}

TEST(InstanceNeedsNoGraph)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("arkit")));
	UA2FBridgeAnimInstance* Instance = NewObject<UA2FBridgeAnimInstance>();
	AddMesh(Face, Instance);
	FAnimInstanceProxy* Proxy = Instance->ShimProxy();
	Face->StartRecording(WriteRamp("ramp.a2frec", 2.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	Proxy->PreUpdate(Instance, static_cast<float>(Tick));
	FPoseContext Pose;
	EXPECT(Proxy->Evaluate(Pose));
	EXPECT_NEAR(Pose.Curve.Get(TEXT("jawOpen")), Face->GetCurve(TEXT("jawOpen")), 1e-6);
	Instance->ShimDestroy(Proxy);
}

TEST(MorphTargetsTakeTheTablesNames)
{
	FStage Stage;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("arkit")));
	USkeletalMeshComponent* Mesh = AddMesh(Face, nullptr);
	Face->bDriveMorphTargets = true;
	Face->StartRecording(WriteRamp("ramp.a2frec", 2.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	EXPECT_NEAR(*Mesh->Morphs.Find(TEXT("jawOpen")), 0.3, 0.02);
}

TEST(LiveLinkSpeaksArkit)
{
	FStage Stage;
	FLiveLinkClient Client;
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("mh4")));
	Face->bSendToLiveLink = true;
	Face->LiveLinkSubject = TEXT("Ada");
	Face->StartRecording(WriteRamp("ramp.a2frec", 2.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	EXPECT(Client.Source.IsValid() && Client.Source->IsSourceStillValid());
	EXPECT((*Client.Names.Find(TEXT("Ada"))).Num() == 55);
	EXPECT((*Client.Names.Find(TEXT("Ada")))[17] == FName(TEXT("JawOpen")));
	EXPECT_NEAR(Client.Value("Ada", "JawOpen"), 0.3, 0.02);
	EXPECT_NEAR(Client.Value("Ada", "EyeBlinkLeft"), 0.25, 1e-3);
	EXPECT(Client.Statics == 1); // static data forgets frames, so it goes once
	GetMutableDefault<UA2FBridgeSettings>()->LiveLinkCurves = EA2FBridgeLiveLinkCurves::MappingTable;
	Stage.Step();
	EXPECT_NEAR(Client.Value("Ada", "CTRL_expressions_jawOpen"), 0.3, 0.02);
	GetMutableDefault<UA2FBridgeSettings>()->LiveLinkCurves = EA2FBridgeLiveLinkCurves::ARKit;
	Face->DestroyComponent();
	EXPECT(Client.Values.IsEmpty());
}

TEST(FactoryShowsMistakesWithLineAndNearestName)
{
	FStage Stage;
	Shim::Messages().clear();
	const FString Folder = FString(Shim::ProjectFolder.c_str());
	const FString File = Folder + TEXT("/rig.yaml");
	const auto Import = [&](const TCHAR* Text) -> UA2FBridgeMappingTable*
	{
		FFileHelper::SaveStringToFile(Text, *File);
		UA2FBridgeMappingFactory* Factory = NewObject<UA2FBridgeMappingFactory>();
		UFactory::CurrentFilename = File;
		EXPECT(Factory->FactoryCanImport(File));
		const FString Body = Text;
		const TCHAR* Begin = *Body;
		return Cast<UA2FBridgeMappingTable>(Factory->FactoryCreateText(UA2FBridgeMappingTable::StaticClass(), nullptr, TEXT("Rig"), RF_Public, nullptr, TEXT("yaml"), Begin, Begin + Body.Len(), nullptr));
	};
	EXPECT(Import(TEXT("schema_version: 1\nname: rig\nconvention: a2f\ntarget: {profile: metahuman_mh4}\nmappings:\n  JawOpen: [{curve: jawOpne}]\n")) == nullptr);
	EXPECT(Shim::Messages().size() == 1 && Shim::Messages()[0].Severity == EMessageSeverity::Error);
	EXPECT_TEXT(Text(Shim::Messages()[0].Text), "rig.yaml:6:");
	EXPECT_TEXT(Text(Shim::Messages()[0].Text), "jawOpen");

	UA2FBridgeMappingTable* Table = Import(TEXT("schema_version: 1\nname: rig\nconvention: a2f\ntarget: {profile: custom, curves: [jaw]}\nparams: {gain: 0.5}\nmappings:\n  JawOpen: [{curve: jaw, weight: $gain}]\ndefaults: {on_unmapped_source: ignore}\n"));
	EXPECT(Table != nullptr && Table->GetTargets().Num() == 1);
	EXPECT_NEAR(*Table->GetCurvesOf(TEXT("JawOpen")).Find(TEXT("jaw")), 0.5, 1e-6);

	// Hot re-import: the face that plays takes the new table up.
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Table);
	Face->StartRecording(WriteRamp("ramp.a2frec", 4.0));
	Stage.StepUntil([&] { return Face->GetPlaybackTime() > 1.0f; }, 3.0);
	EXPECT_NEAR(Face->GetCurve(TEXT("jaw")), 0.15, 0.02);
	UA2FBridgeMappingReimportFactory* Again = NewObject<UA2FBridgeMappingReimportFactory>();
	TArray<FString> Files;
	EXPECT(Again->CanReimport(Table, Files) && Files.Num() == 1);
	FFileHelper::SaveStringToFile(TEXT("schema_version: 1\nname: rig\nconvention: a2f\ntarget: {profile: custom, curves: [chin]}\nmappings:\n  JawOpen: [{curve: chin}]\ndefaults: {on_unmapped_source: ignore}\n"), *File);
	EXPECT(Again->Reimport(Table) == EReimportResult::Succeeded);
	Stage.Step();
	EXPECT_NEAR(Face->GetCurve(TEXT("chin")), 0.3, 0.03);
	EXPECT_NEAR(Face->GetCurve(TEXT("jaw")), 0.0, 1e-6);
	FFileHelper::SaveStringToFile(TEXT("schema_version: 1\nmappings: ["), *File);
	EXPECT(Again->Reimport(Table) == EReimportResult::Failed);
	EXPECT(Table->GetTargets().Num() == 1 && Table->GetProblem().IsEmpty()); // stays as it was
}

TEST(TablesThatExtendCarryTheirBase)
{
	FStage Stage;
	UA2FBridgeMappingTable* Table = NewObject<UA2FBridgeMappingTable>();
	const TArray<FA2FBridgeTableProblem> Problems = Table->SetText(TEXT("/somewhere/mine.yaml"), TEXT("schema_version: 1\nname: mine\nconvention: a2f\nextends: mh4\n"));
	EXPECT(!Problems.ContainsByPredicate([](const FA2FBridgeTableProblem& Problem) { return Problem.bIsError; }));
	EXPECT(Table->Documents.Num() >= 3); // itself, mh4, the profile
	const int32 Curves = Table->GetTargets().Num();
	EXPECT(Curves > 80);
	const std::string Folder = Shim::PluginFolder;
	Shim::PluginFolder = "/nowhere"; // a packaged game without the files
	Table->PostLoad();
	EXPECT_TEXT(Text(Table->GetProblem()), "");
	EXPECT(Table->GetTargets().Num() == Curves);
	Shim::PluginFolder = Folder;
	bool bSet = true;
	FString Error;
	Table->SetParameter(TEXT("no_such"), 1.0f, bSet, Error);
	EXPECT(!bSet && !Error.IsEmpty());
	EXPECT(Table->GetProblem().IsEmpty());

	IDetailLayoutBuilder Layout;
	Layout.Objects.Add(Table);
	FA2FBridgeMappingDetails::MakeInstance()->CustomizeDetails(Layout);
	EXPECT((*Layout.Categories.Find(TEXT("Weights"))).Rows.size() == 68);
}

TEST(CheckerFindsTheBrokenLink)
{
	FStage Stage;
	AActor* Actor = Stage.Spawn("Bare");
	const auto Found = [&](AActor* Who) { return Text(UA2FBridgeSetupChecker::DescribeFindings(UA2FBridgeSetupChecker::CheckSetup(Stage.World, Who, TEXT("Mock")))); };
	EXPECT_TEXT(Found(Actor), "ERROR: component: Bare has no A2FBridge face component");
	UA2FBridgeFaceComponent* Face = Stage.SpawnFace(Shipped(TEXT("arkit")));
	EXPECT_TEXT(Found(Face->GetOwner()), "ERROR: mesh: the actor has no skeletal mesh");
	UAnimInstance* Instance = NewObject<UAnimInstance>();
	USkeletalMeshComponent* Mesh = AddMesh(Face, Instance);
	EXPECT_TEXT(Found(Face->GetOwner()), "ERROR: animation: nothing applies the curves");
	EXPECT_TEXT(Found(Face->GetOwner()), "warning: curves: none of the 52 curves");
	Mesh->Mesh = new USkeletalMesh();
	UMorphTarget* Jaw = new UMorphTarget();
	Jaw->Name = FName(TEXT("jawOpen"));
	Mesh->Mesh->MorphTargets.Add(Jaw);
	Face->bDriveMorphTargets = true;
	EXPECT_TEXT(Found(Face->GetOwner()), "fine: curves: 1 of 52 curves");
	EXPECT(Found(Face->GetOwner()).find("ERROR") == std::string::npos);
	EXPECT_TEXT(Found(nullptr), "warning: library: the client library");
	EXPECT_TEXT(Text(UA2FBridgeSetupChecker::DescribeFindings(UA2FBridgeSetupChecker::CheckSetup(Stage.World, nullptr, TEXT("Default")))), "ERROR: server: connection Default");
	Stage.World->Device = nullptr;
	EXPECT_TEXT(Found(Face->GetOwner()), "warning: audio: this world has no audio device");
	struct FHasNode : IAnimClassInterface
	{
		FHasNode() { Property.Struct = FAnimNode_ApplyA2FFace::StaticStruct(); Properties.Add(&Property); }
		virtual const TArray<FStructProperty*>& GetAnimNodeProperties() const override { return Properties; }
		FStructProperty Property;
		TArray<FStructProperty*> Properties;
	} Node;
	Face->bDriveMorphTargets = false;
	IAnimClassInterface::Registered = &Node;
	EXPECT_TEXT(Found(Face->GetOwner()), "curves come through the node Apply A2F Face");
	IAnimClassInterface::Registered = nullptr;
}

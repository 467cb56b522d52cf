#include "A2FBridgeSetupChecker.h"

#include "Animation/AnimClassInterface.h"
#include "Animation/AnimInstance.h"
#include "Animation/MorphTarget.h"
#include "Animation/Skeleton.h"
#include "AudioDevice.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/Engine.h"
#include "Engine/SkeletalMesh.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"

#include "A2FBridgeAnimInstance.h"
#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSubsystem.h"
#include "AnimNode_ApplyA2FFace.h"

namespace
{

/** Collects findings. */
class FReport
{
public:
	void Fine(const TCHAR* Part, FString Text) { Add(EA2FBridgeSeverity::Fine, Part, MoveTemp(Text), FString()); }
	void Warn(const TCHAR* Part, FString Text, FString Advice)
	{
		Add(EA2FBridgeSeverity::Warning, Part, MoveTemp(Text), MoveTemp(Advice));
	}
	void Fail(const TCHAR* Part, FString Text, FString Advice)
	{
		Add(EA2FBridgeSeverity::Error, Part, MoveTemp(Text), MoveTemp(Advice));
	}

	TArray<FA2FBridgeFinding> Findings;

private:
	void Add(EA2FBridgeSeverity Severity, const TCHAR* Part, FString Text, FString Advice)
	{
		FA2FBridgeFinding& Finding = Findings.AddDefaulted_GetRef();
		Finding.Severity = Severity;
		Finding.Part = Part;
		Finding.Text = MoveTemp(Text);
		Finding.Advice = MoveTemp(Advice);
	}
};

void CheckConnection(FReport& Report, FName Connection)
{
	UA2FBridgeSubsystem* Subsystem = UA2FBridgeSubsystem::Get();
	if (Subsystem == nullptr)
	{
		Report.Fail(TEXT("library"), TEXT("the engine is not up yet"), TEXT("check again later"));
		return;
	}
	FString Problem;
	const FString Version = Subsystem->GetClientVersion(Problem);
	if (Problem.IsEmpty())
	{
		Report.Fine(TEXT("library"), TEXT("client library ") + Version);
	}
	else
	{
		Report.Warn(TEXT("library"), Problem, TEXT("without it, use Play Recorded Session or the Mock connection"));
	}
	const FA2FBridgeConnectionStatus Status = Subsystem->GetStatus(Connection);
	switch (Status.State)
	{
	case EA2FBridgeConnectionState::Ready:
		Report.Fine(TEXT("server"), FString::Printf(TEXT("connection %s is ready %s"), *Connection.ToString(), *Status.Target));
		break;
	case EA2FBridgeConnectionState::Unknown:
	case EA2FBridgeConnectionState::Starting:
	case EA2FBridgeConnectionState::Checking:
		Report.Warn(TEXT("server"),
			FString::Printf(TEXT("connection %s (%s) has not answered yet"), *Connection.ToString(), *Status.Target),
			TEXT("pre-warm it, wait a few seconds, check again"));
		break;
	default:
		Report.Fail(TEXT("server"),
			FString::Printf(TEXT("connection %s (%s): %s"), *Connection.ToString(), *Status.Target, *Status.Text),
			TEXT(
				"start the server (a2fbridge serve), correct the address in Project Settings > Plugins > A2FBridge, or use the connection Local"));
		break;
	}
}

/** Curve names that a mesh can do something with: its skeleton's, and its morph targets. */
TSet<FName> CurvesOf(const USkeletalMeshComponent& Mesh)
{
	TSet<FName> Known;
	USkeletalMesh* Asset = Mesh.GetSkeletalMeshAsset();
	if (Asset == nullptr)
	{
		return Known;
	}
	for (const TObjectPtr<UMorphTarget>& Target : Asset->GetMorphTargets())
	{
		Known.Add(Target->GetFName());
	}
	if (const USkeleton* Skeleton = Asset->GetSkeleton())
	{
		TArray<FName> Names;
		Skeleton->GetCurveMetaDataNames(Names);
		Known.Append(Names);
	}
	return Known;
}

/** Whether an animation class has our node in one of its graphs. */
bool HasNode(const UClass* AnimClass)
{
	const IAnimClassInterface* Interface = AnimClass != nullptr ? IAnimClassInterface::GetFromClass(AnimClass) : nullptr;
	if (Interface == nullptr)
	{
		return false;
	}
	for (const FStructProperty* Property : Interface->GetAnimNodeProperties())
	{
		if (Property->Struct->IsChildOf(FAnimNode_ApplyA2FFace::StaticStruct()))
		{
			return true;
		}
	}
	return false;
}

/** Says what applies the face's curves to a mesh; empty when nothing does. */
FString AppliedBy(const USkeletalMeshComponent& Mesh, const UA2FBridgeFaceComponent& Face)
{
	const UAnimInstance* Instance = Mesh.GetAnimInstance();
	if (Instance != nullptr && Instance->IsA<UA2FBridgeAnimInstance>())
	{
		return TEXT("the anim class A2FBridgeAnimInstance");
	}
	if (Instance != nullptr && HasNode(Instance->GetClass()))
	{
		return TEXT("the node Apply A2F Face in ") + Instance->GetClass()->GetName();
	}
	if (Face.bDriveMorphTargets)
	{
		return TEXT("the face component (morph targets)");
	}
	if (Face.bSendToLiveLink)
	{
		return TEXT("Live Link, if its anim Blueprint takes the subject");
	}
	return FString();
}

void CheckMeshes(FReport& Report, const AActor& Character, const UA2FBridgeFaceComponent& Face)
{
	TInlineComponentArray<USkeletalMeshComponent*> Meshes(&Character);
	const UA2FBridgeMappingTable* Table = Face.GetTableInForce();
	const TArray<FName> Targets = Table != nullptr ? Table->GetTargets() : TArray<FName>();
	FString Best;
	int32 BestKnown = -1;
	bool bApplied = false;
	for (const USkeletalMeshComponent* Mesh : Meshes)
	{
		const TSet<FName> Known = CurvesOf(*Mesh);
		int32 Count = 0;
		for (const FName& Target : Targets)
		{
			Count += Known.Contains(Target) ? 1 : 0;
		}
		const FString By = AppliedBy(*Mesh, Face);
		bApplied = bApplied || !By.IsEmpty();
		if (!By.IsEmpty())
		{
			Report.Fine(TEXT("animation"), FString::Printf(TEXT("%s: curves come through %s"), *Mesh->GetName(), *By));
		}
		if (Count > BestKnown)
		{
			BestKnown = Count;
			Best = Mesh->GetName();
		}
	}
	if (Meshes.Num() == 0)
	{
		Report.Fail(TEXT("mesh"), TEXT("the actor has no skeletal mesh component"),
			TEXT("put the face component on the actor that has the face"));
		return;
	}
	if (!bApplied)
	{
		Report.Fail(TEXT("animation"), TEXT("nothing applies the curves to a mesh"),
			TEXT(
				"MetaHuman: put the node Apply A2F Face into its Face_AnimBP, or tick Send To Live Link and choose the subject as LLink Face Subj. Other heads: set the anim class A2FBridgeAnimInstance, or tick Drive Morph Targets"));
	}
	if (Targets.Num() > 0 && BestKnown == 0)
	{
		Report.Warn(TEXT("curves"),
			FString::Printf(TEXT("none of the %d curves of the table (such as %s) is known to a mesh of the actor"),
				Targets.Num(), *Targets[0].ToString()),
			TEXT(
				"a MetaHuman's rig takes them all the same; for other heads choose a table with the mesh's own names, such as arkit, or write one"));
	}
	else if (Targets.Num() > 0)
	{
		Report.Fine(TEXT("curves"), FString::Printf(TEXT("%d of %d curves are known to %s"), BestKnown, Targets.Num(), *Best));
	}
}

void CheckFace(FReport& Report, const AActor& Character)
{
	const UA2FBridgeFaceComponent* Face = Character.FindComponentByClass<UA2FBridgeFaceComponent>();
	if (Face == nullptr)
	{
		Report.Fail(TEXT("component"), FString::Printf(TEXT("%s has no A2FBridge face component"), *Character.GetName()),
			TEXT("add the component A2FBridge Face; the Animate nodes also add one when they are used"));
		return;
	}
	Report.Fine(TEXT("component"), FString::Printf(TEXT("face component %s"), *Face->GetName()));
	const UA2FBridgeMappingTable* Table = Face->GetTableInForce();
	const FString Problem = Table != nullptr
								? Table->GetProblem()
								: FString(TEXT("there is no mapping table, so the face's own blend-shape names come out"));
	if (Problem.IsEmpty())
	{
		Report.Fine(TEXT("mapping"), TEXT("mapping table ") + Table->GetName());
	}
	else
	{
		Report.Warn(TEXT("mapping"), Problem,
			TEXT("set Mapping Table on the component, or Default Mapping Table in the project settings"));
	}
	CheckMeshes(Report, Character, *Face);
	const FString LiveLink = Face->bSendToLiveLink ? A2FBridge::GetLiveLinkProblem() : FString();
	if (!LiveLink.IsEmpty())
	{
		Report.Fail(TEXT("Live Link"), LiveLink, TEXT("enable the plugin Live Link"));
	}
}

void CheckAudio(FReport& Report, const UObject* WorldContextObject)
{
	const UWorld* World = WorldContextObject != nullptr ? WorldContextObject->GetWorld() : nullptr;
	const FAudioDevice* Device = World != nullptr ? World->GetAudioDeviceRaw() : nullptr;
	if (Device == nullptr)
	{
		Report.Warn(TEXT("audio"), TEXT("this world has no audio device: faces move by the wall clock and are not heard"),
			TEXT(
				"in Play In Editor, try Editor Preferences > Create New Audio Device for Play in Editor off; on a server this is as it should be"));
		return;
	}
	Report.Fine(TEXT("audio"), FString::Printf(TEXT("audio device at %.0f Hz, %d buffers of %d"), Device->GetSampleRate(),
								   Device->GetNumBuffers(), Device->GetBufferLength()));
}

} // namespace

TArray<FA2FBridgeFinding> UA2FBridgeSetupChecker::CheckSetup(UObject* WorldContextObject, AActor* Character, FName Connection)
{
	FReport Report;
	CheckConnection(Report, Connection.IsNone() ? FName(TEXT("Default")) : Connection);
	if (Character != nullptr)
	{
		CheckFace(Report, *Character);
	}
	CheckAudio(Report, Character != nullptr ? Character : WorldContextObject);
	Report.Findings.StableSort([](const FA2FBridgeFinding& A, const FA2FBridgeFinding& B) { return A.Severity > B.Severity; });
	return MoveTemp(Report.Findings);
}

FString UA2FBridgeSetupChecker::DescribeFindings(const TArray<FA2FBridgeFinding>& Findings)
{
	TArray<FString> Lines;
	for (const FA2FBridgeFinding& Finding : Findings)
	{
		const TCHAR* Mark = Finding.Severity == EA2FBridgeSeverity::Error	  ? TEXT("ERROR")
							: Finding.Severity == EA2FBridgeSeverity::Warning ? TEXT("warning")
																			  : TEXT("fine");
		FString Line = FString::Printf(TEXT("%s: %s: %s"), Mark, *Finding.Part.ToString(), *Finding.Text);
		if (!Finding.Advice.IsEmpty())
		{
			Line += TEXT("\n    ") + Finding.Advice;
		}
		Lines.Add(Line);
	}
	return FString::Join(Lines, TEXT("\n"));
}

#include "A2FBridgeLiveLinkSource.h"

#include "Features/IModularFeatures.h"
#include "GameFramework/Actor.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "LiveLinkSourceSettings.h"
#include "LiveLinkTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"

#include "A2FBridge/Convention.h"
#include "A2FBridge/Names.h"
#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeLiveLink.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeText.h"

#define LOCTEXT_NAMESPACE "A2FBridgeLiveLink"

namespace
{

/** The source in use, made by the factory or by the first face that sends. */
TWeakPtr<FA2FBridgeLiveLinkSource> Current;

/** What a face sends: 52 ARKit shapes and three head rotations that stay 0, in the order of the Live Link Face app. */
struct FArkitPose
{
	TArray<FName> Names;
	TArray<float> Values;

	FArkitPose()
	{
		for (size_t Index = 0; Index < a2fbridge::kArkitCount; ++Index)
		{
			Names.Add(A2FBridge::NameFromUtf8(a2fbridge::faceNames()[Index]));
		}
		Names.Append({TEXT("HeadYaw"), TEXT("HeadPitch"), TEXT("HeadRoll")});
		Values.SetNumZeroed(Names.Num());
	}

	/** Takes the weights of a pose over, in Apple's convention: there JawOpen is the whole jaw. */
	void Take(const FA2FBridgePose& Pose)
	{
		static const std::vector<std::string> Shapes(
			a2fbridge::faceNames().begin(), a2fbridge::faceNames().begin() + a2fbridge::kArkitCount);
		static const auto Converter =
			a2fbridge::ConventionConverter::create(Shapes, a2fbridge::Convention::A2F, a2fbridge::Convention::ARKit);
		for (int32 Index = 0; Index < static_cast<int32>(a2fbridge::kArkitCount); ++Index)
		{
			const int32 At = Pose.WeightNames.Find(Names[Index]);
			Values[Index] = At != INDEX_NONE ? FMath::Clamp(Pose.Weights[At], 0.0f, 1.0f) : 0.0f;
		}
		if (Converter.ok())
		{
			Converter.value().apply(Values.GetData());
		}
	}
};

ILiveLinkClient* FindClient()
{
	IModularFeatures& Features = IModularFeatures::Get();
	return Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName)
			   ? &Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName)
			   : nullptr;
}

bool Same(TConstArrayView<FName> Left, TConstArrayView<FName> Right)
{
	if (Left.Num() != Right.Num())
	{
		return false;
	}
	for (int32 Index = 0; Index < Left.Num(); ++Index)
	{
		if (Left[Index] != Right[Index])
		{
			return false;
		}
	}
	return true;
}

FName SubjectOf(const UA2FBridgeFaceComponent* Face)
{
	return Face->LiveLinkSubject.IsNone() ? FName(*GetNameSafe(Face->GetOwner())) : Face->LiveLinkSubject;
}

} // namespace

void A2FBridge::SendToLiveLink(UA2FBridgeFaceComponent* Face)
{
	const TSharedPtr<FA2FBridgeLiveLinkSource> Source = FA2FBridgeLiveLinkSource::FindOrAdd();
	if (!Source.IsValid())
	{
		return;
	}
	const FA2FBridgePose Pose = Face->GetPose();
	if (GetDefault<UA2FBridgeSettings>()->LiveLinkCurves == EA2FBridgeLiveLinkCurves::MappingTable)
	{
		Source->Push(SubjectOf(Face), Pose.Names, Pose.Values);
		return;
	}
	static FArkitPose Arkit;
	Arkit.Take(Pose);
	Source->Push(SubjectOf(Face), Arkit.Names, Arkit.Values);
}

void A2FBridge::RemoveLiveLinkSubject(const UA2FBridgeFaceComponent* Face)
{
	if (const TSharedPtr<FA2FBridgeLiveLinkSource> Source = Current.Pin())
	{
		Source->Remove(SubjectOf(Face));
	}
}

FString A2FBridge::GetLiveLinkProblem()
{
	return FindClient() != nullptr ? FString() : FString(TEXT("the Live Link plugin is not enabled"));
}

TSharedPtr<FA2FBridgeLiveLinkSource> FA2FBridgeLiveLinkSource::FindOrAdd()
{
	check(IsInGameThread());
	TSharedPtr<FA2FBridgeLiveLinkSource> Source = Current.Pin();
	ILiveLinkClient* Client = FindClient();
	if (!Source.IsValid() && Client != nullptr)
	{
		Source = MakeShared<FA2FBridgeLiveLinkSource>();
		Current = Source;
		Client->AddSource(Source);
	}
	return Source;
}

void FA2FBridgeLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	Guid = InSourceGuid;
}

void FA2FBridgeLiveLinkSource::InitializeSettings(ULiveLinkSourceSettings* Settings)
{
	// Presets keep it, and make the source again with it.
	Settings->Factory = UA2FBridgeLiveLinkSourceFactory::StaticClass();
}

bool FA2FBridgeLiveLinkSource::IsSourceStillValid() const
{
	return Client != nullptr;
}

bool FA2FBridgeLiveLinkSource::RequestSourceShutdown()
{
	Client = nullptr;
	Subjects.Reset();
	return true;
}

FText FA2FBridgeLiveLinkSource::GetSourceType() const
{
	return LOCTEXT("SourceType", "A2FBridge");
}

FText FA2FBridgeLiveLinkSource::GetSourceMachineName() const
{
	return LOCTEXT("SourceMachine", "This machine");
}

FText FA2FBridgeLiveLinkSource::GetSourceStatus() const
{
	return Subjects.IsEmpty() ? LOCTEXT("NoSubject", "No face sends") : LOCTEXT("Active", "Active");
}

void FA2FBridgeLiveLinkSource::Push(FName Subject, TConstArrayView<FName> Names, TConstArrayView<float> Values)
{
	if (Client == nullptr || Names.Num() == 0)
	{
		return;
	}
	const FLiveLinkSubjectKey Key(Guid, Subject);
	TArray<FName>& Known = Subjects.FindOrAdd(Subject);
	if (!Same(Known, Names))
	{
		Known = TArray<FName>(Names);
		FLiveLinkStaticDataStruct Static(FLiveLinkBaseStaticData::StaticStruct());
		Static.Cast<FLiveLinkBaseStaticData>()->PropertyNames = Known;
		Client->PushSubjectStaticData_AnyThread(Key, ULiveLinkBasicRole::StaticClass(), MoveTemp(Static));
	}
	FLiveLinkFrameDataStruct Frame(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData* Data = Frame.Cast<FLiveLinkBaseFrameData>();
	Data->WorldTime = FPlatformTime::Seconds();
	Data->PropertyValues = TArray<float>(Values);
	Client->PushSubjectFrameData_AnyThread(Key, MoveTemp(Frame));
}

void FA2FBridgeLiveLinkSource::Remove(FName Subject)
{
	if (Client != nullptr && Subjects.Remove(Subject) > 0)
	{
		Client->RemoveSubject_AnyThread(FLiveLinkSubjectKey(Guid, Subject));
	}
}

FText UA2FBridgeLiveLinkSourceFactory::GetSourceDisplayName() const
{
	return LOCTEXT("DisplayName", "A2FBridge");
}

FText UA2FBridgeLiveLinkSourceFactory::GetSourceTooltip() const
{
	return LOCTEXT("Tooltip", "Faces whose component has Send To Live Link on, as subjects");
}

ULiveLinkSourceFactory::EMenuType UA2FBridgeLiveLinkSourceFactory::GetMenuType() const
{
	return EMenuType::MenuEntry;
}

TSharedPtr<ILiveLinkSource> UA2FBridgeLiveLinkSourceFactory::CreateSource(const FString& ConnectionString) const
{
	TSharedPtr<FA2FBridgeLiveLinkSource> Source = Current.Pin();
	if (!Source.IsValid() || !Source->IsSourceStillValid())
	{
		Source = MakeShared<FA2FBridgeLiveLinkSource>();
		Current = Source;
	}
	return Source;
}

#undef LOCTEXT_NAMESPACE

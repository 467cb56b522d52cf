#include "A2FBridgeDetails.h"

#include "DetailCategoryBuilder.h"
#include "DetailLayoutBuilder.h"
#include "DetailWidgetRow.h"
#include "Editor.h"
#include "Widgets/Input/SButton.h"
#include "Widgets/SBoxPanel.h"
#include "Widgets/Text/STextBlock.h"

#include "A2FBridgeEditorSubsystem.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeMappingTable.h"

#define LOCTEXT_NAMESPACE "A2FBridgeEditor"

namespace
{

/** A row of a name and a text. */
void AddRow(IDetailCategoryBuilder& Category, const FText& Name, const FText& Value)
{
	Category.AddCustomRow(Name)
		.NameContent()[SNew(STextBlock).Text(Name).Font(IDetailLayoutBuilder::GetDetailFont())]
		.ValueContent()
		.MinDesiredWidth(300.0f)[SNew(STextBlock).Text(Value).Font(IDetailLayoutBuilder::GetDetailFont()).AutoWrapText(true)];
}

/** "jawOpen 1, mouthClose 0.5". */
FText Describe(const TMap<FName, float>& Curves)
{
	TArray<FString> Parts;
	for (const TPair<FName, float>& Entry : Curves)
	{
		Parts.Add(FString::Printf(TEXT("%s %.3g"), *Entry.Key.ToString(), Entry.Value));
	}
	return FText::FromString(FString::Join(Parts, TEXT(", ")));
}

UA2FBridgeEditorSubsystem* EditorSide()
{
	return GEditor->GetEditorSubsystem<UA2FBridgeEditorSubsystem>();
}

FText EnvironmentText()
{
	switch (EditorSide()->GetLocalEnvironmentState())
	{
	case EA2FBridgeEnvironmentState::Ready:
		return LOCTEXT("EnvironmentReady", "The environment is there.");
	case EA2FBridgeEnvironmentState::Working:
	{
		const TArray<FString> Lines = EditorSide()->GetLocalEnvironmentLog();
		return FText::FromString(Lines.IsEmpty() ? FString() : Lines.Last());
	}
	case EA2FBridgeEnvironmentState::Failed:
		return FText::FromString(TEXT("It failed:\n") + FString::Join(EditorSide()->GetLocalEnvironmentLog(), TEXT("\n")));
	default:
		return LOCTEXT("EnvironmentMissing",
			"There is no environment yet. Making it takes some minutes and needs Python 3.11 and a network.");
	}
}

FText ServerText()
{
	const FA2FBridgeConnectionStatus Status = UA2FBridgeLibrary::GetConnectionStatus(TEXT("Local"));
	const TArray<FString> Lines = UA2FBridgeLibrary::GetLocalServerLog();
	return FText::FromString(UEnum::GetValueAsString(Status.State) + TEXT(" ") + Status.Target + TEXT(" ") + Status.Text +
							 (Lines.IsEmpty() ? FString() : TEXT("\n") + Lines.Last()));
}

FReply MakeEnvironment()
{
	bool bStarted = false;
	FString Error;
	EditorSide()->CreateLocalEnvironment(bStarted, Error); // what went wrong stands in the text beside the button
	return FReply::Handled();
}

FReply StartServer()
{
	UA2FBridgeLibrary::PreWarm(TEXT("Local"));
	return FReply::Handled();
}

FReply StopServer()
{
	UA2FBridgeLibrary::StopLocalServer();
	return FReply::Handled();
}

} // namespace

TSharedRef<IDetailCustomization> FA2FBridgeMappingDetails::MakeInstance()
{
	return MakeShared<FA2FBridgeMappingDetails>();
}

void FA2FBridgeMappingDetails::CustomizeDetails(IDetailLayoutBuilder& DetailBuilder)
{
	TArray<TWeakObjectPtr<UObject>> Objects;
	DetailBuilder.GetObjectsBeingCustomized(Objects);
	const UA2FBridgeMappingTable* Table = Objects.Num() == 1 ? Cast<UA2FBridgeMappingTable>(Objects[0].Get()) : nullptr;
	if (Table == nullptr)
	{
		return;
	}
	IDetailCategoryBuilder& Summary = DetailBuilder.EditCategory("Table", LOCTEXT("TableCategory", "Table"));
	const FString Problem = Table->GetProblem();
	AddRow(Summary, LOCTEXT("State", "State"), Problem.IsEmpty() ? LOCTEXT("Works", "works") : FText::FromString(Problem));
	AddRow(Summary, LOCTEXT("Inputs", "Inputs"), FText::AsNumber(Table->GetSources().Num()));
	AddRow(Summary, LOCTEXT("Curves", "Curves"), FText::AsNumber(Table->GetTargets().Num()));
	for (const TPair<FName, float>& Parameter : Table->GetParameters())
	{
		AddRow(Summary, FText::FromName(Parameter.Key), FText::AsNumber(Parameter.Value));
	}
	IDetailCategoryBuilder& Weights =
		DetailBuilder.EditCategory("Weights", LOCTEXT("WeightsCategory", "Curves of each input at 1"));
	for (const FName& Source : Table->GetSources())
	{
		AddRow(Weights, FText::FromName(Source), Describe(Table->GetCurvesOf(Source)));
	}
}

TSharedRef<IDetailCustomization> FA2FBridgeSettingsDetails::MakeInstance()
{
	return MakeShared<FA2FBridgeSettingsDetails>();
}

void FA2FBridgeSettingsDetails::CustomizeDetails(IDetailLayoutBuilder& DetailBuilder)
{
	IDetailCategoryBuilder& Local = DetailBuilder.EditCategory("Local server");
	Local.AddCustomRow(LOCTEXT("MakeEnvironment", "Make environment"))
		.NameContent()[SNew(SButton).Text(LOCTEXT("MakeEnvironment", "Make environment")).OnClicked_Static(&MakeEnvironment)]
		.ValueContent()
		.MinDesiredWidth(300.0f)[SNew(STextBlock).Text_Static(&EnvironmentText).AutoWrapText(true)];
	Local.AddCustomRow(LOCTEXT("Server", "Server"))
		.NameContent()
			[SNew(SHorizontalBox) +
				SHorizontalBox::Slot().AutoWidth()[SNew(SButton).Text(LOCTEXT("Start", "Start")).OnClicked_Static(&StartServer)] +
				SHorizontalBox::Slot().AutoWidth()[SNew(SButton).Text(LOCTEXT("Stop", "Stop")).OnClicked_Static(&StopServer)]]
		.ValueContent()
		.MinDesiredWidth(300.0f)[SNew(STextBlock).Text_Static(&ServerText).AutoWrapText(true)];
}

#undef LOCTEXT_NAMESPACE

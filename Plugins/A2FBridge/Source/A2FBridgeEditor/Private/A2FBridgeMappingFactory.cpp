#include "A2FBridgeMappingFactory.h"

#include "Editor.h"
#include "EditorFramework/AssetImportData.h"
#include "HAL/FileManager.h"
#include "Misc/FileHelper.h"
#include "Subsystems/ImportSubsystem.h"

#include "A2FBridgeEditorLog.h"
#include "A2FBridgeMappingTable.h"

namespace
{
/** Whether a text is a mapping table: schema_version at the start of a line, and mappings, extends or expressions. */
bool IsTable(const FString& Text)
{
	const auto HasKey = [&Text](const TCHAR* Key)
	{
		return Text.StartsWith(Key) || Text.Contains(FString(TEXT("\n")) + Key);
	};
	return HasKey(TEXT("schema_version:")) && (HasKey(TEXT("mappings:")) || HasKey(TEXT("extends:")));
}
} // namespace

UA2FBridgeMappingFactory::UA2FBridgeMappingFactory()
{
	SupportedClass = UA2FBridgeMappingTable::StaticClass();
	bCreateNew = false;
	bEditorImport = true;
	bText = true;
	Formats.Add(TEXT("yaml;A2FBridge mapping table"));
	Formats.Add(TEXT("yml;A2FBridge mapping table"));
}

bool UA2FBridgeMappingFactory::FactoryCanImport(const FString& Filename)
{
	FString Text;
	return FFileHelper::LoadFileToString(Text, *Filename) && IsTable(Text);
}

UObject* UA2FBridgeMappingFactory::FactoryCreateText(UClass* InClass, UObject* InParent, FName InName, EObjectFlags Flags,
	UObject* Context, const TCHAR* Type, const TCHAR*& Buffer, const TCHAR* BufferEnd, FFeedbackContext* Warn)
{
	UImportSubsystem* Imports = GEditor->GetEditorSubsystem<UImportSubsystem>();
	Imports->BroadcastAssetPreImport(this, InClass, InParent, InName, Type);
	UA2FBridgeMappingTable* Table = NewObject<UA2FBridgeMappingTable>(InParent, InClass, InName, Flags);
	const FString Text(Buffer); // the text ends with 0, at BufferEnd
	const bool bTaken = Fill(Table, GetCurrentFilename(), Text);
	if (bTaken)
	{
		Table->AssetImportData = NewObject<UAssetImportData>(Table, TEXT("AssetImportData"));
		Table->AssetImportData->Update(GetCurrentFilename());
	}
	Imports->BroadcastAssetPostImport(this, bTaken ? Table : nullptr);
	return bTaken ? Table : nullptr;
}

bool UA2FBridgeMappingFactory::Fill(UA2FBridgeMappingTable* Table, const FString& File, const FString& Text)
{
	const TArray<FA2FBridgeTableProblem> Problems = Table->SetText(File, Text);
	A2FBridge::ShowProblems(FText::FromString(File), Problems);
	return !Problems.ContainsByPredicate([](const FA2FBridgeTableProblem& Problem) { return Problem.bIsError; });
}

UA2FBridgeMappingReimportFactory::UA2FBridgeMappingReimportFactory()
{
	ImportPriority = DefaultImportPriority - 1;
}

bool UA2FBridgeMappingReimportFactory::CanReimport(UObject* Obj, TArray<FString>& OutFilenames)
{
	const UA2FBridgeMappingTable* Table = Cast<UA2FBridgeMappingTable>(Obj);
	if (Table == nullptr || Table->AssetImportData == nullptr)
	{
		return false;
	}
	Table->AssetImportData->ExtractFilenames(OutFilenames);
	return true;
}

void UA2FBridgeMappingReimportFactory::SetReimportPaths(UObject* Obj, const TArray<FString>& NewReimportPaths)
{
	UA2FBridgeMappingTable* Table = Cast<UA2FBridgeMappingTable>(Obj);
	if (Table != nullptr && Table->AssetImportData != nullptr && NewReimportPaths.Num() == 1)
	{
		Table->AssetImportData->UpdateFilenameOnly(NewReimportPaths[0]);
	}
}

EReimportResult::Type UA2FBridgeMappingReimportFactory::Reimport(UObject* Obj)
{
	UA2FBridgeMappingTable* Table = Cast<UA2FBridgeMappingTable>(Obj);
	const FString File =
		Table != nullptr && Table->AssetImportData != nullptr ? Table->AssetImportData->GetFirstFilename() : FString();
	FString Text;
	if (File.IsEmpty() || !FFileHelper::LoadFileToString(Text, *File))
	{
		FA2FBridgeTableProblem Problem;
		Problem.bIsError = true;
		Problem.Path = File;
		Problem.Message = TEXT("the file cannot be read");
		A2FBridge::ShowProblems(FText::FromString(GetNameSafe(Obj)), {Problem});
		return EReimportResult::Failed;
	}
	Table->Modify();
	if (!Fill(Table, File, Text))
	{
		return EReimportResult::Failed; // the table stays as it was
	}
	Table->AssetImportData->Update(File);
	Table->MarkPackageDirty();
	return EReimportResult::Succeeded;
}

int32 UA2FBridgeMappingReimportFactory::GetPriority() const
{
	return ImportPriority;
}

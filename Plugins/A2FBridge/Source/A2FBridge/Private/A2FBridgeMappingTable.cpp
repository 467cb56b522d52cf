#include "A2FBridgeMappingTable.h"

#include "HAL/FileManager.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "UObject/Package.h"
#include "UObject/StrongObjectPtr.h"

#include "A2FBridge/MappingTable.h"
#include "A2FBridgeRequests.h"
#include "A2FBridgeTableLoader.h"
#include "A2FBridgeText.h"

namespace
{
FA2FBridgeTableProblem ProblemOf(const a2fbridge::Error& Error)
{
	FA2FBridgeTableProblem Problem;
	Problem.bIsError = true;
	Problem.Path = A2FBridge::FromUtf8(Error.path);
	Problem.Line = Error.line;
	Problem.Column = Error.column;
	Problem.Message = A2FBridge::FromUtf8(Error.message);
	return Problem;
}

TArray<FName> NamesOf(const std::vector<std::string>& Names)
{
	TArray<FName> Result;
	Result.Reserve(static_cast<int32>(Names.size()));
	for (const std::string& Name : Names)
	{
		Result.Add(A2FBridge::NameFromUtf8(Name));
	}
	return Result;
}

/** Tables that ship, by name; kept as long as the engine runs. */
TMap<FString, TStrongObjectPtr<UA2FBridgeMappingTable>>& ShippedTables()
{
	static TMap<FString, TStrongObjectPtr<UA2FBridgeMappingTable>> Tables;
	return Tables;
}
} // namespace

FString FA2FBridgeTableProblem::ToText() const
{
	FString Place = Path;
	if (Line > 0)
	{
		Place += FString::Printf(TEXT(":%d"), Line);
	}
	if (Column > 0)
	{
		Place += FString::Printf(TEXT(":%d"), Column);
	}
	return Place.IsEmpty() ? Message : Place + TEXT(": ") + Message;
}

FA2FBridgeTableChanged& UA2FBridgeMappingTable::OnChanged()
{
	static FA2FBridgeTableChanged Delegate;
	return Delegate;
}

UA2FBridgeMappingTable* UA2FBridgeMappingTable::LoadShippedTable(const FString& Name, FString& Error)
{
	check(IsInGameThread());
	Error.Reset();
	if (const TStrongObjectPtr<UA2FBridgeMappingTable>* Found = ShippedTables().Find(Name))
	{
		return Found->Get();
	}
	const FString File = FA2FBridgeTableLoader::ShippedFile(Name);
	FString Text;
	if (File.IsEmpty() || !FFileHelper::LoadFileToString(Text, *File))
	{
		const TArray<FString> Known = GetShippedTables();
		Error = FString::Printf(TEXT("no table '%s' ships with the plugin (looked in %s); there are: %s"), *Name,
			*FA2FBridgeTableLoader::ShippedFolder(), *FString::Join(Known, TEXT(", ")));
		return nullptr;
	}
	UA2FBridgeMappingTable* Table = NewObject<UA2FBridgeMappingTable>(GetTransientPackage());
	for (const FA2FBridgeTableProblem& Problem : Table->SetText(File, Text))
	{
		if (Problem.bIsError)
		{
			Error = Problem.ToText();
			return nullptr;
		}
	}
	ShippedTables().Add(Name, TStrongObjectPtr<UA2FBridgeMappingTable>(Table));
	return Table;
}

TArray<FString> UA2FBridgeMappingTable::GetShippedTables()
{
	TArray<FString> Names;
	for (const std::string& Name : FA2FBridgeTableLoader().tableNames())
	{
		Names.Add(A2FBridge::FromUtf8(Name));
	}
	Names.Sort();
	return Names;
}

TArray<FName> UA2FBridgeMappingTable::GetTargets() const
{
	const auto Compiled = GetTable();
	return Compiled ? NamesOf(Compiled->targets()) : TArray<FName>();
}

TArray<FName> UA2FBridgeMappingTable::GetSources() const
{
	const auto Compiled = GetTable();
	return Compiled ? NamesOf(Compiled->sources()) : TArray<FName>();
}

TMap<FName, float> UA2FBridgeMappingTable::GetParameters() const
{
	TMap<FName, float> Result;
	if (const auto Compiled = GetTable())
	{
		for (const auto& [Name, Value] : Compiled->params())
		{
			Result.Add(A2FBridge::NameFromUtf8(Name), static_cast<float>(Value));
		}
	}
	return Result;
}

TMap<FName, float> UA2FBridgeMappingTable::GetCurvesOf(FName BlendShape) const
{
	TMap<FName, float> Result;
	const auto Compiled = GetTable();
	const auto Plan =
		Compiled ? Compiled->bind(Compiled->sources()) : a2fbridge::makeError(a2fbridge::ErrorCode::WrongState, "no table");
	if (!Plan.ok())
	{
		return Result;
	}
	std::vector<float> Rest(Plan.value()->inputCount());
	std::vector<float> Alone(Plan.value()->inputCount());
	for (size_t Index = 0; Index < Alone.size(); ++Index)
	{
		Alone[Index] = BlendShape == A2FBridge::NameFromUtf8(Compiled->sources()[Index]) ? 1.0f : 0.0f;
	}
	std::vector<float> AtRest(Plan.value()->outputCount());
	std::vector<float> Driven(Plan.value()->outputCount());
	std::vector<double> Scratch(Plan.value()->scratchSize());
	Plan.value()->apply(Rest.data(), AtRest.data(), Scratch.data());
	Plan.value()->apply(Alone.data(), Driven.data(), Scratch.data());
	for (size_t Index = 0; Index < Driven.size(); ++Index)
	{
		if (FMath::Abs(Driven[Index] - AtRest[Index]) > UE_SMALL_NUMBER)
		{
			Result.Add(A2FBridge::NameFromUtf8(Compiled->targets()[Index]), Driven[Index]);
		}
	}
	return Result;
}

FString UA2FBridgeMappingTable::GetProblem() const
{
	(void)GetTable();
	return Problem;
}

void UA2FBridgeMappingTable::SetParameter(FName Parameter, float Value, bool& bSucceeded, FString& Error)
{
	const TMap<FName, float> Before = Parameters;
	Parameters.Add(Parameter, Value);
	bCompiled = false;
	Error = GetProblem();
	bSucceeded = Error.IsEmpty();
	if (bSucceeded)
	{
		OnChanged().Broadcast(this);
		return;
	}
	Parameters = Before;
	bCompiled = false;
}

TArray<FA2FBridgeTableProblem> UA2FBridgeMappingTable::SetText(const FString& Path, const FString& Text)
{
	TArray<FA2FBridgeTableProblem> Problems;
	FA2FBridgeTableLoader Loader;
	a2fbridge::TableOptions Options;
	Options.path = A2FBridge::ToUtf8(Path);
	Options.loader = &Loader;
	Options.params = A2FBridge::NamedNumbers(Parameters);
	const auto Parsed = a2fbridge::MappingTable::parse(A2FBridge::ToUtf8(Text), Options);
	if (!Parsed.ok())
	{
		Problems.Add(ProblemOf(Parsed.error()));
		return Problems;
	}
	for (const a2fbridge::TableWarning& Warning : Parsed.value()->warnings())
	{
		FA2FBridgeTableProblem& Problem = Problems.AddDefaulted_GetRef();
		Problem.Path = A2FBridge::FromUtf8(Warning.path);
		Problem.Line = Warning.line;
		Problem.Column = Warning.column;
		Problem.Message = A2FBridge::FromUtf8(Warning.message);
	}
	FA2FBridgeTableDocument Own;
	Own.Path = Path;
	Own.Text = Text;
	Documents = {Own};
	Documents.Append(Loader.GetUsed());
	Table = Parsed.value();
	Problem.Reset();
	bCompiled = true;
	OnChanged().Broadcast(this);
	return Problems;
}

std::shared_ptr<const a2fbridge::MappingTable> UA2FBridgeMappingTable::GetTable() const
{
	if (!bCompiled)
	{
		Compile();
	}
	return Table;
}

void UA2FBridgeMappingTable::Compile() const
{
	bCompiled = true;
	Table.reset();
	if (Documents.IsEmpty())
	{
		Problem = TEXT("the table is empty: import a YAML file");
		return;
	}
	FA2FBridgeTableLoader Loader(Documents);
	a2fbridge::TableOptions Options;
	Options.path = A2FBridge::ToUtf8(Documents[0].Path);
	Options.loader = &Loader;
	Options.params = A2FBridge::NamedNumbers(Parameters);
	const auto Parsed = a2fbridge::MappingTable::parse(A2FBridge::ToUtf8(Documents[0].Text), Options);
	Problem = Parsed.ok() ? FString() : ProblemOf(Parsed.error()).ToText();
	if (Parsed.ok())
	{
		Table = Parsed.value();
	}
}

void UA2FBridgeMappingTable::PostLoad()
{
	Super::PostLoad();
	bCompiled = false;
}

#if WITH_EDITOR
void UA2FBridgeMappingTable::PostEditChangeProperty(FPropertyChangedEvent& PropertyChangedEvent)
{
	Super::PostEditChangeProperty(PropertyChangedEvent);
	bCompiled = false;
	if (!GetProblem().IsEmpty())
	{
		UE_LOG(LogA2FBridge, Warning, TEXT("%s: %s"), *GetPathName(), *GetProblem());
	}
	OnChanged().Broadcast(this);
}
#endif

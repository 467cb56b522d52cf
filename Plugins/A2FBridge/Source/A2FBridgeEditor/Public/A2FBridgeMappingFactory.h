// Imports and re-imports YAML mapping tables.
#pragma once

#include "CoreMinimal.h"
#include "EditorReimportHandler.h"
#include "Factories/Factory.h"

#include "A2FBridgeMappingFactory.generated.h"

class UA2FBridgeMappingTable;

/** Imports a mapping table (.yaml, .yml). Only files that are tables: other plugins also import YAML. */
UCLASS(HideCategories = Object)
class A2FBRIDGEEDITOR_API UA2FBridgeMappingFactory : public UFactory
{
	GENERATED_BODY()

public:
	/** Says what it imports. */
	UA2FBridgeMappingFactory();

	//~ Begin UFactory
	virtual bool FactoryCanImport(const FString& Filename) override;
	virtual UObject* FactoryCreateText(UClass* InClass, UObject* InParent, FName InName, EObjectFlags Flags, UObject* Context,
		const TCHAR* Type, const TCHAR*& Buffer, const TCHAR* BufferEnd, FFeedbackContext* Warn) override;
	//~ End UFactory

	/** Puts a text into a table and shows what is wrong in the message log. Returns whether the table took it. */
	static bool Fill(UA2FBridgeMappingTable* Table, const FString& File, const FString& Text);
};

/** Re-imports mapping tables; faces that play take the new table up at once. */
UCLASS(HideCategories = Object)
class A2FBRIDGEEDITOR_API UA2FBridgeMappingReimportFactory : public UA2FBridgeMappingFactory, public FReimportHandler
{
	GENERATED_BODY()

public:
	/** Comes after the importer in the list of factories. */
	UA2FBridgeMappingReimportFactory();

	//~ Begin FReimportHandler
	virtual bool CanReimport(UObject* Obj, TArray<FString>& OutFilenames) override;
	virtual void SetReimportPaths(UObject* Obj, const TArray<FString>& NewReimportPaths) override;
	virtual EReimportResult::Type Reimport(UObject* Obj) override;
	virtual int32 GetPriority() const override;
	//~ End FReimportHandler
};

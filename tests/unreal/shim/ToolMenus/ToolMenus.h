// Menus.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/Slate/FExecuteAction (header: ToolMenus)
using FExecuteAction = FSimpleDelegate;

// EPIC Runtime/Slate/FUIAction (header: ToolMenus)
struct FUIAction
{
	FUIAction() = default;
	explicit FUIAction(FExecuteAction InExecute) : Execute(InExecute) {}
	FExecuteAction Execute;
};

// EPIC Runtime/SlateCore/FSlateIcon (header: ToolMenus)
struct FSlateIcon
{
};

// EPIC Developer/ToolMenus/FToolMenuSection
struct FToolMenuSection
{
	void AddMenuEntry(const FName InName, const FText& InLabel, const FText& InToolTip, const FSlateIcon& InIcon, const FUIAction& InAction) { Entries.Add(InName, InAction); }
	// shim
	TMap<FName, FUIAction> Entries;
};

// EPIC Developer/ToolMenus/UToolMenu
class UToolMenu : public UObject
{
public:
	FToolMenuSection& FindOrAddSection(const FName SectionName, const FText& InLabel) { return Sections.FindOrAdd(SectionName); }
	// shim
	TMap<FName, FToolMenuSection> Sections;
};

// EPIC Developer/ToolMenus/FToolMenuOwner
struct FToolMenuOwner
{
	FToolMenuOwner(const void* InPointer) : Pointer(InPointer) {}
	const void* Pointer;
};

// EPIC Developer/ToolMenus/FToolMenuOwnerScoped
class FToolMenuOwnerScoped
{
public:
	explicit FToolMenuOwnerScoped(const FToolMenuOwner InOwner) {}
};

// EPIC Developer/ToolMenus/UToolMenus
class UToolMenus : public UObject
{
public:
	static UToolMenus* Get()
	{
		static UToolMenus Menus;
		return &Menus;
	}
	static FDelegateHandle RegisterStartupCallback(const FSimpleMulticastDelegate::FDelegate& InDelegate)
	{
		InDelegate.Execute();
		return {};
	}
	static void UnRegisterStartupCallback(const void* UserPointer) {}
	static void UnregisterOwner(FToolMenuOwner Owner) {}
	UToolMenu* ExtendMenu(const FName Name) { return &Menus_.FindOrAdd(Name); }

private:
	struct FMenu : UToolMenu
	{
		FMenu() = default;
		FMenu(const FMenu&) {}
	};
	TMap<FName, FMenu> Menus_;
};

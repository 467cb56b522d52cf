// The editor module: message log, details panels, menu Tools > A2FBridge.
#include "Editor.h"
#include "Modules/ModuleManager.h"
#include "PropertyEditorModule.h"
#include "ToolMenus.h"

#include "A2FBridgeDetails.h"
#include "A2FBridgeEditorLog.h"
#include "A2FBridgeEditorSubsystem.h"
#include "A2FBridgeLibrary.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSettings.h"

#define LOCTEXT_NAMESPACE "A2FBridgeEditor"

namespace
{
void CheckSelected()
{
	GEditor->GetEditorSubsystem<UA2FBridgeEditorSubsystem>()->CheckSelectedActors();
}

void StartLocalServer()
{
	UA2FBridgeLibrary::PreWarm(TEXT("Local"));
}
} // namespace

/** The editor module. */
class FA2FBridgeEditorModule final : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		A2FBridge::RegisterLog();
		FPropertyEditorModule& Properties = FModuleManager::LoadModuleChecked<FPropertyEditorModule>("PropertyEditor");
		Properties.RegisterCustomClassLayout(UA2FBridgeMappingTable::StaticClass()->GetFName(),
			FOnGetDetailCustomizationInstance::CreateStatic(&FA2FBridgeMappingDetails::MakeInstance));
		Properties.RegisterCustomClassLayout(UA2FBridgeSettings::StaticClass()->GetFName(),
			FOnGetDetailCustomizationInstance::CreateStatic(&FA2FBridgeSettingsDetails::MakeInstance));
		UToolMenus::RegisterStartupCallback(
			FSimpleMulticastDelegate::FDelegate::CreateRaw(this, &FA2FBridgeEditorModule::RegisterMenus));
	}

	virtual void ShutdownModule() override
	{
		UToolMenus::UnRegisterStartupCallback(this);
		UToolMenus::UnregisterOwner(this);
		if (FPropertyEditorModule* Properties = FModuleManager::GetModulePtr<FPropertyEditorModule>("PropertyEditor"))
		{
			Properties->UnregisterCustomClassLayout(UA2FBridgeMappingTable::StaticClass()->GetFName());
			Properties->UnregisterCustomClassLayout(UA2FBridgeSettings::StaticClass()->GetFName());
		}
		A2FBridge::UnregisterLog();
	}

private:
	void RegisterMenus()
	{
		FToolMenuOwnerScoped Owner(this);
		UToolMenu* Menu = UToolMenus::Get()->ExtendMenu("LevelEditor.MainMenu.Tools");
		FToolMenuSection& Section = Menu->FindOrAddSection("A2FBridge", LOCTEXT("Section", "A2FBridge"));
		Section.AddMenuEntry("A2FBridgeCheck", LOCTEXT("Check", "Check Setup of Selected Actors"),
			LOCTEXT("CheckTip", "Finds why a face does not move"), FSlateIcon(),
			FUIAction(FExecuteAction::CreateStatic(&CheckSelected)));
		Section.AddMenuEntry("A2FBridgeStart", LOCTEXT("StartServer", "Start Local Server"),
			LOCTEXT("StartServerTip", "Starts our own server on this machine, for the connection Local"), FSlateIcon(),
			FUIAction(FExecuteAction::CreateStatic(&StartLocalServer)));
	}
};

IMPLEMENT_MODULE(FA2FBridgeEditorModule, A2FBridgeEditor)

#undef LOCTEXT_NAMESPACE

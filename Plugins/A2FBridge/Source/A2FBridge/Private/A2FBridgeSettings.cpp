#include "A2FBridgeSettings.h"

#include "A2FBridgeText.h"
#include "A2FBridgeTokens.h"

UA2FBridgeSettings::UA2FBridgeSettings()
{
	Connections.Add(TEXT("Default"), FA2FBridgeConnection());
	FA2FBridgeConnection Local;
	Local.Provider = EA2FBridgeProvider::Local;
	Connections.Add(TEXT("Local"), Local);
	FA2FBridgeConnection Mock;
	Mock.Provider = EA2FBridgeProvider::Mock;
	Connections.Add(TEXT("Mock"), Mock);
}

FName UA2FBridgeSettings::GetCategoryName() const
{
	return TEXT("Plugins");
}

FName UA2FBridgeUserSettings::GetCategoryName() const
{
	return TEXT("Plugins");
}

void UA2FBridgeUserSettings::PostInitProperties()
{
	Super::PostInitProperties();
	Tokens = A2FBridge::LoadTokens(A2FBridge::GetSavedTokenFile());
}

#if WITH_EDITOR
void UA2FBridgeUserSettings::PostEditChangeProperty(FPropertyChangedEvent& PropertyChangedEvent)
{
	Super::PostEditChangeProperty(PropertyChangedEvent);
	const FString File = A2FBridge::GetSavedTokenFile();
	if (!A2FBridge::SaveTokens(Tokens, File))
	{
		UE_LOG(LogA2FBridge, Error, TEXT("%s cannot be written: the tokens are lost when the editor ends"), *File);
	}
}
#endif

#include "A2FBridgeSettings.h"

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

#include "A2FBridgeConnection.h"

bool FA2FBridgeConnection::SameServer(const FA2FBridgeConnection& Other) const
{
	return Provider == Other.Provider && Target == Other.Target && bUseTls == Other.bUseTls &&
		   RootCertificateFile == Other.RootCertificateFile && ClientCertificateFile == Other.ClientCertificateFile &&
		   ClientKeyFile == Other.ClientKeyFile && ServerName == Other.ServerName && NvcfFunctionId == Other.NvcfFunctionId &&
		   NvcfFunctionVersion == Other.NvcfFunctionVersion && TokenVariable == Other.TokenVariable &&
		   Metadata.OrderIndependentCompareEqual(Other.Metadata) && ConnectTimeout == Other.ConnectTimeout;
}

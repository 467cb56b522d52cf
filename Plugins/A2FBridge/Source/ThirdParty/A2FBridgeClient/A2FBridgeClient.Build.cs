using System.IO;
using UnrealBuildTool;

/// The client library: one C header, and per platform one shared library with gRPC inside. The plugin loads it by full
/// path at run time and works without it, so there is nothing to link and a missing file is no error.
public class A2FBridgeClient : ModuleRules
{
	public A2FBridgeClient(ReadOnlyTargetRules Target) : base(Target)
	{
		Type = ModuleType.External;
		PublicSystemIncludePaths.Add(Path.Combine(ModuleDirectory, "include"));

		string Library = null;
		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			Library = "Win64/a2fbridge_client.dll";
		}
		else if (Target.Platform == UnrealTargetPlatform.Linux)
		{
			Library = "Linux/liba2fbridge_client.so";
		}
		else if (Target.Platform == UnrealTargetPlatform.Mac)
		{
			Library = "Mac/liba2fbridge_client.dylib";
		}
		if (Library != null && File.Exists(Path.Combine(PluginDirectory, "Binaries/ThirdParty", Library)))
		{
			RuntimeDependencies.Add("$(PluginDir)/Binaries/ThirdParty/" + Library, StagedFileType.NonUFS);
		}
	}
}

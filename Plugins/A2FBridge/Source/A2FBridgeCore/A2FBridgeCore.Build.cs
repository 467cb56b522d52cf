using UnrealBuildTool;

/// Plain C++17 without engine headers; CMake builds the same sources as a static library.
public class A2FBridgeCore : ModuleRules
{
	public A2FBridgeCore(ReadOnlyTargetRules Target) : base(Target)
	{
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		PCHUsage = PCHUsageMode.NoPCHs;
		CppStandard = CppStandardVersion.Cpp20;
		bUseUnity = false; // file-local names of one source must not meet those of another

		PublicIncludePaths.Add(System.IO.Path.Combine(ModuleDirectory, "include"));
		PrivateDependencyModuleNames.Add("Core"); // for the module's own registration only
	}
}

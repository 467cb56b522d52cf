// The engine-free core as an Unreal module. The same sources build with CMake (CMakeLists.txt beside this file).
using UnrealBuildTool;

public class A2FBridgeCore : ModuleRules
{
	public A2FBridgeCore(ReadOnlyTargetRules Target) : base(Target)
	{
		// Plain C++: no engine types, so neither shared precompiled headers nor unity files.
		PCHUsage = PCHUsageMode.NoPCHs;
		bUseUnity = false;
		bEnableExceptions = false;
		bUseRTTI = false;

		// Only A2FBridgeCoreModule.cpp looks at this: it registers the module and with it the engine's allocator.
		PrivateDefinitions.Add("A2FBRIDGECORE_UNREAL=1");
		PrivateDependencyModuleNames.Add("Core");
	}
}

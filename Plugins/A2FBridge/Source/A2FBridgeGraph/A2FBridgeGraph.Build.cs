using UnrealBuildTool;

public class A2FBridgeGraph : ModuleRules
{
	public A2FBridgeGraph(ReadOnlyTargetRules Target) : base(Target)
	{
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		CppStandard = CppStandardVersion.Cpp20;

		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "AnimGraph", "A2FBridge" });
		PrivateDependencyModuleNames.AddRange(new string[] { "BlueprintGraph" });
	}
}

using UnrealBuildTool;

public class A2FBridgeSample : ModuleRules
{
	public A2FBridgeSample(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new[] { "Core", "CoreUObject", "Engine", "A2FBridge" });
	}
}

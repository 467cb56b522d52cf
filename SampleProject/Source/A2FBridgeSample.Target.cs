using UnrealBuildTool;

public class A2FBridgeSampleTarget : TargetRules
{
	public A2FBridgeSampleTarget(TargetInfo Target) : base(Target)
	{
		Type = TargetType.Game;
		DefaultBuildSettings = BuildSettingsVersion.V5;
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		ExtraModuleNames.Add("A2FBridgeSample");
	}
}

using UnrealBuildTool;

public class A2FBridgeSampleEditorTarget : TargetRules
{
	public A2FBridgeSampleEditorTarget(TargetInfo Target) : base(Target)
	{
		Type = TargetType.Editor;
		DefaultBuildSettings = BuildSettingsVersion.V5;
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		ExtraModuleNames.Add("A2FBridgeSample");
	}
}

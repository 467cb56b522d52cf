using UnrealBuildTool;

public class A2FBridgeEditor : ModuleRules
{
	public A2FBridgeEditor(ReadOnlyTargetRules Target) : base(Target)
	{
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		CppStandard = CppStandardVersion.Cpp20;

		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "UnrealEd", "A2FBridge" });
		PrivateDependencyModuleNames.AddRange(new string[]
		{
			"A2FBridgeCore",
			"AssetDefinition",
			"AssetRegistry",
			"DesktopPlatform",
			"EditorSubsystem",
			"InputCore",
			"LiveLink",
			"LiveLinkInterface",
			"MessageLog",
			"Projects",
			"PropertyEditor",
			"Slate",
			"SlateCore",
			"ToolMenus",
		});
	}
}

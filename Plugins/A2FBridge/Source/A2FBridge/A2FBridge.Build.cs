using System.IO;
using UnrealBuildTool;

public class A2FBridge : ModuleRules
{
	public A2FBridge(ReadOnlyTargetRules Target) : base(Target)
	{
		IncludeOrderVersion = EngineIncludeOrderVersion.Unreal5_5;
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		CppStandard = CppStandardVersion.Cpp20;

		PublicDependencyModuleNames.AddRange(new string[]
		{
			"Core",
			"CoreUObject",
			"Engine",
			"DeveloperSettings",
			"LiveLinkInterface",
			"A2FBridgeCore",
		});
		PrivateDependencyModuleNames.AddRange(new string[]
		{
			"AudioCaptureCore",
			"AudioExtensions",
			"AudioMixer",
			"AudioMixerCore",
			"Projects",
			"SignalProcessing",
			"A2FBridgeClient",
		});

		StageMappingTables();
	}

	/// The tables that ship lie in Mappings/ of a packaged plugin and in mappings/ of the repository; a build copies them
	/// from there, so that at run time there is one place.
	private void StageMappingTables()
	{
		string Shipped = Path.Combine(PluginDirectory, "Mappings");
		string Repository = Path.GetFullPath(Path.Combine(PluginDirectory, "../../mappings"));
		bool bCopy = Directory.Exists(Repository);
		string Source = bCopy ? Repository : Shipped;
		if (!Directory.Exists(Source))
		{
			return;
		}
		foreach (string Table in Directory.GetFiles(Source, "*.yaml", SearchOption.AllDirectories))
		{
			string Place = "$(PluginDir)/Mappings/" + Path.GetRelativePath(Source, Table).Replace('\\', '/');
			if (bCopy)
			{
				RuntimeDependencies.Add(Place, Table, StagedFileType.UFS);
			}
			else
			{
				RuntimeDependencies.Add(Place, StagedFileType.UFS);
			}
		}
	}
}

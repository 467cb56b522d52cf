"""The reflection specifiers that Unreal Header Tool knows, as far as this plugin may use them.

From Epic's pages "UClass Specifiers", "UStruct Specifiers", "UEnum specifiers", "UProperty Specifiers", "UFunction
Specifiers" and "Metadata Specifiers"; those of
animation nodes (PinHiddenByDefault, ...) from "Animation Node Technical Guide".
"""

KNOWN: dict[str, set[str]] = {
    "UCLASS": set(
        "Abstract AutoCollapseCategories AutoExpandCategories Blueprintable BlueprintType ClassGroup "
        "CollapseCategories Config DefaultConfig DefaultToInstanced Deprecated EditInlineNew Hidden "
        "HideCategories MinimalAPI NotBlueprintable NotPlaceable Placeable Transient Within config "
        "defaultconfig hidecategories".split()
    ),
    "USTRUCT": set("Atomic BlueprintType NoExport BlueprintInternalUseOnly".split()),
    "UENUM": set("BlueprintType Flags".split()),
    "UINTERFACE": set("BlueprintType MinimalAPI Blueprintable NotBlueprintable".split()),
    "UPROPERTY": set(
        "AdvancedDisplay AssetRegistrySearchable BlueprintAssignable BlueprintCallable BlueprintReadOnly "
        "BlueprintReadWrite BlueprintGetter BlueprintSetter Category Config DuplicateTransient "
        "EditAnywhere EditDefaultsOnly EditInstanceOnly EditFixedSize Export GlobalConfig Instanced "
        "Interp NoClear NonTransactional SaveGame SkipSerialization TextExportTransient Transient "
        "VisibleAnywhere VisibleDefaultsOnly VisibleInstanceOnly DisplayName ToolTip".split()
    ),
    "UFUNCTION": set(
        "BlueprintAuthorityOnly BlueprintCallable BlueprintCosmetic BlueprintGetter "
        "BlueprintImplementableEvent BlueprintInternalUseOnly BlueprintNativeEvent BlueprintPure "
        "BlueprintSetter CallInEditor Category Exec DisplayName".split()
    ),
    "UMETA": set("Hidden DisplayName ToolTip".split()),
    "UDELEGATE": set("BlueprintInternalUseOnly BlueprintCallable".split()),
}

META: set[str] = set(
    "AdvancedDisplay AllowedClasses AllowPrivateAccess ArrayClamp AutoCreateRefTerm "
    "BlueprintInternalUseOnly BlueprintSpawnableComponent BlueprintThreadSafe BlueprintType "
    "Categories ClampMax ClampMin CompactNodeTitle ConfigRestartRequired Delta DefaultToSelf "
    "DeprecatedFunction DeprecationMessage DevelopmentOnly DisplayAfter DisplayName DisplayPriority "
    "EditCondition EditConditionHides ExpandEnumAsExecs ExposedAsyncProxy FilePathFilter ForceUnits "
    "GetOptions HasDedicatedAsyncNode HideSelfPin HideCategories InlineEditConditionToggle Keywords "
    "Latent LatentInfo MultiLine NeverAsPin PasswordField PinHiddenByDefault PinShownByDefault "
    "RelativePath RelativeToGameDir ReturnDisplayName ScriptMethod ScriptName ShortTooltip "
    "ShowOnlyInnerProperties SliderExponent ThumbnailSize TitleProperty ToolTip UIMax UIMin Units "
    "UsesHierarchy WorldContext UnsafeDuringActorConstruction MustImplement".split()
)
"""Metadata keys."""

# EPIC "Blueprints technical guide" / UFunction specifiers: what a Blueprint pin can carry.
BLUEPRINT_BAD_TYPES = {
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "uint",
    "size_t",
    "char",
    "TCHAR",
    "ANSICHAR",
    "unsigned",
    "short",
    "long",
}
EDITOR_MODULES = {
    "UnrealEd",
    "AnimGraph",
    "BlueprintGraph",
    "PropertyEditor",
    "ToolMenus",
    "AssetDefinition",
    "EditorSubsystem",
    "AssetTools",
    "Kismet",
    "EditorFramework",
    "LevelEditor",
    "ContentBrowser",
}
EDITOR_ONLY_TYPES = {"UAssetImportData", "UThumbnailInfo", "UEdGraph", "UEdGraphNode"}

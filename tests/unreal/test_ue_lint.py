"""The plugin passes the lint, and every rule of the lint can fail."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import pytest
from ue_build import read_build_file
from ue_lint import RULES, Finding, Project, check, load_project
from ue_source import PLUGIN, Source

PUBLIC = PLUGIN / "Source/A2FBridge/Public/Seeded.h"
PRIVATE = PLUGIN / "Source/A2FBridge/Private/Seeded.cpp"

HEADER = """#pragma once

#include "CoreMinimal.h"
{extra_include}
#include "Seeded.generated.h"

{before}
/** A thing. */
UCLASS()
class A2FBRIDGE_API USeeded : public UObject
{{
	GENERATED_BODY()

public:
{members}
}};
"""


def header(members: str = "", before: str = "", extra_include: str = "") -> str:
    """A good header with something in it."""
    return HEADER.format(members=members, before=before, extra_include=extra_include)


# One fault for each rule: the file that it stands in, and its text.
FAULTS: dict[str, tuple[Path, str]] = {
    "syntax": (PUBLIC, header("\tvoid Broken(;")),
    "generated-include": (PUBLIC, header().replace("Seeded.generated.h", "Sown.generated.h")),
    "pragma-once": (PUBLIC, header().replace("#pragma once", "")),
    "own-header-first": (
        PRIVATE.with_name("A2FBridgeClip.cpp"),
        '#include "CoreMinimal.h"\n#include "A2FBridgeClip.h"\n',
    ),
    "loctext": (PRIVATE, '#define LOCTEXT_NAMESPACE "A"\nFText F() { return LOCTEXT("a", "b"); }\n'),
    "generated-body": (PUBLIC, header().replace("GENERATED_BODY()", "")),
    "prefix": (PUBLIC, header().replace("USeeded", "FSeeded")),
    "api-macro": (PUBLIC, header().replace("A2FBRIDGE_API", "A2FBRIDGEGRAPH_API")),
    "enum-type": (
        PUBLIC,
        header(before="/** E. */\nUENUM(BlueprintType)\nenum class EThing : int32\n{\n\tA\n};\n"),
    ),
    "super-is-known": (PUBLIC, header().replace("public UObject", "public IThing")),
    "unique-type-names": (
        PUBLIC,
        header(before="/** S. */\nUSTRUCT()\nstruct FSeeded\n{\n\tGENERATED_BODY()\n};\n"),
    ),
    "specifier-known": (
        PUBLIC,
        header('\t/** P. */\n\tUPROPERTY(EditAnywere, Category = "A")\n\tint32 P = 0;'),
    ),
    "category": (PUBLIC, header("\t/** P. */\n\tUPROPERTY(EditAnywhere)\n\tint32 P = 0;")),
    "blueprint-types": (
        PUBLIC,
        header('\t/** F. */\n\tUFUNCTION(BlueprintCallable, Category = "A")\n\tvoid F(uint32 Count);'),
    ),
    "object-pointers": (PUBLIC, header("\t/** P. */\n\tUPROPERTY()\n\tUObject* P = nullptr;")),
    "unmanaged-objects": (PUBLIC, header("\tTObjectPtr<UObject> P;")),
    "assignable": (
        PUBLIC,
        header('\t/** P. */\n\tUPROPERTY(BlueprintAssignable, Category = "A")\n\tFSomething P;'),
    ),
    "delegate-arity": (
        PUBLIC,
        header(before="DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FThing, int32);"),
    ),
    "documented": (PUBLIC, header("\tUPROPERTY()\n\tint32 P = 0;")),
    "overloads": (
        PUBLIC,
        header("\t/** F. */\n\tUFUNCTION()\n\tvoid F();\n\t/** F. */\n\tUFUNCTION()\n\tvoid F(int32 A);"),
    ),
    "parameter-shadows": (
        PUBLIC,
        header("\t/** P. */\n\tUPROPERTY()\n\tint32 P = 0;\n\t/** F. */\n\tUFUNCTION()\n\tvoid F(int32 p);"),
    ),
    "meta-names": (
        PUBLIC,
        header(
            '\t/** F. */\n\tUFUNCTION(BlueprintCallable, Category = "A", meta = (WorldContext = "World"))\n\tvoid F();'
        ),
    ),
    "bool-names": (PUBLIC, header("\t/** P. */\n\tUPROPERTY()\n\tbool Flag = false;")),
    "property-guards": (
        PUBLIC,
        header("#if PLATFORM_WINDOWS\n\t/** P. */\n\tUPROPERTY()\n\tint32 P = 0;\n#endif"),
    ),
    "editor-only-data": (PUBLIC, header("\t/** P. */\n\tUPROPERTY()\n\tTObjectPtr<UAssetImportData> P;")),
    "async-factories": (
        PUBLIC,
        header(
            '\t/** F. */\n\tUFUNCTION(BlueprintCallable, Category = "A")\n\tstatic USeeded* Make();'
        ).replace("public UObject", "public UBlueprintAsyncActionBase"),
    ),
    "lost-errors": (
        PUBLIC,
        header('\t/** F. */\n\tUFUNCTION(BlueprintCallable, Category = "A")\n\tbool F(FString& Error);'),
    ),
    "private-includes": (PUBLIC, header(extra_include='#include "A2FBridgeText.h"')),
    "include-modules": (PUBLIC, header(extra_include='#include "AnimGraphNode_Base.h"')),
    "game-thread": (PRIVATE, "void USeeded::Do_GameThread(int32 A)\n{\n\tValue = A;\n}\n"),
}


def function(declaration: str) -> tuple[Path, str]:
    """A header with one more Blueprint function."""
    return PUBLIC, header(f'\t/** F. */\n\tUFUNCTION(BlueprintCallable, Category = "A")\n\t{declaration};')


# Further faults of rules that say several things.
MORE: dict[str, tuple[str, Path, str]] = {
    "a pointer to a number": ("blueprint-types", *function("void F(float* Values)")),
    "containers in containers": ("blueprint-types", *function("TArray<TArray<float>> F()")),
    "a container of containers in a map": (
        "blueprint-types",
        *function("void F(const TMap<FName, TArray<float>>& Values)"),
    ),
    "a C++ string": ("blueprint-types", *function("std::string F()")),
    "a property of a type that Blueprint lacks": (
        "blueprint-types",
        PUBLIC,
        header('\t/** P. */\n\tUPROPERTY(BlueprintReadOnly, Category = "A")\n\tuint32 P = 0;'),
    ),
    "a function without a comment": ("documented", PUBLIC, header("\tUFUNCTION()\n\tvoid F();")),
    "a class without a comment": ("documented", PUBLIC, header().replace("/** A thing. */\n", "")),
    "a function without a category": (
        "category",
        PUBLIC,
        header("\t/** F. */\n\tUFUNCTION(BlueprintCallable)\n\tvoid F();"),
    ),
    "a generated include that is missing": (
        "generated-include",
        PUBLIC,
        header().replace('#include "Seeded.generated.h"', ""),
    ),
    "an include behind the generated one": (
        "generated-include",
        PUBLIC,
        header().replace(
            '#include "Seeded.generated.h"', '#include "Seeded.generated.h"\n#include "Misc/Paths.h"'
        ),
    ),
    "LOCTEXT without a namespace": ("loctext", PRIVATE, 'FText F() { return LOCTEXT("a", "b"); }\n'),
    "a struct without its prefix": (
        "prefix",
        PUBLIC,
        header(before="/** S. */\nUSTRUCT()\nstruct Thing\n{\n\tGENERATED_BODY()\n};\n"),
    ),
    "an enum without its prefix": (
        "prefix",
        PUBLIC,
        header(before="/** E. */\nUENUM()\nenum class Thing : uint8\n{\n\tA\n};\n"),
    ),
    "a struct without its body": (
        "generated-body",
        PUBLIC,
        header(before="/** S. */\nUSTRUCT()\nstruct FThing\n{\n\tint32 A = 0;\n};\n"),
    ),
    "a public class that is not exported": ("api-macro", PUBLIC, header().replace("A2FBRIDGE_API ", "")),
    "an editor's header in a runtime module": ("editor-modules", PRIVATE, '#include "Editor.h"\n'),
    "a header of a module that is not named": ("include-modules", PRIVATE, '#include "IDesktopPlatform.h"\n'),
    "an unknown metadata key": (
        "specifier-known",
        PUBLIC,
        header(
            '\t/** P. */\n\tUPROPERTY(EditAnywhere, Category = "A", meta = (ClampMinimum = "0"))\n\tint32 P = 0;'
        ),
    ),
    "an edit condition that is no member": (
        "meta-names",
        PUBLIC,
        header(
            '\t/** P. */\n\tUPROPERTY(EditAnywhere, Category = "A", meta = (EditCondition = "bNone"))\n\tint32 P = 0;'
        ),
    ),
    "an object hidden behind a raw pointer": ("unmanaged-objects", PUBLIC, header("\tUObject* P = nullptr;")),
    "a text that Python would lose": ("lost-errors", *function("bool F(int32 A, FText& Why)")),
}


@pytest.fixture(scope="module")
def project() -> Project:
    """The plugin as it is."""
    return load_project()


def seeded(project: Project, path: Path, text: str) -> Project:
    """The plugin with one more file."""
    changed = copy.copy(project)
    changed.files = [*project.files, Source(path, text)]
    return changed


def test_plugin_is_clean(project: Project) -> None:
    assert [str(finding) for finding in check(project)] == []


def test_there_is_something_to_check(project: Project) -> None:
    types = [found for source in project.files for found in source.types]
    members = [member for found in types for member in found.members if member.macro]
    assert len(types) > 25
    assert len(members) > 200
    assert any(source.delegates for source in project.files)


@pytest.mark.parametrize("rule", sorted(FAULTS))
def test_rule_can_fail(project: Project, rule: str) -> None:
    path, text = FAULTS[rule]
    found = check(seeded(project, path, text), rule)
    assert found, f"{rule} did not see its fault"
    assert all(finding.path == path for finding in found)


@pytest.mark.parametrize("fault", sorted(MORE))
def test_rule_can_fail_in_each_way(project: Project, fault: str) -> None:
    rule, path, text = MORE[fault]
    found = check(seeded(project, path, text), rule)
    assert found, f"{rule} did not see {fault}"
    assert all(finding.path == path for finding in found)


def test_every_rule_has_a_fault() -> None:
    elsewhere = {"editor-modules", "module-names"}  # below
    assert set(FAULTS) | elsewhere == set(RULES)


def test_a_good_file_is_good(project: Project) -> None:
    assert check(seeded(project, PUBLIC, header())) == []


def test_editor_modules(project: Project) -> None:
    changed = copy.copy(project)
    path = PLUGIN / "Source/A2FBridge/A2FBridge.Build.cs"
    text = path.read_text().replace('"Engine",', '"Engine", "UnrealEd",')
    changed.builds = {**project.builds, "A2FBridge": read_build_file(path, text)}
    assert _messages(check(changed, "editor-modules")) == [
        "the Runtime module A2FBridge depends on the editor's UnrealEd outside of bBuildEditor"
    ]
    guarded = text.replace('"Engine", "UnrealEd",', '"Engine",').replace(
        "StageMappingTables();",
        'if (Target.bBuildEditor) { PrivateDependencyModuleNames.Add("UnrealEd"); } StageMappingTables();',
    )
    changed.builds = {**project.builds, "A2FBridge": read_build_file(path, guarded)}
    assert check(changed, "editor-modules") == []


def test_module_names(project: Project) -> None:
    changed = copy.copy(project)
    changed.descriptor = copy.deepcopy(project.descriptor)
    changed.descriptor["Modules"][3]["Name"] = "A2FBridgeEdit"  # type: ignore[index]
    assert any("A2FBridgeEdit" in message for message in _messages(check(changed, "module-names")))


def test_registered_module_names(tmp_path: Path) -> None:
    """IMPLEMENT_MODULE with another name, twice, or not at all."""
    folder = tmp_path / PLUGIN.name
    (folder / "Source").mkdir(parents=True)
    shutil.copy(PLUGIN / f"{PLUGIN.name}.uplugin", folder)
    for module in ("A2FBridgeCore", "A2FBridge", "A2FBridgeGraph", "A2FBridgeEditor"):
        shutil.copytree(PLUGIN / "Source" / module, folder / "Source" / module)
    assert check(load_project(folder), "module-names") == []
    graph = folder / "Source/A2FBridgeGraph/Private/A2FBridgeGraphModule.cpp"
    text = graph.read_text()
    graph.write_text(text.replace(", A2FBridgeGraph)", ", A2FBridgeGrph)"))
    assert _messages(check(load_project(folder), "module-names")) == [
        "IMPLEMENT_MODULE names A2FBridgeGrph in module A2FBridgeGraph",
        "module A2FBridgeGraph needs exactly one IMPLEMENT_MODULE",
    ]
    graph.write_text(text + text)
    assert _messages(check(load_project(folder), "module-names")) == [
        "module A2FBridgeGraph needs exactly one IMPLEMENT_MODULE"
    ]


def test_misspelt_specifier_names_the_nearest(project: Project) -> None:
    path, text = FAULTS["specifier-known"]
    assert "nearest: EditAnywhere" in _messages(check(seeded(project, path, text), "specifier-known"))[0]


def _messages(found: list[Finding]) -> list[str]:
    return [finding.message for finding in found]

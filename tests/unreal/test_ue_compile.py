"""Every source compiles against the engine's stand-in; descriptor and ini files keep to Epic's pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import ue_compile
import ue_pages
from ue_ini import ini_problems
from ue_lint import SHIM
from ue_source import PLUGIN, ROOT, sources

SCHEMA = json.loads((Path(__file__).parent / "uplugin.schema.json").read_text())
pytestmark = pytest.mark.timeout(900)  # on a busy machine


@pytest.mark.parametrize("with_editor", [True, False], ids=["editor", "game"])
def test_unity_build_with_clang(with_editor: bool) -> None:
    """As UBT joins sources; g++ compiles them one by one for test_ue_run."""
    compiler = ue_compile.compilers().get("clang")
    if compiler is None:
        pytest.skip("no clang")
    assert ue_compile.check_unity(compiler, with_editor) == []


def test_the_stand_in_refuses_what_the_engine_refuses(tmp_path: Path) -> None:
    compiler = next(iter(ue_compile.compilers().values()), None)
    if compiler is None:
        pytest.skip("no C++ compiler")
    faults = {
        "good": 'FString Good() { return FString::Printf(TEXT("%d %s"), 3, *FString(TEXT("a"))); }',
        "a string object for %s": 'FString F() { return FString::Printf(TEXT("%s"), FString(TEXT("a"))); }',
        "a narrow literal": 'FString F() { return FString::Printf("%d", 3); }',
        "a const object moved": "void F(const FString& A) { FString B = MoveTemp(A); }",
        "a shared pointer from a raw one": "TSharedPtr<int> F(int* A) { return A; }",
    }
    ue_compile.prepare()
    for name, code in faults.items():
        source = tmp_path / "fault.cpp"
        source.write_text(f'#include "CoreMinimal.h"\n{code}\n')
        problems = ue_compile.run_all([[compiler, "-fsyntax-only", *ue_compile.flags(), str(source)]])
        assert bool(problems) == (name != "good"), name


def test_shim_names_its_sources() -> None:
    """Each declaration of the stand-in says which page it was taken from."""
    bare = [
        f"{path.relative_to(SHIM)}:{number}: {line}"
        for path in sorted(SHIM.rglob("*.h"))
        for number, line in unnamed_declarations(path.read_text().splitlines())
    ]
    assert bare == []


def unnamed_declarations(lines: list[str]) -> list[tuple[int, str]]:
    """Return declarations at the left edge without a source comment above; those of namespace Shim are ours."""
    found = []
    shim = False
    for number, line in enumerate(lines):
        shim = line == "namespace Shim" or (shim and not line.startswith("} // namespace"))
        following = lines[number + 1] if number + 1 < len(lines) else ""
        declares = re.match(r"(class|struct|enum|inline|using|template)\b", line) and not line.endswith(";")
        forward = line.startswith("template") and following.endswith(";")
        outside = re.search(r"^(inline|template).*\b\w+(<\w+>)?::|^\w+ \w+::", f"{line}\n{following}", re.M)
        again = re.match(r"template", line) and re.match(r"(const )?To\* Cast|T\* NewObject", following)
        named = re.search(r"// (EPIC|ACE|seen|shim)", "\n".join(lines[max(0, number - 4) : number]))
        if declares and not (shim or forward or outside or again or named):
            found.append((number + 1, line))
    return found


def test_every_type_of_the_stand_in_has_its_page() -> None:
    """Its own page on Epic's site, under the module whose folder the header lies in."""
    found = [one for path in sorted(SHIM.rglob("*.h")) for one in ue_pages.declarations(path)]
    assert [
        f"{one.path.relative_to(SHIM)}:{one.line}: {one.name}: {one.problem}" for one in found if one.problem
    ] == []
    assert len(found) > 190
    headers = {one.path for one in found}
    rest = {str(path.relative_to(SHIM)) for path in SHIM.rglob("*.h")} - {
        str(p.relative_to(SHIM)) for p in headers
    }
    assert rest == set(ONLY_MACROS)


ONLY_MACROS = (
    "Core/CoreMinimal.h",
    "Core/Stats/Stats.h",
    "Engine/Animation/AnimTrace.h",
    "LiveLinkInterface/Roles/LiveLinkBasicTypes.h",
)
"""Headers without a type of their own: macros, functions, other headers."""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("// EPIC Runtime/Engine/UThing\nclass UThing\n", ""),
        ("class UThing\n", "names no page"),
        ("// seen\nclass UThing\n", "names no page"),
        ("// EPIC Runtime/Engine/UOther\nclass UThing : public UObject\n", "the page is that of UOther"),
        (
            "// EPIC Runtime/Slate/UThing\nstruct UThing\n",
            "the page is of module Slate, the header of Engine",
        ),
        ("// EPIC Runtime/Slate/UThing (header: Engine)\nenum class UThing : uint8\n", ""),
    ],
)
def test_a_type_without_its_page_is_seen(text: str, problem: str) -> None:
    (found,) = ue_pages.declarations(SHIM / "Engine" / "Thing.h", text)
    assert found.problem == problem
    assert problem or found.address.endswith("/API/Runtime/Engine/UThing") or "Slate" in found.address


def test_unnamed_declarations_are_seen() -> None:
    assert unnamed_declarations(["// EPIC A/B", "class A", "{", "};", "", "", "class B", "{"]) == [
        (7, "class B")
    ]


def test_descriptor() -> None:
    descriptor = json.loads((PLUGIN / "A2FBridge.uplugin").read_text())
    jsonschema.validate(descriptor, SCHEMA)
    version = re.search(r'"([\d.]+)"', (ROOT / "python_server/src/a2fbridge/_version.py").read_text())
    assert version
    assert descriptor["VersionName"] == version.group(1)
    assert {module["Name"]: module["Type"] for module in descriptor["Modules"]} == {
        "A2FBridgeCore": "Runtime",
        "A2FBridge": "Runtime",
        "A2FBridgeGraph": "UncookedOnly",
        "A2FBridgeEditor": "Editor",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"FileVersion": 2},
        {"WhitelistPlatforms": []},
        {"Modules": [{"Name": "A", "Type": "Runtim"}]},
        {"Modules": [{"Name": "A", "Type": "Runtime", "WhitelistPlatforms": ["Win64"]}]},
        {"Plugins": [{"Name": "LiveLink"}]},
    ],
)
def test_descriptor_schema_can_fail(change: dict[str, object]) -> None:
    descriptor = json.loads((PLUGIN / "A2FBridge.uplugin").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**descriptor, **change}, SCHEMA)


def test_ini_files() -> None:
    found = sorted((PLUGIN / "Config").glob("*.ini"))
    assert found
    assert {
        path.name: ini_problems(path.read_text()) for path in found if ini_problems(path.read_text())
    } == {}


@pytest.mark.parametrize(
    "text",
    ["Key=1", "[Section\nKey=1", "[S]\nKey", "[S]\n+A=(B=1", '[S]\nA="b', "[FilterPlugin]\nConfig/..."],
)
def test_ini_check_can_fail(text: str) -> None:
    assert ini_problems(text)


def test_no_secret_in_project_settings() -> None:
    """Tokens must not be able to get into an ini file of the project."""
    project = (PLUGIN / "Source/A2FBridge/Public/A2FBridgeConnection.h").read_text()
    assert not re.search(
        r"UPROPERTY\([^)]*Config[^)]*\)\s*FString \w*(Token|Secret|Password|Key)\s*;", project
    )
    user = (PLUGIN / "Source/A2FBridge/Public/A2FBridgeSettings.h").read_text()
    assert "UCLASS(Config = EditorPerProjectUserSettings" in user


def test_format() -> None:
    """The engine modules keep to one style."""
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        pytest.skip("no clang-format")
    files = [str(source.path) for source in sources()]
    style = f"--style=file:{Path(__file__).parent / 'clang-format.yaml'}"
    done = subprocess.run([program, style, "--dry-run", "-Werror", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:4000]

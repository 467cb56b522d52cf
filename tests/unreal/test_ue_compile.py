"""Every source compiles against the engine's stand-in; descriptor and ini files keep to Epic's pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import ue_compile
from ue_ini import ini_problems
from ue_lint import SHIM
from ue_source import PLUGIN, ROOT

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
    bare = []
    for path in sorted(SHIM.rglob("*.h")):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if not re.match(r"(class|struct|enum|inline|using|template)\b", line) or line.endswith(";"):
                continue
            above = "\n".join(lines[max(0, number - 4) : number])
            namespace = re.search(r"^namespace \w+\n\{[^}]*\Z", "\n".join(lines[:number]), re.M)
            definition = re.match(r"(inline|template).*\b\w+(<\w+>)?::", line)
            if not re.search(r"// (EPIC|ACE|seen|shim)", above) and not namespace and not definition:
                bare.append(f"{path.relative_to(SHIM)}:{number + 1}: {line}")
    assert bare == []


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
    assert {path.name: ini_problems(path.read_text()) for path in found if ini_problems(path.read_text())} == {}


@pytest.mark.parametrize(
    "text",
    ["Key=1", "[Section\nKey=1", "[S]\nKey", "[S]\n+A=(B=1", '[S]\nA="b', "[FilterPlugin]\nConfig/..."],
)
def test_ini_check_can_fail(text: str) -> None:
    assert ini_problems(text)


def test_no_secret_in_project_settings() -> None:
    """Tokens must not be able to get into an ini file of the project."""
    project = (PLUGIN / "Source/A2FBridge/Public/A2FBridgeConnection.h").read_text()
    assert not re.search(r"UPROPERTY\([^)]*Config[^)]*\)\s*FString \w*(Token|Secret|Password|Key)\s*;", project)
    user = (PLUGIN / "Source/A2FBridge/Public/A2FBridgeSettings.h").read_text()
    assert "UCLASS(Config = EditorPerProjectUserSettings" in user

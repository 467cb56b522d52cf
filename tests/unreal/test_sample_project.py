"""The sample project: its descriptor and settings, and the scripts that make its content, on the strict fake."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from engine import Engine
from ue_build import read_build_file
from ue_project import include_table
from ue_source import PLUGIN, ROOT, sources

import a2fbridge
from a2fbridge._resources import data_dir

PROJECT = ROOT / "SampleProject"
SCRIPTS = PROJECT / "Content" / "Python"
SCHEMA = json.loads((Path(__file__).parent / "uproject.schema.json").read_text())


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    made = Engine()
    unreal, said = made.unreal, made.unreal.behave
    monkeypatch.setitem(sys.modules, "unreal", unreal)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    said("Paths.project_dir", lambda: str(PROJECT) + "/")
    said("Paths.convert_relative_path_to_full", lambda path, base: path)
    said(
        "EditorAssetLibrary.list_assets", lambda folder, *_: [p for p in made.assets if p.startswith(folder)]
    )
    said("EditorAssetLibrary.save_directory", lambda folder, *_: True)
    said("AssetTools.import_asset_tasks", lambda tools, tasks: [_imported(made, task) for task in tasks])
    unreal.exists("InterchangeGenericAssetsPipeline.mesh_pipeline", unreal.InterchangeGenericMeshPipeline)
    said("InterchangePipelineStackOverride.add_pipeline", lambda stack, pipeline: None)
    said("SkeletalMesh.get_all_morph_target_names", lambda mesh: mesh._values["morphs"])
    said("BlueprintEditorLibrary.compile_blueprint", lambda blueprint: None)
    said("BlueprintEditorLibrary.generated_class", lambda blueprint: blueprint._values["class"])
    said("get_default_object", lambda kind: kind)
    said("load_class", lambda outer, name, kind: made.unreal.A2FBridgeTalkingHead)
    said("SkeletalMeshComponent.set_skeletal_mesh_asset", lambda c, mesh: c._values.update(mesh=mesh))
    said("get_editor_subsystem", lambda kind: kind())
    said("LevelEditorSubsystem.new_level", lambda s, path, _: bool(made.add(path, "World")))
    said("LevelEditorSubsystem.save_current_level", lambda s: True)
    said("EditorActorSubsystem.spawn_actor_from_class", lambda s, kind, *_: _spawned(made, kind))
    said("Actor.set_actor_label", lambda a, label, _: a._values.update(label=label))
    said("A2FBridgeEditorLibrary.make_live_link_preset", lambda path: (made.add(path, "Object"), ""))
    said("Actor.set_actor_rotation", lambda a, *_: True)
    create = made._create

    def created(tools: Any, name: str, folder: str, kind: type, factory: Any, context: str) -> Any:
        asset = create(tools, name, folder, kind, factory, context)
        if kind.__name__ == "Blueprint":
            head = factory.get_editor_property("parent_class")()
            head._values["head"] = unreal.SkeletalMeshComponent()
            head._values["face"] = unreal.A2FBridgeFaceComponent()
            asset._values["class"] = head
        return asset

    said("AssetTools.create_asset", created)
    yield made
    for name in [n for n in sys.modules if n.startswith("a2fbridge_sample")]:
        del sys.modules[name]


def _imported(engine: Engine, task: Any) -> None:
    pygltflib = pytest.importorskip("pygltflib")
    document = pygltflib.GLTF2().load(task.filename)
    names = {name for mesh in document.meshes for name in (mesh.extras or {}).get("targetNames", [])}
    engine.add(f"{task.destination_path}/head", "SkeletalMesh", morphs=sorted(names))


def _spawned(engine: Engine, kind: Any) -> Any:
    actor = (kind if isinstance(kind, type) else type(kind))()
    engine.assets.setdefault("spawned", []).append(actor)
    return actor


@pytest.fixture
def build(engine: Engine) -> ModuleType:
    return importlib.import_module("a2fbridge_sample.build")


def test_the_first_open_makes_head_characters_and_map(engine: Engine, build: ModuleType) -> None:
    build.build()
    made = set(engine.assets)
    assert {build.MAP, build.PRESET, f"{build.HEAD}/head"} <= made
    for name, (demo, speech, connection) in build._DEMOS.items():
        head = engine.assets[f"{build.ROOT}/Characters/{name}"]._values["class"]
        assert head.demo.name == demo
        assert (head.speech, head.settings.connection) == (speech, connection)
        assert head._values["head"]._values["mesh"] is engine.assets[f"{build.HEAD}/head"]
        face = head._values["face"]._values
        assert (face["send_to_live_link"], face["live_link_subject"]) == (True, name.removeprefix("BP_"))
        assert not speech or (PROJECT / "Content" / speech).is_file()
    kinds = [type(actor).__name__ for actor in engine.assets["spawned"]]
    assert kinds == ["A2FBridgeTalkingHead"] * 3 + ["DirectionalLight", "SkyLight", "CineCameraActor"]


def test_a_second_run_changes_nothing(engine: Engine, build: ModuleType) -> None:
    build.build()
    before, calls = dict(engine.assets), len(engine.unreal.calls)
    build.build()
    assert engine.assets == before
    assert not [name for name, _ in engine.unreal.calls[calls:] if "create" in name or "spawn" in name]


def test_live_link_starts_with_the_preset(build: ModuleType) -> None:
    settings = (PROJECT / "Config/DefaultGame.ini").read_text()
    name = build.PRESET.rpartition("/")[2]
    assert "[/Script/LiveLink.LiveLinkSettings]" in settings
    assert f"DefaultLiveLinkPreset={build.PRESET}.{name}\n" in settings


def test_what_is_missing_is_named(engine: Engine, build: ModuleType) -> None:
    engine.unreal.behave("A2FBridgeEditorLibrary.make_live_link_preset", lambda path: (None, "no Live Link"))
    with pytest.raises(build.SampleError, match="TalkingHeads could not be made: no Live Link"):
        build.build()
    engine.assets.clear()
    engine.unreal.behave("load_class", lambda *_: None)
    with pytest.raises(build.SampleError, match=r"C\+\+ module is not built"):
        build.build()
    engine.assets.clear()
    engine.unreal.behave("Paths.project_dir", lambda: "/nowhere/")
    with pytest.raises(build.SampleError, match=r"put head\.glb"):
        build.build()


def test_the_editor_builds_when_the_registry_is_ready(engine: Engine) -> None:
    unreal, said = engine.unreal, engine.unreal.behave
    ticks: list[Any] = []
    loading = iter([True, False])
    said("SystemLibrary.is_unattended", lambda: False)
    said("ToolMenus.get", lambda: unreal.ToolMenus())
    said("ToolMenus.extend_menu", lambda m, name: unreal.ToolMenu())
    said("ToolMenu.add_menu_entry", lambda m, section, entry: None)
    said("ToolMenuEntry.set_label", lambda e, text: None)
    said("ToolMenuEntry.set_string_command", lambda e, *_: None)
    said("register_slate_post_tick_callback", lambda call: ticks.append(call) or call)
    said("unregister_slate_post_tick_callback", lambda call: ticks.remove(call))
    said("AssetRegistryHelpers.get_asset_registry", lambda: unreal.AssetRegistry())
    said("AssetRegistry.is_loading_assets", lambda r: next(loading))
    importlib.import_module("init_unreal")
    del sys.modules["init_unreal"]
    build = sys.modules["a2fbridge_sample.build"]
    ticks[0](0.0)
    assert build.MAP not in engine.assets
    ticks[0](0.0)
    assert build.MAP in engine.assets
    assert not ticks


# --- descriptor, settings, code


def test_the_descriptor_finds_plugin_and_module() -> None:
    project = json.loads((PROJECT / "A2FBridgeSample.uproject").read_text())
    jsonschema.validate(project, SCHEMA)
    (folder,) = project["AdditionalPluginDirectories"]
    plugins = {p["Name"] for p in project["Plugins"]}
    assert (PROJECT / folder / "A2FBridge" / "A2FBridge.uplugin").is_file()
    needed = {p["Name"] for p in json.loads((PLUGIN / "A2FBridge.uplugin").read_text()).get("Plugins", [])}
    assert {"A2FBridge", "PythonScriptPlugin", "EditorScriptingUtilities"} <= plugins | needed
    for module in project["Modules"]:
        assert (PROJECT / "Source" / module["Name"] / f"{module['Name']}.Build.cs").is_file()


@pytest.mark.parametrize(
    "change",
    [
        {"FileVersion": 2},
        {"EngineAssociation": "latest"},
        {"TargetPlatforms": ["Win64"]},
        {"Modules": [{"Name": "A", "Type": "Game"}]},
        {"Plugins": [{"Name": "LiveLink", "Enabled": True, "TargetAllowList": ["Editors"]}]},
        {"AdditionalPlugins": ["../Plugins"]},
    ],
)
def test_the_descriptors_schema_can_fail(change: dict[str, object]) -> None:
    project = json.loads((PROJECT / "A2FBridgeSample.uproject").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**project, **change}, SCHEMA)


def test_the_module_names_what_it_includes() -> None:
    """Its .Build.cs and .Target.cs files parse, and every header comes from a module that it depends on."""
    files = [
        PROJECT / "Source/A2FBridgeSample/A2FBridgeSample.Build.cs",
        *(PROJECT / "Source").glob("*.Target.cs"),
    ]
    builds = [read_build_file(path) for path in files]
    assert [build.errors for build in builds] == [[]] * 3
    named = set(builds[0].dependencies) | {"A2FBridgeSample"}
    table = include_table()
    plugin = {path.name: "A2FBridge" for path in (PLUGIN / "Source/A2FBridge/Public").glob("*.h")}
    for source in sources(PROJECT / "Source", ("A2FBridgeSample",)):
        for include in source.includes:
            own = (source.path.parent / include.path).is_file() or include.path.endswith(".generated.h")
            module = "A2FBridgeSample" if own else table.get(include.path, plugin.get(include.path))
            assert module in named, f"{source.path.name}:{include.line}: {include.path} ({module})"


@pytest.mark.parametrize("path", sorted((PROJECT / "Config").glob("*.ini")), ids=lambda p: p.name)
def test_settings_are_well_formed(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        good = not line or re.fullmatch(r";.*|\[[^\[\]]+\]|[+\-!.]?[\w.]+=.*", line)
        assert good, f"{path.name}:{number}: {line}"
        assert line.count("(") == line.count(")")
        key = "" if line.startswith(";") else line.partition("=")[0]
        assert not re.search(r"token|password|api_?key", key, re.IGNORECASE)


def test_packages_hold_what_is_named_by_path_alone() -> None:
    packaging = (PROJECT / "Config/DefaultGame.ini").read_text()
    assert '+DirectoriesToAlwaysCook=(Path="/Game/A2FBridge")' in packaging
    assert '+DirectoriesToAlwaysStageAsNonUFS=(Path="Speech")' in packaging


def test_the_recorded_session_is_the_sound(tmp_path: Path) -> None:
    recording = a2fbridge.load_animation(PROJECT / "Content/Speech/hello.a2frec")
    made = a2fbridge.animate(PROJECT / "Content/Speech/hello.wav", frame_rate=60)
    assert recording.weights == pytest.approx(made.weights, abs=1e-3), (
        "made with another pack; right: a2fbridge animate hello.wav --fps 60 -o hello.a2frec"
    )
    assert (PROJECT / "Content/Speech/hello.wav").read_bytes() == (
        data_dir() / "samples/hello.wav"
    ).read_bytes()


def test_the_code_keeps_unreals_rules() -> None:
    found = sources(PROJECT / "Source", ("A2FBridgeSample",))
    assert {s.path.name for s in found} >= {"A2FBridgeTalkingHead.h", "A2FBridgeTalkingHead.cpp"}
    for source in found:
        assert not list(source.errors()), source.path
        if source.is_header:
            assert source.includes[-1].path == f"{source.path.stem}.generated.h"
            assert all((t.comment and t.body_line) or t.kind == "UENUM" for t in source.types)

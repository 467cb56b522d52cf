"""Head, characters and map.  What is there already stays; only what is missing is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import unreal

ROOT = "/Game/A2FBridge"
MAP = f"{ROOT}/Maps/Talk"
HEAD = f"{ROOT}/Head"
PRESET = f"{ROOT}/LiveLink/TalkingHeads"
"""Also named in DefaultGame.ini, so that Live Link starts with it."""
_GLB = ("RawAssets/head.glb", "../python_server/src/a2fbridge/data/head/head.glb")
"""Where the head lies, from the project's folder: in a release, or in a checkout."""
_DEMOS = {
    "BP_HeadFromFile": ("FILE", "Speech/hello.wav", "Local"),
    "BP_HeadFromMicrophone": ("MICROPHONE", "", "Local"),
    "BP_HeadFromRecording": ("RECORDING", "Speech/hello.a2frec", "Default"),
}
"""Each is a Live Link subject of its own name, without BP_."""


class SampleError(Exception):
    """What is missing, and how to get it."""


def build() -> None:
    """Make everything that is not there yet; raises SampleError."""
    with unreal.ScopedSlowTask(4, "Making the A2FBridge sample") as task:
        task.make_dialog()
        task.enter_progress_frame(1, "The head")
        head = import_head()
        task.enter_progress_frame(1, "Characters")
        characters = {name: make_character(name, head) for name in _DEMOS}
        task.enter_progress_frame(1, "The map")
        make_map(characters)
        task.enter_progress_frame(1, "The Live Link preset")
        make_preset()
    unreal.EditorAssetLibrary.save_directory(ROOT)


def import_head() -> unreal.SkeletalMesh:
    """Return the head as a skeletal mesh with morph targets, imported from the GLB that A2FBridge ships."""
    found = _skeletal_mesh()
    if found is not None:
        return found
    task = unreal.AssetImportTask()
    task.filename = str(_glb())
    task.destination_path = HEAD
    task.automated = True
    task.replace_existing = True
    task.save = True
    task.options = _pipeline()
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    head = _skeletal_mesh()
    if head is None:
        raise SampleError(f"{_glb()} was imported, but no skeletal mesh came of it; see the message log")
    missing = {"jawOpen", "mouthClose", "tongueTipUp"} - set(head.get_all_morph_target_names())
    if missing:
        raise SampleError(
            f"the head has no morph targets {', '.join(sorted(missing))}; delete {HEAD} and rebuild"
        )
    return head


def _glb() -> Path:
    project = Path(unreal.Paths.convert_relative_path_to_full(unreal.Paths.project_dir()))
    for name in _GLB:
        if (project / name).is_file():
            return project / name
    raise SampleError(
        f"the head is missing: put head.glb of the Python package a2fbridge into {project / 'RawAssets'}"
    )


def _pipeline() -> unreal.InterchangePipelineStackOverride:
    """One skeletal mesh of all parts; morph targets of one name act on all of them."""
    pipeline = unreal.InterchangeGenericAssetsPipeline()
    meshes = pipeline.mesh_pipeline
    meshes.set_editor_property("import_skeletal_meshes", True)
    meshes.set_editor_property("combine_skeletal_meshes", True)
    meshes.set_editor_property("import_morph_targets", True)
    meshes.set_editor_property("merge_morph_targets_with_same_name", True)
    stack = unreal.InterchangePipelineStackOverride()
    stack.add_pipeline(pipeline)
    return stack


def _skeletal_mesh() -> unreal.SkeletalMesh | None:
    for path in unreal.EditorAssetLibrary.list_assets(HEAD):
        asset = unreal.EditorAssetLibrary.load_asset(path)
        if isinstance(asset, unreal.SkeletalMesh):
            return asset
    return None


def make_character(name: str, head: unreal.SkeletalMesh) -> unreal.Blueprint:
    """Return the Blueprint of one demo: a talking head with its values set."""
    path = f"{ROOT}/Characters/{name}"
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        found: Any = unreal.EditorAssetLibrary.load_asset(path)
        return found
    factory = unreal.BlueprintFactory()
    factory.set_editor_property("parent_class", _talking_head())
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    made: Any = tools.create_asset(name, f"{ROOT}/Characters", unreal.Blueprint.static_class(), factory)
    if made is None:
        raise SampleError(f"{path} could not be made")
    unreal.BlueprintEditorLibrary.compile_blueprint(made)
    defaults: Any = unreal.get_default_object(unreal.BlueprintEditorLibrary.generated_class(made))
    demo, speech, connection = _DEMOS[name]
    defaults.set_editor_property("demo", getattr(unreal.A2FBridgeDemo, demo))
    defaults.set_editor_property("speech", speech)
    settings = unreal.A2FBridgeStreamSettings()
    settings.connection = connection
    defaults.set_editor_property("settings", settings)
    component: Any = defaults.get_editor_property("head")
    component.set_skeletal_mesh_asset(head)
    face: Any = defaults.get_editor_property("face")
    face.set_editor_property("send_to_live_link", True)
    face.set_editor_property("live_link_subject", name.removeprefix("BP_"))
    return made


def make_preset() -> None:
    """Make the Live Link preset with A2FBridge's source; a MetaHuman in the map finds the heads as subjects."""
    if unreal.EditorAssetLibrary.does_asset_exist(PRESET):
        return
    preset, error = unreal.A2FBridgeEditorLibrary.make_live_link_preset(PRESET)
    if preset is None:
        raise SampleError(f"{PRESET} could not be made: {error}")


def _talking_head() -> unreal.Class:
    found = unreal.load_class(None, "/Script/A2FBridgeSample.A2FBridgeTalkingHead")
    if found is None:
        raise SampleError(
            "the project's C++ module is not built; build A2FBridgeSampleEditor, then open again"
        )
    return found


def make_map(characters: dict[str, unreal.Blueprint]) -> None:
    """Make the map with the characters side by side, light and a camera; what is there already stays."""
    if unreal.EditorAssetLibrary.does_asset_exist(MAP):
        return
    levels: Any = unreal.get_editor_subsystem(unreal.LevelEditorSubsystem)
    actors: Any = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    if not levels.new_level(MAP):
        raise SampleError(f"{MAP} could not be made; save what is open and rebuild")
    for place, (name, blueprint) in enumerate(characters.items()):
        spot = unreal.Vector(0.0, 60.0 * (place - 1), 150.0)
        actor = actors.spawn_actor_from_class(unreal.BlueprintEditorLibrary.generated_class(blueprint), spot)
        actor.set_actor_label(name.removeprefix("BP_"))
    sun = actors.spawn_actor_from_class(
        unreal.DirectionalLight.static_class(), unreal.Vector(0.0, 0.0, 400.0)
    )
    sun.set_actor_rotation(unreal.Rotator(0.0, -35.0, 150.0), False)
    actors.spawn_actor_from_class(unreal.SkyLight.static_class(), unreal.Vector(0.0, 0.0, 300.0))
    camera = actors.spawn_actor_from_class(
        unreal.CineCameraActor.static_class(), unreal.Vector(220.0, 0.0, 152.0)
    )
    camera.set_actor_rotation(unreal.Rotator(0.0, 0.0, 180.0), False)
    camera.set_editor_property("auto_activate_for_player", unreal.AutoReceiveInput.PLAYER0)
    levels.save_current_level()

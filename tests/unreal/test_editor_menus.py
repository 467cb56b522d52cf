"""Menus, dialogs and Level Sequences of the editor scripts, on the strict fake."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from editor_scripts import SKELETON, editor, engine, options
from engine import HELLO, Engine

import a2fbridge

__all__ = ["editor", "engine"]


class Stage:
    """A Level Sequence's half of the fake: what is put on its tracks."""

    def __init__(self, engine: Engine) -> None:
        unreal, said = engine.unreal, engine.unreal.behave
        self.made: list[Any] = []
        self.sections: list[Any] = []
        self.actor, self.component = engine.add("/Level/Actor", "Actor"), unreal.SkeletalMeshComponent()
        model = unreal.AnimationDataModel()
        unreal.exists("AnimSequenceBase.data_model_interface", lambda: model)
        said("AnimationDataModel.get_frame_rate", lambda m: unreal.FrameRate(30, 1))
        said("Actor.get_component_by_class", lambda a, kind: self.component)
        said("MovieSceneSequence.set_display_rate", lambda s, rate: self.made.append(rate.numerator))
        said("MovieSceneSequence.set_playback_end_seconds", lambda s, end: self.made.append(end))
        said(
            "MovieSceneSequence.add_possessable",
            lambda s, o: self.made.append(o) or unreal.MovieSceneBindingProxy(),
        )
        said(
            "MovieSceneBindingExtensions.add_track", lambda b, kind: unreal.MovieSceneSkeletalAnimationTrack()
        )
        said("MovieSceneSequence.add_track", lambda s, kind: unreal.MovieSceneAudioTrack())
        said("MovieSceneTrackExtensions.add_section", self._section)
        said("MovieSceneAudioSection.set_sound", lambda s, sound: s._values.update(sound=sound))
        said("MovieSceneSectionExtensions.set_range_seconds", lambda s, a, b: s._values.update(range=(a, b)))
        self._unreal = unreal

    def _section(self, track: Any) -> Any:
        skeletal = "Skeletal" in type(track).__name__
        kind = "MovieSceneSkeletalAnimationSection" if skeletal else "MovieSceneAudioSection"
        self.sections.append(getattr(self._unreal, kind)())
        return self.sections[-1]


def test_a_level_sequence_has_animation_and_sound(engine: Engine, editor: ModuleType) -> None:
    stage = Stage(engine)
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(HELLO))
    sequence = editor.bake(wave, options(editor))
    level = editor.make_level_sequence(sequence, editor.sound_of(wave), stage.actor, "LS_Hello")
    assert level.get_path_name() == "/Game/A2FBridge/Baked/LS_Hello"
    assert stage.made[0] == 30
    assert stage.made[2] is stage.component
    skeletal, audio = stage.sections
    assert skeletal.params.animation is sequence
    assert audio._values["sound"] is wave
    length = pytest.approx(len(a2fbridge.animate(HELLO)) / 30)
    assert (stage.made[1], skeletal._values["range"], audio._values["range"]) == (
        length,
        (0.0, length),
        (0.0, length),
    )
    with pytest.raises(editor.BakeError, match="is there already"):
        editor.make_level_sequence(sequence, wave, stage.actor, "LS_Hello")


def test_the_sound_of_files_is_imported(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    engine.unreal.behave("Paths.project_saved_dir", lambda: f"{tmp_path}/Saved/")
    engine.unreal.behave("Paths.convert_relative_path_to_full", lambda path, base: path)
    sound = editor.sound_of(HELLO, "/Game/Out/")
    assert (sound.get_path_name(), sound._values["file"]) == ("/Game/Out/hello", str(HELLO))
    recording = tmp_path / "line.a2frec"
    a2fbridge.save(a2fbridge.animate(HELLO), recording, "a2frec")
    sound = editor.sound_of(recording)
    assert Path(sound._values["file"]) == tmp_path / "Saved/A2FBridge/Sounds/line.wav"
    assert Path(sound._values["file"]).read_bytes().startswith(b"RIFF")
    assert editor.sound_of(tmp_path / "face.csv") is None
    engine.unreal.behave("AssetTools.import_asset_tasks", lambda tools, tasks: None)
    with pytest.raises(editor.BakeError, match="could not be imported as a sound"):
        editor.sound_of(HELLO)


def menu_commands(engine: Engine) -> dict[str, str]:
    """Register the menus as the editor does at its start; return the command of each entry."""
    unreal, said = engine.unreal, engine.unreal.behave
    entries: list[Any] = []
    said("ToolMenus.get", lambda: unreal.ToolMenus())
    said("ToolMenus.extend_menu", lambda m, name: unreal.ToolMenu())
    said("ToolMenus.refresh_all_widgets", lambda m: None)
    said("ToolMenu.add_section", lambda m, *_: None)
    said("ToolMenu.add_menu_entry", lambda m, section, entry: entries.append(entry))
    said("ToolMenuEntry.set_label", lambda e, text: e._values.update(label=text))
    said("ToolMenuEntry.set_tool_tip", lambda e, text: None)
    said("ToolMenuEntry.set_string_command", lambda e, kind, custom, text: e._values.update(command=text))
    said("SystemLibrary.is_unattended", lambda: False)
    importlib.import_module("init_unreal")
    del sys.modules["init_unreal"]
    return {entry._values["label"]: entry._values["command"] for entry in entries}


@pytest.fixture
def told(engine: Engine) -> list[str]:
    """What the user is told; the dialog is taken as it comes, with the skeleton selected."""
    said = engine.unreal.behave
    texts: list[str] = []
    said("EditorDialog.show_message", lambda title, text, *_: texts.append(text))
    said("EditorUtilityLibrary.get_selected_assets", lambda: [engine.assets[SKELETON]])
    said("new_object", lambda kind, *_: kind())
    said("EditorDialog.show_object_details_view", lambda title, dialog, *_: True)
    said("get_editor_subsystem", lambda kind: kind())
    return texts


def test_a_selected_sound_is_baked_from_the_menu(engine: Engine, editor: ModuleType, told: list[str]) -> None:
    commands = menu_commands(engine)
    assert len(commands) == 6
    exec(commands["Bake to Facial Animation..."], {})
    assert told == ["select sounds in the content browser first"]
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(HELLO))
    engine.unreal.behave("EditorUtilityLibrary.get_selected_assets", lambda: [wave, engine.assets[SKELETON]])
    exec(commands["Bake to Facial Animation..."], {})
    assert told[-1] == "1 baked, 0 unchanged, 0 failed"
    assert "/Game/A2FBridge/Baked/AS_Hello" in engine.assets


def test_files_and_folders_are_chosen_in_the_systems_dialogs(
    engine: Engine, editor: ModuleType, told: list[str], tmp_path: Path
) -> None:
    commands = menu_commands(engine)
    asked: list[str] = []
    chosen: list[str] = []
    said = engine.unreal.behave
    said("A2FBridgeEditorLibrary.choose_files", lambda title, types: asked.append(types) or chosen)
    said("A2FBridgeEditorLibrary.choose_folder", lambda title: chosen[0] if chosen else "")
    exec(commands["Bake Speech Files..."], {})
    exec(commands["Bake Speech Folder..."], {})
    assert told == []  # the user gave up
    assert asked == ["Speech and curves (*.wav;*.a2frec;*.csv;*.json)|*.wav;*.a2frec;*.csv;*.json"]
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.wav").write_bytes(HELLO.read_bytes())
    chosen[:] = [str(tmp_path / "one.wav"), str(tmp_path / "two.wav")]
    exec(commands["Bake Speech Files..."], {})
    assert told[-1] == "2 baked, 0 unchanged, 0 failed"
    chosen[:] = [str(tmp_path)]
    exec(commands["Bake Speech Folder..."], {})
    assert told[-1] == "1 baked, 2 unchanged, 0 failed"
    chosen[:] = [str(tmp_path / "nothing")]
    exec(commands["Bake Speech Folder..."], {})
    assert "there is no such folder" in told[-1]


def test_a_wav_file_becomes_a_level_sequence_with_sound(
    engine: Engine, editor: ModuleType, told: list[str], tmp_path: Path
) -> None:
    commands, stage, said = menu_commands(engine), Stage(engine), engine.unreal.behave
    said("A2FBridgeEditorLibrary.choose_files", lambda *_: [str(HELLO)])
    said(
        "EditorDialog.show_object_details_view",
        lambda title, dialog, *_: setattr(dialog, "level_sequence", True) or True,
    )
    said("EditorActorSubsystem.get_selected_level_actors", lambda s: [])
    exec(commands["Bake Speech Files..."], {})
    assert "select the actor" in told[-1]
    assert engine.connections == []  # before any work
    said("EditorActorSubsystem.get_selected_level_actors", lambda s: [stage.actor])
    exec(commands["Bake Speech Files..."], {})
    assert told[-1] == "1 baked, 0 unchanged, 0 failed"
    assert engine.assets["/Game/A2FBridge/Baked/LS_hello"]
    assert stage.sections[1]._values["sound"] is engine.assets["/Game/A2FBridge/Baked/hello"]
    engine.tags.clear()  # as if it had changed
    exec(commands["Bake Speech Files..."], {})
    assert told[-1] == "1 baked, 0 unchanged, 0 failed\nLS_hello was there already and is kept"


def test_the_environment_is_made_from_the_menu(engine: Engine, editor: ModuleType, told: list[str]) -> None:
    commands, said = menu_commands(engine), engine.unreal.behave
    said("A2FBridgeEditorSubsystem.create_local_environment", lambda s: (True, ""))
    exec(commands["Set Up Local Server"], {})
    assert "is being made" in told[-1]
    said("A2FBridgeEditorSubsystem.create_local_environment", lambda s: (False, "python3 cannot be started"))
    exec(commands["Set Up Local Server"], {})
    assert told[-1] == "python3 cannot be started"
    said("A2FBridgeEditorSubsystem.check_selected_actors", lambda s: "fine: component")
    exec(commands["Check Setup of Selected Actors"], {})
    assert told[-1] == "fine: component"

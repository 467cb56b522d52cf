"""Editor Python against the 5.6 API: types by mypy, behaviour against a fake as strict as the stub."""

from __future__ import annotations

import importlib
import runpy
import subprocess
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from engine import HELLO, Engine
from strict_unreal import UnrealTypeError, engine_stub
from ue_python import plugin_stub, python_type, snake
from ue_source import PLUGIN, ROOT

import a2fbridge
from a2fbridge.shapes import ARKIT_NAMES

SCRIPTS = PLUGIN / "Content" / "Python"
SKELETON = "/Game/Face/Skeleton"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    made = Engine()
    monkeypatch.setitem(sys.modules, "unreal", made.unreal)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    made.add(SKELETON, "Skeleton")
    yield made
    for name in [n for n in sys.modules if n.startswith("a2fbridge_editor") or n == "a2fbridge_bake"]:
        del sys.modules[name]


@pytest.fixture
def editor(engine: Engine) -> ModuleType:
    return importlib.import_module("a2fbridge_editor")


def options(editor: ModuleType, **more: Any) -> Any:
    return editor.BakeOptions(skeleton=SKELETON, **more)


# --- the fake is as strict as the engine


def test_the_fake_refuses_what_the_engine_does_not_have(engine: Engine) -> None:
    unreal = engine.unreal
    with pytest.raises(AttributeError, match="no attribute 'AnimationBlueprintsLibrary'"):
        _ = unreal.AnimationBlueprintsLibrary
    with pytest.raises(AttributeError):
        unreal.EditorAssetLibrary.does_asset_exists("/Game/A")
    with pytest.raises(UnrealTypeError, match="too many positional"):
        unreal.EditorAssetLibrary.does_asset_exist("/Game/A", True)
    with pytest.raises(AttributeError, match="no property 'target_skelton'"):
        unreal.AnimSequenceFactory().target_skelton = None
    with pytest.raises(AssertionError, match="does not say what"):
        unreal.EditorAssetLibrary.delete_asset("/Game/A")
    with pytest.raises(AttributeError, match=r"unreal has no EditorAssetLibrary\.nothing"):
        unreal.behave("EditorAssetLibrary.nothing", print)


def test_names_become_unreals_python_names() -> None:
    assert snake("GetNumFrames") == "get_num_frames"
    assert snake("bOverrideJoy") == "override_joy"
    assert snake("SendToLiveLink") == "send_to_live_link"
    assert python_type("const TArray<FName>&") == "Array[Name]"
    assert python_type("TMap<FString, float>") == "Map[str, float]"
    assert python_type("TObjectPtr<UA2FBridgeClip>") == "A2FBridgeClip"


def test_scripts_are_well_typed(tmp_path: Path) -> None:
    typings = tmp_path / "typings" / "unreal"
    typings.mkdir(parents=True)
    (typings / "__init__.pyi").write_text(engine_stub() + "\n" + plugin_stub(), encoding="utf-8")
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        f"[mypy]\nmypy_path = {typings.parent}:{SCRIPTS}:{ROOT}/SampleProject/Content/Python\n"
        "python_version = 3.11\ncheck_untyped_defs = True\n"
        # Unreal takes str for Name, list for Array and a class for Class.
        "disable_error_code = arg-type, assignment\n[mypy-unreal]\nignore_errors = True\n"
    )
    sample = ROOT / "SampleProject/Content/Python/a2fbridge_sample"
    checked = [str(path) for path in (SCRIPTS / "a2fbridge_editor", SCRIPTS / "a2fbridge_bake.py", sample)]
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(settings),
        "--cache-dir",
        str(tmp_path / "c"),
    ]
    done = subprocess.run([*command, *checked], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# --- baking


def expect_keys(
    engine: Engine,
    sequence: Any,
    expected: a2fbridge.Animation,
    atol: float = 1e-6,
    names: Sequence[str] | None = None,
) -> None:
    """Every key of every curve (or of those named), and nothing else."""
    curves = engine.curves(sequence)
    asked = expected.names if names is None else names
    assert set(curves) == {name for name in asked if np.abs(expected.curve(name)).max() > 1e-6}
    for name, keys in curves.items():
        times, values, modes = zip(*keys, strict=True)
        assert np.allclose(times, expected.time_codes - expected.time_codes[0], atol=1e-4), name
        assert np.allclose(values, expected.curve(name), atol=atol), name
        assert set(modes) == {"RCIM_LINEAR"}
    assert Fraction(*sequence._values["rate"]) == expected.frame_rate
    assert sequence._values["frames"] == len(expected)
    assert engine.brackets == 0


@pytest.mark.parametrize("connection", ["Default", "Local"])
def test_a_real_clip_is_baked_key_by_key(engine: Engine, editor: ModuleType, connection: str) -> None:
    sequence = editor.bake(HELLO, options(editor, tolerance=-1.0, connection=connection))
    expected = a2fbridge.MappingTable.load("mh4").map(a2fbridge.animate(HELLO))
    expect_keys(engine, sequence, expected)
    assert "CTRL_expressions_jawOpen" in engine.curves(sequence)
    assert engine.saved == [sequence]
    assert engine.connections == [connection]


def test_key_reduction_stays_within_the_tolerance(engine: Engine, editor: ModuleType) -> None:
    whole = engine.curves(editor.bake(HELLO, options(editor, tolerance=-1.0), "AS_whole"))
    reduced = engine.curves(editor.bake(HELLO, options(editor, tolerance=0.01), "AS_reduced"))
    left = sum(map(len, reduced.values())) / sum(map(len, whole.values()))
    assert left < 0.5
    for name, keys in whole.items():
        times, values = np.array([k[0] for k in keys]), np.array([k[1] for k in keys])
        line = np.interp(times, [k[0] for k in reduced[name]], [k[1] for k in reduced[name]])
        assert np.abs(line - values).max() <= 0.01 + 1e-9


def test_frame_rate_and_sound_assets(engine: Engine, editor: ModuleType) -> None:
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(HELLO))
    sequence = editor.bake(wave, options(editor, frame_rate="24000/1001", folder="/Game/Out/"))
    assert sequence.get_path_name() == "/Game/Out/AS_Hello"
    assert sequence._values["rate"] == (24000, 1001)


def test_presets_reach_the_server(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    preset = tmp_path / "stylization_config.yaml"
    preset.write_text(
        "# from the studio\ndefault_beginning_emotions:\n  joy: 0.8\na2f:\n  face_params:\n"
        "    lower_face_strength: 1.3\n    lip_close_offset: -0.05\n  blendshape_params:\n"
        "    weight_multipliers: {}\n    weight_offsets:\n      MouthSmileLeft: 0.1\n"
        "a2fbridge:\n  frame_rate: '60'\n  mapping: mh3\n"
    )
    read = editor.read_preset(preset)
    assert read.parameters == {"lowerFaceStrength": 1.3, "lipOpenOffset": -0.05}
    sequence = editor.bake(HELLO, options(editor, preset=read, tolerance=-1.0))
    animation = a2fbridge.animate(
        HELLO,
        emotions={"joy": 0.8},
        parameters={"lowerFaceStrength": 1.3, "lipOpenOffset": -0.05},
        offsets={"MouthSmileLeft": 0.1},
    )
    assert sequence._values["rate"] == (60, 1)
    table = a2fbridge.MappingTable.load("mh3")
    mapped = table.map(animation.to_convention(table.convention))
    name = next(n for n in engine.curves(sequence) if "jaw" in n.lower())
    values = [key[1] for key in engine.curves(sequence)[name]]
    assert np.allclose(values[::2], mapped.curve(name)[: len(values[::2])], atol=1e-5)


def test_the_studios_file_is_read_as_the_server_reads_it(editor: ModuleType, tmp_path: Path) -> None:
    from a2fbridge.studio._settings import Settings

    values = {
        "emotions": {"joy": 0.25, "outofbreath": 0.5},
        "parameters": {"lowerFaceStrength": 1.25, "eyelidOpenOffset": 0.1},
        "multipliers": {"JawOpen": 1.1},
        "offsets": {"MouthSmileLeft": 0.05},
        "frame_rate": "60/1",
        "mapping": "mh4",
    }
    path = tmp_path / "stylization_config.yaml"
    path.write_text(Settings.read(values).to_yaml())
    read = editor.read_preset(path)
    assert {k: getattr(read, k) for k in values} == values


# --- curves of other programs


@pytest.mark.parametrize(("kind", "ending"), [("csv", ".csv"), ("json", ".json"), ("a2frec", ".a2frec")])
def test_files_of_our_own(engine: Engine, editor: ModuleType, tmp_path: Path, kind: str, ending: str) -> None:
    animation = a2fbridge.animate(HELLO, frame_rate="30000/1001")
    a2fbridge.save(animation, tmp_path / f"face{ending}", kind)
    sequence = editor.bake(tmp_path / f"face{ending}", options(editor, tolerance=-1.0))
    expect_keys(engine, sequence, a2fbridge.MappingTable.load("mh4").map(animation), 1e-5)
    assert engine.connections == []  # no server was asked


def test_nvidias_sample_client(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    """``animation_frames.csv`` of NVIDIA's sample client."""
    animation = a2fbridge.animate(HELLO)
    lines = [",".join(["timeCode", *(f"blendShapes.{name}" for name in animation.names)])]
    for time, row in zip(animation.time_codes, animation.weights, strict=True):
        lines.append(",".join([repr(float(time)), *(repr(float(value)) for value in row)]))
    (tmp_path / "animation_frames.csv").write_text("\n".join(lines) + "\n")
    sequence = editor.bake(tmp_path / "animation_frames.csv", options(editor, tolerance=-1.0))
    expect_keys(engine, sequence, a2fbridge.MappingTable.load("mh4").map(animation), 1e-5)


def test_damage_and_notes_are_told(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    recording = tmp_path / "face.a2frec"
    a2fbridge.save(a2fbridge.animate(HELLO), recording, "a2frec")
    clip = engine.clip(a2fbridge.load_animation(recording))
    engine.unreal.behave("A2FBridgeClip.load_recording", lambda path: (clip, "cut off at byte 9000"))
    editor.bake(recording, options(editor))
    assert "is damaged, what stands before is used: cut off at byte 9000" in engine.log[-1]
    engine.unreal.behave("A2FBridgeClip.get_notes", lambda clip: ["unknown parameter 'x'"])
    editor.bake(HELLO, options(editor))
    assert engine.log[-1] == "WARNING A2FBridge: the server says: unknown parameter 'x'"


def test_live_link_face(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    animation = a2fbridge.animate(HELLO, frame_rate=60)
    a2fbridge.save(animation, tmp_path / "face.csv", "livelink")
    sequence = editor.bake(tmp_path / "face.csv", options(editor, table="", tolerance=-1.0))
    expect_keys(engine, sequence, animation.to_convention("arkit"), names=ARKIT_NAMES)


BAD = {
    "empty.csv": ("", "is empty"),
    "notime.csv": ("a,b\n1,2\n", "no column time_code"),
    "short.csv": ("time_code,a\n0,1\n0.5\n", ":3: 1 cells"),
    "word.csv": ("time_code,a\n0,1\n0.5,x\n", ":3: could not convert"),
    "uneven.csv": ("time_code,a\n0,1\n0.1,1\n0.7,1\n", "not evenly spaced"),
    "one.csv": ("time_code,a\n0,1\n", "two frames or more"),
    "bad.json": ("{", "cannot be read"),
    "other.json": ("{}", "not the layout"),
    "x.mp3": ("", "right are .wav"),
}


@pytest.mark.parametrize(("name", "content", "said"), [(n, *rest) for n, rest in BAD.items()], ids=BAD.keys())
def test_bad_files_are_named(editor: ModuleType, tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(editor.BakeError, match=said):
        editor.bake(tmp_path / name, options(editor))


def test_bad_options_are_named(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    engine.add("/Game/Mesh", "StaticMesh")
    for wrong, said in [
        ({"skeleton": "/Game/Nothing"}, "is no skeleton"),
        ({"skeleton": "/Game/Mesh"}, "is no skeleton"),
        ({"table": "mh5"}, "no table 'mh5'"),
        ({"table": "/Game/Mesh"}, "import its .yaml file first"),
        ({"frame_rate": "fast"}, "no number like 30"),
        ({"frame_rate": "1/100"}, "outside 1 to 1000"),
    ]:
        with pytest.raises(editor.BakeError, match=said):
            editor.bake(HELLO, editor.BakeOptions(**{"skeleton": SKELETON, **wrong}))
    with pytest.raises(editor.BakeError, match="there is no such file"):
        editor.bake(tmp_path / "nothing.wav", options(editor))
    (tmp_path / "style.yaml").write_text("- a\n")
    with pytest.raises(editor.BakeError, match=r"style\.yaml:1: not 'key: value'"):
        editor.read_preset(tmp_path / "style.yaml")
    with pytest.raises(editor.BakeError, match="unknown emotion 'jy'"):
        editor.bake(HELLO, options(editor, preset=editor.Preset(emotions={"jy": 1.0})))


# --- again


def test_an_animators_own_curves_survive_a_bake(engine: Engine, editor: ModuleType) -> None:
    sequence = editor.bake(HELLO, options(editor))
    engine.curves(sequence)["MyCurve"] = [(0.0, 1.0, "RCIM_CUBIC")]
    editor.bake(HELLO, options(editor, table="arkit"))
    curves = engine.curves(sequence)
    assert "MyCurve" in curves
    assert not any(name.startswith("CTRL_expressions_") for name in curves)
    other = engine.add("/Game/Other", "Skeleton")
    with pytest.raises(editor.BakeError, match="another skeleton"):
        editor.bake(HELLO, editor.BakeOptions(skeleton=other.get_path_name()))
    with pytest.raises(editor.BakeError, match="allow overwriting"):
        editor.bake(HELLO, options(editor, overwrite=False))


def test_a_folder_bakes_only_what_changed(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    for name in ("one", "two", "deep/one"):
        path = tmp_path / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(HELLO.read_bytes())
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    report = editor.bake_folder(tmp_path, options(editor))
    assert len(report.baked) == 3
    assert list(report.failed) == [str(tmp_path / "broken.wav")]
    assert "3 baked, 0 unchanged, 1 failed" in report.text()
    assert {path.rpartition("/")[2] for path in report.baked} == {"AS_one", "AS_one_2", "AS_two"}
    (tmp_path / "broken.wav").unlink()
    again = editor.bake_folder(tmp_path, options(editor))
    assert (len(again.baked), len(again.unchanged)) == (0, 3)
    (tmp_path / "two.wav").write_bytes(HELLO.read_bytes() + b"\0\0")
    changed = editor.bake_folder(tmp_path, options(editor))
    assert {path.rpartition("/")[2] for path in changed.baked} == {"AS_two"}
    assert len(editor.bake_folder(tmp_path, options(editor, tolerance=0.02)).baked) == 3
    with pytest.raises(editor.BakeError, match="no such folder"):
        editor.bake_folder(tmp_path / "nothing", options(editor))


def test_assets_that_were_imported_again_are_baked_again(
    engine: Engine, editor: ModuleType, tmp_path: Path
) -> None:
    sound, table = tmp_path / "Hello.uasset", tmp_path / "Rig.uasset"
    sound.write_bytes(HELLO.read_bytes())
    table.write_bytes(b"one")
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(sound))
    engine.add("/Game/Rig", "A2FBridgeMappingTable", file=str(table), name="mh4")
    batch = importlib.import_module("a2fbridge_editor.batch")

    def baked() -> int:
        return len(batch.bake_all([wave], options(editor, table="/Game/Rig")).baked)

    assert (baked(), baked()) == (1, 0)
    table.write_bytes(b"two")
    assert (baked(), baked()) == (1, 0)
    sound.write_bytes(HELLO.read_bytes() + b"\0\0")
    assert (baked(), baked()) == (1, 0)


def test_a_batch_can_be_cancelled(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.wav").write_bytes(HELLO.read_bytes())
    engine.cancel_after = 1  # during the first sound
    report = editor.bake_folder(tmp_path, options(editor))
    assert report.cancelled
    assert not report.baked
    assert "the rest cancelled" in report.text()


def test_headless(engine: Engine, editor: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(HELLO.read_bytes())
    command = importlib.import_module("a2fbridge_bake")
    report = command.main([str(tmp_path), "--skeleton", SKELETON, "--fps", "60", "--folder", "/Game/Out"])
    assert list(report.baked) == ["/Game/Out/AS_a"]
    assert engine.log == ["A2FBridge: 1 baked, 0 unchanged, 0 failed"]
    (tmp_path / "b.wav").write_bytes(b"no sound")
    with pytest.raises(editor.BakeError, match="1 failed"):
        command.main([str(tmp_path), "--skeleton", SKELETON])


def test_headless_as_the_commandlet_runs_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``-run=pythonscript -script="FILE ARGUMENTS"``: the file as the main program, arguments in sys.argv."""
    (tmp_path / "a.wav").write_bytes(HELLO.read_bytes())
    script = SCRIPTS / "a2fbridge_bake.py"
    monkeypatch.setattr(
        sys, "argv", [str(script), str(tmp_path), "--skeleton", SKELETON, "--connection", "Local"]
    )
    runpy.run_path(str(script), run_name="__main__")
    assert engine.log == ["A2FBridge: 1 baked, 0 unchanged, 0 failed"]
    assert engine.connections == ["Local"]


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


def test_errors_reach_python() -> None:
    """A function that returns false would give Python nothing but None."""
    stub = plugin_stub()
    assert "def save_sound(self, path: str) -> Tuple[bool, str]" in stub
    assert "def create_local_environment(self) -> Tuple[bool, str]" in stub
    assert "def make_live_link_preset(cls, asset_path: str) -> Tuple[Optional[Object], str]" in stub

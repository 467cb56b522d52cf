"""Editor Python against the 5.6 API: types by mypy, behaviour against a fake as strict as the stub."""

from __future__ import annotations

import importlib
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from editor_scripts import SCRIPTS, SKELETON, editor, engine, expect_keys, options
from engine import HELLO, Engine
from strict_unreal import UnrealTypeError, engine_stub
from ue_python import plugin_stub, python_type, snake
from ue_source import ROOT

import a2fbridge
from a2fbridge.shapes import ARKIT_NAMES

__all__ = ["editor", "engine"]


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


def test_errors_reach_python() -> None:
    """A function that returns false would give Python nothing but None."""
    stub = plugin_stub()
    assert "def save_sound(self, path: str) -> Tuple[bool, str]" in stub
    assert "def create_local_environment(self) -> Tuple[bool, str]" in stub
    assert "def make_live_link_preset(cls, asset_path: str) -> Tuple[Optional[Object], str]" in stub

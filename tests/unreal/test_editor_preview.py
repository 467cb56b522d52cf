"""Single frames in the editor: real processes behind the strict fake, and actors that get back what they had."""

from __future__ import annotations

import functools
import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from engine import HELLO, Engine
from processes import running_server
from test_ue_server import local_environment
from ue_source import PLUGIN

import a2fbridge

SCRIPTS = PLUGIN / "Content" / "Python"
SKELETON = "/Game/Face/Skeleton"


class Level:
    """A character in the level, and what its component was told."""

    def __init__(self, engine: Engine) -> None:
        unreal, say = engine.unreal, engine.unreal.behave
        mesh = unreal.SkeletalMesh()
        mesh._values["skeleton"] = engine.assets[SKELETON]
        self.component = unreal.SkeletalMeshComponent()
        self.component._values.update(skeletal_mesh_asset=mesh, animation_data="before", mode="graph")
        self.actor = engine.add("/Level/Hero", "Actor")
        self.selected = [self.actor]
        self.playing: list[Any] = []
        self.updating = False
        say("Actor.get_components_by_class", lambda a, kind: [self.component])
        say("SkeletalMeshComponent.get_animation_mode", lambda c: c._values["mode"])
        say("SkeletalMeshComponent.set_animation_mode", lambda c, mode, _: c._values.update(mode=mode))
        say(
            "SkeletalMeshComponent.set_update_animation_in_editor",
            lambda c, on: setattr(self, "updating", on),
        )
        say(
            "SkeletalMeshComponent.override_animation_data",
            lambda c, sequence, *_: (
                c._values.update(mode="asset", animation_data=sequence),
                self.playing.append(sequence),
            ),
        )
        say("get_editor_subsystem", lambda kind: kind())
        say("EditorActorSubsystem.get_selected_level_actors", lambda s: self.selected)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    made = Engine()
    monkeypatch.setitem(sys.modules, "unreal", made.unreal)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    made.add(SKELETON, "Skeleton")
    unreal, say = made.unreal, made.unreal.behave
    settings, user = unreal.A2FBridgeSettings(), unreal.A2FBridgeUserSettings()
    settings._values.update(
        local_environment=str(local_environment(tmp_path / "env")), local_start_timeout=60.0
    )
    settings._values["local_arguments"] = "--threads 1"
    user._values["tokens"] = {}
    made.settings, made.user = settings, user  # type: ignore[attr-defined]
    say("get_default_object", lambda kind: user if kind is unreal.A2FBridgeUserSettings else settings)
    made.named = {}  # type: ignore[attr-defined]
    connect(made, "Local", provider=unreal.A2FBridgeProvider.LOCAL)
    say("A2FBridgeLibrary.get_connection", lambda name: made.named.get(name))  # type: ignore[attr-defined]
    status = unreal.A2FBridgeConnectionStatus()
    status._values["target"] = ""
    say("A2FBridgeLibrary.get_connection_status", lambda name: status)
    yield made
    for name in [n for n in sys.modules if n.startswith("a2fbridge_editor")]:
        del sys.modules[name]


def connect(engine: Engine, name: str, **values: Any) -> None:
    connection = engine.unreal.A2FBridgeConnection()
    connection._values.update(dict.fromkeys(("metadata", "server_name", "root_certificate_file")))
    connection._values.update(
        client_certificate_file="",
        client_key_file="",
        nvcf_function_id="",
        nvcf_function_version="",
        token_variable="",
        use_tls=False,
        pack="",
        identity="",
        solver="",
    )
    connection._values.update(values)
    engine.named[name] = connection  # type: ignore[attr-defined]


class InProcess:
    """What a helper gives, without a process."""

    def __init__(self, connection: str) -> None:
        self.closed = False

    def upload(self, path: Path) -> str:
        self.clip = local_engine().clip(path)
        return "clip"

    def pose(self, clip: str, seconds: float, settings: dict[str, Any]) -> tuple[list[str], list[float]]:
        self.clip.set(**settings)
        frame = self.clip.frame(round(seconds * 30))
        return list(self.clip.names), frame.weights.tolist()

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def in_process(editor: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("a2fbridge_editor.preview"), "Helper", InProcess)


@pytest.fixture
def editor(engine: Engine) -> ModuleType:
    return importlib.import_module("a2fbridge_editor")


@pytest.fixture
def level(engine: Engine) -> Level:
    return Level(engine)


def options(editor: ModuleType, connection: str = "Local", **more: Any) -> Any:
    return editor.BakeOptions(skeleton=SKELETON, connection=connection, **more)


@functools.cache
def local_engine() -> a2fbridge.Engine:
    return a2fbridge.Engine.open(threads=1)


def expected(seconds: float, **settings: Any) -> dict[str, float]:
    """The rig's curves of one frame, by A2FBridge's own Python."""
    with local_engine().clip(HELLO, **settings) as clip:
        frame = clip.frame(round(seconds * 30))
        table = a2fbridge.MappingTable.load("mh4")
        return dict(zip(table.targets, table.apply(frame.weights, clip.names).tolist(), strict=True))


def same(got: dict[str, float], right: dict[str, float]) -> bool:
    return got.keys() == right.keys() and all(abs(got[name] - right[name]) < 1e-4 for name in right)


def test_a_frame_is_shown_on_the_character_and_follows_the_preset(
    engine: Engine, editor: ModuleType, level: Level
) -> None:
    with editor.Preview(HELLO, options(editor)) as preview:
        assert same(preview.show(1.1), expected(1.1))
        assert level.updating
        sequence = level.playing[-1]
        assert sequence.get_path_name() == "/Game/A2FBridge/Preview/AS_Preview_Skeleton"
        keys = engine.curves(sequence)
        moving = {name: value for name, value in expected(1.1).items() if abs(value) > 1e-6}
        assert keys.keys() == moving.keys()
        assert all(keys[name][0][1] == pytest.approx(moving[name], abs=1e-4) for name in moving)
        joyful = editor.Preset(emotions={"joy": 0.8}, parameters={"lowerFaceStrength": 0.7})
        right = expected(1.1, emotions={"joy": 0.8}, parameters={"lowerFaceStrength": 0.7})
        assert same(preview.show(1.1, joyful), right)
        assert level.playing[-1] is sequence
        assert engine.saved == []  # nothing of a preview is saved
    assert (level.component._values["mode"], level.component.animation_data) == ("graph", "before")
    assert not level.updating
    baked = engine.curves(editor.bake(HELLO, options(editor, preset=joyful, tolerance=-1.0)))
    jaw = "CTRL_expressions_jawOpen"
    assert baked[jaw][33][1] == pytest.approx(
        right[jaw], abs=0.05
    )  # the bake smooths over time, a frame alone cannot


def test_a_remote_server_gives_the_frames_and_gets_its_token(
    engine: Engine, editor: ModuleType, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # the helper on loopback is asked past any proxy
    with running_server(tmp_path, "--token-file", str(token)) as server:
        unreal = engine.unreal
        connect(engine, "Default", provider=unreal.A2FBridgeProvider.REMOTE, target=server.address)
        with pytest.raises(editor.BakeError, match="token"):
            with editor.Preview(HELLO, options(editor, "Default")) as preview:
                preview.show(1.0)
        engine.user._values["tokens"] = {"Default": "secret"}  # type: ignore[attr-defined]
        with editor.Preview(HELLO, options(editor, "Default"), []) as preview:
            assert same(preview.show(1.0), expected(1.0))
            with pytest.raises(editor.BakeError, match=r"right is 0 to 8"):
                preview.show(99.0)
            folder, process = preview._helper._folder, preview._helper._process
            assert not folder.exists()  # the tokens lie nowhere any more
    assert process.wait(10) is not None
    assert level.playing == []


def test_a_sound_asset_is_exported_for_it(
    engine: Engine, editor: ModuleType, level: Level, in_process: None
) -> None:
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(HELLO))

    def export(task: Any) -> bool:
        shutil.copy(task.object._values["file"], task.filename)
        assert type(task.exporter).__name__ == "SoundExporterWAV"
        return True

    engine.unreal.behave("Exporter.run_asset_export_task", export)
    with editor.Preview(wave, options(editor)) as preview:
        assert same(preview.show(0.5), expected(0.5))
    engine.unreal.behave("Exporter.run_asset_export_task", lambda task: False)
    with pytest.raises(editor.BakeError, match="Hello: its sound cannot be exported"):
        editor.Preview(wave, options(editor))


def test_what_is_wrong_is_said_and_no_process_stays(
    engine: Engine, editor: ModuleType, level: Level, tmp_path: Path
) -> None:
    unreal = engine.unreal
    connect(engine, "Mock", provider=unreal.A2FBridgeProvider.MOCK)
    connect(engine, "Named", provider=unreal.A2FBridgeProvider.REMOTE, target="x:1", server_name="other")
    for source, chosen, said in (
        (HELLO, options(editor, "Nobody"), "there is no connection 'Nobody'"),
        (HELLO, options(editor, "Mock"), "has no single frames"),
        (HELLO, options(editor, "Named"), "another name in the certificate"),
        (tmp_path / "face.csv", options(editor), "right is a .wav file or a SoundWave"),
        (tmp_path / "nothing.wav", options(editor), "there is no such file"),
        (HELLO, editor.BakeOptions(skeleton="/Game/Nothing", connection="Local"), "is no skeleton"),
    ):
        with pytest.raises(editor.BakeError, match=said):
            editor.Preview(source, chosen)
    level.selected = []
    with pytest.raises(editor.BakeError, match="select the character in the level"):
        editor.Preview(HELLO, options(editor), None)
    engine.settings._values["local_arguments"] = "--nonsense"  # type: ignore[attr-defined]
    with pytest.raises(editor.BakeError, match=r"did not start: .*unrecognized arguments: --nonsense"):
        editor.Preview(HELLO, options(editor), [])
    engine.settings._values["local_environment"] = str(tmp_path / "none")  # type: ignore[attr-defined]
    with pytest.raises(editor.BakeError, match="Set Up Local Server"):
        editor.Preview(HELLO, options(editor), [])
    ours = {path.name for path in Path("/proc").glob("[0-9]*") if _parent(path) == os.getpid()}
    assert not [pid for pid in ours if "studio" in _command(pid)]


def test_the_menu_shows_changes_and_bakes(
    engine: Engine, editor: ModuleType, level: Level, in_process: None
) -> None:
    unreal, say = engine.unreal, engine.unreal.behave
    wave = engine.add("/Game/Voice/Hello", "SoundWave", file=str(HELLO))
    say("Exporter.run_asset_export_task", lambda task: shutil.copy(HELLO, task.filename) is not None)
    say("EditorUtilityLibrary.get_selected_assets", lambda: [wave, engine.assets[SKELETON]])
    say("new_object", lambda kind, *_: kind())
    menu = importlib.import_module("a2fbridge_editor.menu")
    told: list[str] = []
    answers = iter([unreal.AppReturnType.NO, unreal.AppReturnType.YES, unreal.AppReturnType.OK])

    def tell(title: str, text: str, *_: Any) -> Any:
        told.append(text)
        return next(answers, unreal.AppReturnType.OK)

    edits = iter([{"seconds": 1.1}, {"emotions": "joy=0.8"}])

    def edit(title: str, shown: Any, *_: Any) -> bool:
        shown.connection = "Local"
        for name, value in next(edits).items():
            setattr(shown, name, value)
        return True

    say("EditorDialog.show_message", tell)
    say("EditorDialog.show_object_details_view", edit)
    menu.preview_selected()
    assert told[0].startswith("The selected character shows 1.1 s.")
    assert len(level.playing) == 2
    assert told[-1] == "/Game/A2FBridge/Baked/AS_Hello"
    baked = engine.curves(engine.assets["/Game/A2FBridge/Baked/AS_Hello"])
    right = a2fbridge.MappingTable.load("mh4").map(a2fbridge.animate(HELLO, emotions={"joy": 0.8}))
    name = "CTRL_expressions_mouthCornerPullL"
    assert np.interp(1.1, [k[0] for k in baked[name]], [k[1] for k in baked[name]]) == pytest.approx(
        right.curve(name)[33], abs=0.01
    )
    assert (level.component._values["mode"], level.updating) == ("graph", False)
    edits = iter([{"emotions": "joy"}])
    menu.preview_selected()
    assert told[-1] == "emotion 'joy' is not NAME=VALUE, such as joy=0.5"
    say("EditorUtilityLibrary.get_selected_assets", list)
    menu.preview_selected()
    assert told[-1] == "select one sound in the content browser first"


def _parent(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""

"""A small engine behind the strict fake: assets in a dictionary, and the plugin's clips by A2FBridge's own Python."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from strict_unreal import Fake

import a2fbridge
from a2fbridge import Animation
from a2fbridge.animation import Animation as Clip
from a2fbridge.timeline import FrameClock


class Engine:
    """What the editor holds."""

    def __init__(self) -> None:
        self.unreal = Fake()
        self.assets: dict[str, Any] = {}
        self.tags: dict[tuple[int, str], str] = {}
        self.saved: list[Any] = []
        self.connections: list[str] = []
        """Those that sounds were animated over."""
        self.log: list[str] = []
        self.cancel_after = 1 << 30
        """Looks at the cancel button until it was pressed."""
        self.brackets = 0
        self._behave()

    def add(self, path: str, kind: str, **values: Any) -> Any:
        """Put an asset of a class into the content folder."""
        asset = getattr(self.unreal, kind)()
        asset._values.update(path=path, **values)
        self.assets[path] = asset
        return asset

    def curves(self, sequence: Any) -> dict[str, list[Any]]:
        """Return the keys of each curve of an AnimSequence."""
        return sequence._values.setdefault("curves", {})

    def _behave(self) -> None:
        u, say = self.unreal, self.unreal.behave
        say("_ObjectBase.get_name", lambda o: o._values["path"].rpartition("/")[2])
        say("_ObjectBase.get_path_name", lambda o: o._values["path"])
        say("EditorAssetLibrary.does_asset_exist", lambda path: path in self.assets)
        say("EditorAssetLibrary.load_asset", self.assets.get)
        say("EditorAssetLibrary.save_loaded_asset", lambda asset, dirty: self.saved.append(asset) or True)
        say("EditorAssetLibrary.set_metadata_tag", lambda o, tag, v: self.tags.__setitem__((id(o), tag), v))
        say("EditorAssetLibrary.get_metadata_tag", lambda o, tag: self.tags.get((id(o), tag), ""))
        say("AssetToolsHelpers.get_asset_tools", lambda: u.AssetTools())
        say("AssetTools.create_asset", self._create)
        say("AnimationAsset.get_skeleton", lambda s: s._values["skeleton"])
        say("AnimationLibrary.remove_curve", lambda s, name, _: self.curves(s).pop(name))
        say(
            "AnimationLibrary.get_sequence_length",
            lambda s: s._values["frames"] * s._values["rate"][1] / s._values["rate"][0],
        )
        say("log", lambda text: self.log.append(str(text)))
        say("log_warning", lambda text: self.log.append(f"WARNING {text}"))
        say("SystemLibrary.get_system_path", lambda asset: str(asset._values.get("file", "")))
        say("AssetTools.import_asset_tasks", lambda tools, tasks: [self._import(task) for task in tasks])
        say("AssetImportTask.get_objects", lambda task: task._values.get("made", []))
        say("log_error", lambda text: self.log.append(f"ERROR {text}"))
        self._controller()
        self._task()
        self._clips()

    def _create(self, tools: Any, name: str, folder: str, kind: type, factory: Any, _: str) -> Any:
        asset = self.add(f"{folder}/{name}", kind.__name__)
        if kind.__name__ == "AnimSequence":
            controller = self.unreal.AnimationDataController()
            controller._values["sequence"] = asset
            asset._values.update(skeleton=factory.target_skeleton, controller=controller)
        return asset

    def _import(self, task: Any) -> None:
        """Import a WAV file."""
        path = f"{task.destination_path}/{Path(task.filename).stem}"
        task._values["made"] = [self.add(path, "SoundWave", file=task.filename)]

    def _controller(self) -> None:
        say = self.unreal.behave

        def bracket(step: int) -> Any:
            return lambda c, *_: setattr(self, "brackets", self.brackets + step)

        say("AnimationDataController.open_bracket", bracket(1))
        say("AnimationDataController.close_bracket", bracket(-1))
        of = lambda c: c._values["sequence"]._values  # noqa: E731
        say(
            "AnimationDataController.set_frame_rate",
            lambda c, r, _: of(c).update(rate=(r.numerator, r.denominator)),
        )
        say("AnimationDataController.set_number_of_frames", lambda c, n, _: of(c).update(frames=n.value))
        say(
            "AnimationCurveIdentifier.set_curve_identifier",
            lambda i, name, kind: i._values.update(name=name, kind=kind),
        )

        def add(c: Any, curve: Any, flags: int, _: bool) -> bool:
            assert self.brackets == 1
            of(c).setdefault("curves", {})[curve._values["name"]] = []
            return True

        def keys(c: Any, curve: Any, given: list[Any], _: bool) -> bool:
            curves = of(c).setdefault("curves", {})
            if curve._values["name"] not in curves:
                return False
            curves[curve._values["name"]] = [(k.time, k.value, k.interp_mode.name) for k in given]
            return True

        say("AnimationDataController.add_curve", add)
        say("AnimationDataController.set_curve_keys", keys)

    def _task(self) -> None:
        say = self.unreal.behave
        looks = iter(range(1 << 30))
        say("ScopedSlowTask.__enter__", lambda t: t)
        say("ScopedSlowTask.__exit__", lambda t, *_: None)
        say("ScopedSlowTask.make_dialog", lambda t, *_: None)
        say("ScopedSlowTask.enter_progress_frame", lambda t, *_: None)
        say("ScopedSlowTask.should_cancel", lambda t: next(looks) >= self.cancel_after)

    # --- the plugin's clips

    def clip(self, animation: Clip) -> Any:
        """Return an A2FBridgeClip of a Python animation."""
        made = self.unreal.A2FBridgeClip()
        made._values["animation"] = animation
        return made

    def _clips(self) -> None:
        u, say = self.unreal, self.unreal.behave
        of = lambda c: c._values["animation"]  # noqa: E731
        say("A2FBridgeClip.get_curve_names", lambda c: list(of(c).names))
        say("A2FBridgeClip.get_times", lambda c: of(c).time_codes.tolist())
        say("A2FBridgeClip.get_values", lambda c, name: of(c).curve(name).tolist())
        say("A2FBridgeClip.get_notes", lambda c: c._values.get("notes", []))
        say("A2FBridgeClip.save_sound", _save_sound)
        say("A2FBridgeClip.get_convention", lambda c: of(c).convention)
        say(
            "A2FBridgeClip.get_frame_rate",
            lambda c: u.IntPoint(of(c).frame_rate.numerator, of(c).frame_rate.denominator),
        )
        say("A2FBridgeClip.mapped", lambda c, table: (self.clip(_mapped(of(c), table._values["name"])), ""))
        say(
            "A2FBridgeClip.resampled",
            lambda c, rate: (self.clip(_resampled(of(c), Fraction(rate.x, rate.y))), ""),
        )
        say("A2FBridgeClip.load_recording", self._load)
        say("A2FBridgeClip.make_clip", self._make)
        say("A2FBridgeMappingTable.load_shipped_table", self._table)
        say("A2FBridgeMappingTable.get_problem", lambda t: t._values.get("problem", ""))
        say("A2FBridgeAnimateJob.animate_wav_file", lambda path, settings: self._job(path, settings))
        say(
            "A2FBridgeAnimateJob.animate_sound_wave",
            lambda wave, settings: self._job(wave._values["file"], settings),
        )
        say("A2FBridgeAnimateJob.advance", lambda job, seconds: _count_down(job))
        say("A2FBridgeAnimateJob.get_progress", lambda job: 0.5)
        say(
            "A2FBridgeAnimateJob.cancel", lambda job: job._values.update(left=0, clip=None, error="cancelled")
        )
        say("A2FBridgeAnimateJob.get_error", lambda job: job._values["error"])
        say("A2FBridgeAnimateJob.get_clip", lambda job: job._values["clip"])

    def _job(self, path: str, settings: Any) -> Any:
        self.connections.append(str(settings.connection))
        job = self.unreal.A2FBridgeAnimateJob()
        job._values.update(left=3, clip=None, error="", settings=settings)
        try:
            job._values["clip"] = self.clip(a2fbridge.animate(path, **_options(settings)))
        except a2fbridge.A2FBridgeError as error:
            job._values["error"] = str(error)
        return job

    def _load(self, path: str) -> tuple[Any, str]:
        try:
            made = self.clip(a2fbridge.load_animation(path))
            made._values["recording"] = path
            return made, ""
        except a2fbridge.A2FBridgeError as error:
            return None, str(error)

    def _make(self, names: list[str], values: list[float], rate: Any, convention: str) -> tuple[Any, str]:
        frames = np.array(values, np.float32).reshape(-1, len(names))
        frame_rate = Fraction(rate.x, rate.y)
        clock = FrameClock(frame_rate)
        spelled = tuple(name[:1].upper() + name[1:] if convention != "target" else name for name in names)
        animation = Animation(
            names=spelled,
            convention=convention,  # type: ignore[arg-type]
            frame_rate=frame_rate,
            weights=frames,
            sample_indices=np.array([clock.sample_of(i) for i in range(len(frames))], np.int64),
            emotions=np.full((len(frames), 10), np.nan, np.float32),
        )
        return self.clip(animation), ""

    def _table(self, name: str) -> tuple[Any, str]:
        if name not in a2fbridge.list_tables():
            return None, f"no table '{name}'; right are {', '.join(a2fbridge.list_tables())}"
        table = self.unreal.A2FBridgeMappingTable()
        table._values["name"] = name
        return table, ""


def _save_sound(clip: Any, path: str) -> tuple[bool, str]:
    recording = clip._values.get("recording")
    if not recording:
        return False, "the clip has no sound"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(b"RIFF of " + Path(recording).read_bytes())
    return True, ""


def _count_down(job: Any) -> bool:
    job._values["left"] -= 1
    return bool(job._values["left"] > 0)


def _mapped(animation: Clip, name: str) -> Clip:
    table = a2fbridge.MappingTable.load(name)
    return table.map(animation.to_convention(table.convention))


def _resampled(animation: Clip, rate: Fraction) -> Clip:
    count = int(len(animation) / animation.frame_rate * rate)
    times = np.arange(count) / float(rate)
    columns = [
        np.interp(times, animation.time_codes, animation.weights[:, i]) for i in range(len(animation.names))
    ]
    clock = FrameClock(rate)
    return Animation(
        names=animation.names,
        convention=animation.convention,
        frame_rate=rate,
        weights=np.array(columns, np.float32).T,
        sample_indices=np.array([clock.sample_of(i) for i in range(count)], np.int64),
        emotions=np.full((count, 10), np.nan, np.float32),
    )


def _options(settings: Any) -> dict[str, Any]:
    overrides = settings.emotion.overrides._values
    emotions = {k: v for k, v in overrides.items() if overrides.get(f"override_{k}") is True}
    face = settings.face_parameters._values
    names = {k for k in face if face.get(f"override_{k}") is True}
    wire = {k: "".join(w.capitalize() if i else w for i, w in enumerate(k.split("_"))) for k in names}
    tuning = settings.options.blend_shapes
    return {
        "emotions": {"outofbreath" if k == "out_of_breath" else k: v for k, v in emotions.items()},
        "parameters": {wire[k]: face[k] for k in names},
        "multipliers": tuning.multipliers,
        "offsets": tuning.offsets,
    }


HELLO = Path(a2fbridge.__file__).parent / "data/samples/hello.wav"

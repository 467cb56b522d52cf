"""One frame of a sound at a time, on the actors of the level, before anything is baked."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor.bake import BakeOptions, bake_clip, load_skeleton, mapped
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.helper import Helper
from a2fbridge_editor.presets import Preset
from a2fbridge_editor.sources import SOUND_ENDINGS

_FOLDER = "/Game/A2FBridge/Preview"


@dataclass(frozen=True)
class _Shown:
    """A component and what it played before."""

    component: Any
    mode: Any
    data: Any


class Preview:
    """The face at single times of a sound, computed alone: no clip is animated.

    ``with Preview(sound, options) as preview: preview.show(1.2)``.  The frame is shown by an AnimSequence in
    /Game/A2FBridge/Preview that is not saved; closing gives the actors back what they played.
    """

    def __init__(
        self,
        source: str | Path | unreal.SoundWave,
        options: BakeOptions,
        actors: Sequence[unreal.Actor] | None = None,
    ) -> None:
        """Begin with a WAV file or a sound asset, on ``actors`` or those selected in the level.  Raises BakeError."""
        self._options = options
        self._skeleton = load_skeleton(options.skeleton)
        _check(source)
        self._shown = [] if actors == [] else self._components(_selected() if actors is None else actors)
        self._helper = Helper(options.connection)
        self._connection = unreal.A2FBridgeLibrary.get_connection(options.connection)
        try:
            self._clip = self._uploaded(source)
        except BaseException:
            self._helper.close()
            raise

    def __enter__(self) -> Preview:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def show(self, seconds: float, preset: Preset | None = None) -> dict[str, float]:
        """Show the frame at a time under a preset (the options' own by default); returns its curves.

        Only what differs from the frame before is computed: a face parameter, gain or offset runs no network.  Raises
        BakeError.
        """
        preset = preset or self._options.preset
        names, weights = self._helper.pose(self._clip, float(seconds), self._settings(preset))
        clip, error = unreal.A2FBridgeClip.make_clip(names, weights, unreal.IntPoint(30, 1), "a2f")
        if clip is None:
            raise BakeError(f"the frame cannot be used: {error}")
        options = replace(self._options, preset=replace(preset, frame_rate=""), frame_rate="")
        clip = mapped(clip, options)
        if self._shown:
            self._put(clip, options)
        return {str(curve): float(clip.get_values(curve)[0]) for curve in clip.get_curve_names()}

    def fits(self, options: BakeOptions) -> bool:
        """Tell whether the preview can go on with other options: skeleton and connection are the same."""
        mine = self._options
        if (options.skeleton, options.connection) != (mine.skeleton, mine.connection):
            return False
        self._options = options
        return True

    def close(self) -> None:
        """Give the actors back what they played, and end the process.  Twice is harmless."""
        self._helper.close()
        for shown in self._shown:
            shown.component.set_animation_mode(shown.mode)
            if shown.data is not None:
                shown.component.animation_data = shown.data
            shown.component.set_update_animation_in_editor(False)
        self._shown = []

    def _put(self, clip: unreal.A2FBridgeClip, options: BakeOptions) -> None:
        """Write the frame into the preview's AnimSequence and let the actors hold it."""
        asis = replace(options, folder=_FOLDER, table="", tolerance=-1.0, overwrite=True)
        asis = replace(asis, preset=replace(asis.preset, mapping=""))
        sequence = bake_clip(clip, asis, f"AS_Preview_{self._skeleton.get_name()}")
        for shown in self._shown:
            shown.component.set_update_animation_in_editor(True)
            shown.component.override_animation_data(sequence, False, False, 0.0, 1.0)

    def _components(self, actors: Sequence[unreal.Actor]) -> list[_Shown]:
        found: list[_Shown] = []
        kind = unreal.SkeletalMeshComponent.static_class()
        for actor in actors:
            components: Any = actor.get_components_by_class(kind)
            for component in components:
                mesh = component.skeletal_mesh_asset
                if mesh is not None and mesh.skeleton == self._skeleton:
                    found.append(_Shown(component, component.get_animation_mode(), component.animation_data))
        if not found:
            raise BakeError(
                f"no selected actor has the skeleton {self._skeleton.get_name()}; select the character in the level"
            )
        return found

    def _settings(self, preset: Preset) -> dict[str, Any]:
        """Return what the studio's interface takes (docs/web.md)."""
        connection = self._connection
        chosen = {name: getattr(connection, name, "") for name in ("pack", "identity", "solver")}
        return {
            "emotions": dict(preset.emotions),
            "parameters": dict(preset.parameters),
            "multipliers": dict(preset.multipliers),
            "offsets": dict(preset.offsets),
            **{name: str(value) for name, value in chosen.items() if value},
        }

    def _uploaded(self, source: str | Path | unreal.SoundWave) -> str:
        if not isinstance(source, unreal.SoundWave):
            return self._helper.upload(Path(source))
        with tempfile.TemporaryDirectory(prefix="a2fbridge-") as folder:
            path = Path(folder) / "sound.wav"
            _export(source, path)
            return self._helper.upload(path)


def _check(source: str | Path | unreal.SoundWave) -> None:
    if isinstance(source, unreal.SoundWave):
        return
    path = Path(source)
    if path.suffix.lower() not in SOUND_ENDINGS:
        raise BakeError(f"{path}: cannot be previewed; right is a .wav file or a SoundWave")
    if not path.is_file():
        raise BakeError(f"{path}: there is no such file")


def _export(wave: unreal.SoundWave, path: Path) -> None:
    task = unreal.AssetExportTask()
    task.object = wave
    task.filename = str(path)
    task.exporter = unreal.SoundExporterWAV()
    task.automated, task.prompt, task.replace_identical = True, False, True
    if not unreal.Exporter.run_asset_export_task(task) or not path.is_file():
        raise BakeError(f"{wave.get_name()}: its sound cannot be exported; is it a procedural one?")


def _selected() -> list[unreal.Actor]:
    actors: Any = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    return list(actors.get_selected_level_actors())

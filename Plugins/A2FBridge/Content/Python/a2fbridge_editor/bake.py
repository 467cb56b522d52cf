"""A clip into an AnimSequence: one linear curve per target, keys that a line says as well left out."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import unreal
from a2fbridge_editor.errors import BakeError
from a2fbridge_editor.presets import Preset
from a2fbridge_editor.reduce import kept_keys
from a2fbridge_editor.sources import Progress, read_source

TAG_SOURCE = "A2FBridge.Source"
TAG_DIGEST = "A2FBridge.Digest"
TAG_CURVES = "A2FBridge.Curves"
_SILENT = 1e-6
"""A curve that never leaves 0 further than this is not written."""


@dataclass(frozen=True)
class BakeOptions:
    """How clips become AnimSequences."""

    skeleton: str
    """Asset path of the skeleton (or skeletal mesh) whose curves are written."""
    folder: str = "/Game/A2FBridge/Baked"
    """Content folder of the results."""
    table: str = "mh4"
    """Mapping table: a name that ships (mh4, mh3, arkit, cc4, vrm) or the path of an imported one; "": blend shapes."""
    frame_rate: str = ""
    """Frames per second of the AnimSequence: ``30``, ``30000/1001``; empty: the clip's own."""
    tolerance: float = 0.001
    """How far a curve may be off after key reduction; negative keeps every key."""
    connection: str = "Default"
    """Connection that animates sounds: a name of the project settings, ``Local`` or ``Mock``."""
    preset: Preset = field(default_factory=Preset)
    overwrite: bool = True
    """Bake into an AnimSequence that is there already: its other curves and notifies stay."""
    save: bool = True


def bake(
    source: str | Path | unreal.SoundWave,
    options: BakeOptions,
    name: str = "",
    progress: Progress | None = None,
) -> unreal.AnimSequence:
    """Bake a sound, a recorded session or curves of a file; returns the AnimSequence.

    ``name`` is that of the asset; by default that of the source.  Raises BakeError, Cancelled.
    """
    clip = read_source(source, options.preset.settings(options.connection), progress)
    sequence = bake_clip(clip, options, name or asset_name(source))
    _tag(sequence, source, options)
    if options.save:
        unreal.EditorAssetLibrary.save_loaded_asset(sequence)
    return sequence


def bake_clip(clip: unreal.A2FBridgeClip, options: BakeOptions, name: str) -> unreal.AnimSequence:
    """Write a clip's curves into the AnimSequence ``name``, made if it is not there; raises BakeError."""
    clip = _resampled(mapped(clip, options), options)
    sequence = _sequence(options, name)
    rate = clip.get_frame_rate()
    times = [float(time) for time in clip.get_times()]
    controller = sequence.controller
    controller.open_bracket("Bake A2FBridge curves", False)
    try:
        controller.set_frame_rate(unreal.FrameRate(rate.x, rate.y), False)
        controller.set_number_of_frames(unreal.FrameNumber(max(1, len(times))), False)
        written = _write_curves(sequence, clip, times, options.tolerance)
    finally:
        controller.close_bracket(False)
    _remove_stale(sequence, written)
    unreal.EditorAssetLibrary.set_metadata_tag(sequence, TAG_CURVES, ",".join(written))
    return sequence


def needs_bake(source: str | Path | unreal.SoundWave, options: BakeOptions, name: str = "") -> bool:
    """Tell whether the source or the options have changed since it was baked, or it never was."""
    path = asset_path(options, name or asset_name(source))
    if not unreal.EditorAssetLibrary.does_asset_exist(path):
        return True
    sequence = unreal.EditorAssetLibrary.load_asset(path)
    return unreal.EditorAssetLibrary.get_metadata_tag(sequence, TAG_DIGEST) != digest(source, options)


def digest(source: str | Path | unreal.SoundWave, options: BakeOptions) -> str:
    """Return what decides the result, as one short text."""
    whole = hashlib.sha256(json.dumps(asdict(options), sort_keys=True, default=dict).encode())
    table = options.preset.mapping or options.table
    if table.startswith("/"):
        whole.update(_content(unreal.EditorAssetLibrary.load_asset(table)))
    whole.update(_content(source))
    return whole.hexdigest()[:32]


def _content(source: str | Path | unreal.Object | None) -> bytes:
    """Return the digest of a file, or of the file that holds an asset: it changes when the asset is imported again."""
    if isinstance(source, unreal.Object):
        path = Path(unreal.SystemLibrary.get_system_path(source))
        if not path.is_file():  # not saved yet
            return source.get_path_name().encode()
    else:
        path = Path(source or "")
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError as error:
        raise BakeError(f"{path}: cannot be read: {error}") from None


def asset_name(source: str | Path | unreal.SoundWave) -> str:
    """Return an asset name made from that of a source."""
    name = source.get_name() if isinstance(source, unreal.SoundWave) else Path(source).stem
    return "AS_" + "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


def asset_path(options: BakeOptions, name: str) -> str:
    """Return the content path of a result."""
    return f"{options.folder.rstrip('/')}/{name}"


def load_table(name: str) -> unreal.A2FBridgeMappingTable:
    """Return a mapping table that ships, by name, or an imported one by its path; raises BakeError."""
    if name.startswith("/"):
        asset = unreal.EditorAssetLibrary.load_asset(name)
        if not isinstance(asset, unreal.A2FBridgeMappingTable):
            raise BakeError(f"{name} is no mapping table; import its .yaml file first")
        table, error = asset, asset.get_problem()
    else:
        table, error = unreal.A2FBridgeMappingTable.load_shipped_table(name)
    if table is None or error:
        raise BakeError(f"mapping table '{name}': {error}")
    return table


def mapped(clip: unreal.A2FBridgeClip, options: BakeOptions) -> unreal.A2FBridgeClip:
    """Return a clip's curves on the rig that the options name; raises BakeError."""
    name = options.preset.mapping or options.table
    if not name or clip.get_convention() == "target":
        return clip
    curves, error = clip.mapped(load_table(name))
    if curves is None:
        raise BakeError(f"mapping table '{name}': {error}")
    return curves


def load_skeleton(path: str) -> unreal.Skeleton:
    """Return a skeleton, or that of a skeletal mesh, by its asset path; raises BakeError."""
    asset = unreal.EditorAssetLibrary.load_asset(path) if path else None
    if isinstance(asset, unreal.SkeletalMesh):
        asset = asset.skeleton
    if not isinstance(asset, unreal.Skeleton):
        raise BakeError(f"'{path}' is no skeleton; right is the asset path of a skeleton or skeletal mesh")
    return asset


# --- steps ---------------------------------------------------------------------------------------------------------


def _resampled(clip: unreal.A2FBridgeClip, options: BakeOptions) -> unreal.A2FBridgeClip:
    wanted = options.frame_rate or options.preset.frame_rate
    if not wanted:
        return clip
    rate = parse_rate(wanted)
    current = clip.get_frame_rate()
    if Fraction(current.x, current.y) == rate:
        return clip
    resampled, error = clip.resampled(unreal.IntPoint(rate.numerator, rate.denominator))
    if resampled is None:
        raise BakeError(f"frame rate {wanted}: {error}")
    return resampled


def parse_rate(text: str) -> Fraction:
    """Return a frame rate, 1 to 1000 a second; raises BakeError."""
    try:
        if len(text) > 20 or "e" in text.lower():
            raise ValueError
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise BakeError(f"frame rate '{text}' is no number like 30, 59.94 or 30000/1001") from None
    if not 1 <= rate <= 1000:
        raise BakeError(f"frame rate {text} is outside 1 to 1000")
    return rate


def _sequence(options: BakeOptions, name: str) -> unreal.AnimSequence:
    path = asset_path(options, name)
    skeleton = load_skeleton(options.skeleton)
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        return _existing(path, skeleton, options)
    factory = unreal.AnimSequenceFactory()
    factory.target_skeleton = skeleton
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    made = tools.create_asset(name, options.folder.rstrip("/"), unreal.AnimSequence.static_class(), factory)
    if not isinstance(made, unreal.AnimSequence):
        raise BakeError(f"{path}: the AnimSequence could not be made; is the folder writable?")
    return made


def _existing(path: str, skeleton: unreal.Skeleton, options: BakeOptions) -> unreal.AnimSequence:
    found = unreal.EditorAssetLibrary.load_asset(path)
    if not isinstance(found, unreal.AnimSequence):
        raise BakeError(f"{path} is there already and no AnimSequence; choose another folder")
    if not options.overwrite:
        raise BakeError(f"{path} is there already; allow overwriting or choose another folder")
    if found.get_skeleton() != skeleton:
        raise BakeError(f"{path} belongs to another skeleton; choose another folder")
    return found


def _write_curves(
    sequence: unreal.AnimSequence, clip: unreal.A2FBridgeClip, times: list[float], tolerance: float
) -> list[str]:
    """Write every curve that moves; returns their names."""
    written = []
    for curve in clip.get_curve_names():
        values = [float(value) for value in clip.get_values(curve)]
        if not all(math.isfinite(value) for value in values):
            raise BakeError(f"curve {curve} holds values that are not finite")
        if max(map(abs, values), default=0.0) <= _SILENT:
            continue
        kept = range(len(times)) if tolerance < 0 else kept_keys(times, values, tolerance)
        keys = [unreal.RichCurveKey(time=times[i], value=values[i]) for i in kept]
        _write_curve(sequence.controller, str(curve), keys)
        written.append(str(curve))
    return written


def _write_curve(
    controller: unreal.AnimationDataController, name: str, keys: list[unreal.RichCurveKey]
) -> None:
    curve = unreal.AnimationCurveIdentifier()
    curve.set_curve_identifier(name, unreal.RawCurveTrackTypes.RCT_FLOAT)
    if not controller.set_curve_keys(curve, keys, False):
        controller.add_curve(curve, should_transact=False)
        if not controller.set_curve_keys(curve, keys, False):
            raise BakeError(f"Unreal refused the keys of curve {name}")


def _remove_stale(sequence: unreal.AnimSequence, written: list[str]) -> None:
    """Remove curves of an earlier bake that this one does not have; those of others stay."""
    before = unreal.EditorAssetLibrary.get_metadata_tag(sequence, TAG_CURVES)
    for name in sorted(set(filter(None, before.split(","))) - set(written)):
        unreal.AnimationLibrary.remove_curve(sequence, name)


def _tag(sequence: unreal.AnimSequence, source: Any, options: BakeOptions) -> None:
    origin = source.get_path_name() if isinstance(source, unreal.SoundWave) else str(source)
    unreal.EditorAssetLibrary.set_metadata_tag(sequence, TAG_SOURCE, origin)
    unreal.EditorAssetLibrary.set_metadata_tag(sequence, TAG_DIGEST, digest(source, options))

"""``train import``: NVIDIA's dataset layout (the Claire sample's) as a dataset of ours (spec: training, section 1.2).

What is large stays where it is: ``dataset.yaml`` points to the source's sounds and caches.  What is small is read,
repaired where its documented export scripts are known to go wrong, and written anew.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, DatasetError
from a2fbridge.packs import Fault, map_array, open_archive
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.training.dataset._findings import Finding, Findings, stop
from a2fbridge.training.dataset._meshes import Mesh, as_offset, read_mesh
from a2fbridge.training.dataset._regions import index_list, read_indices, read_json
from a2fbridge.training.dataset._store import save_array, save_arrays

__all__ = ["import_claire"]

Floats = NDArray[np.float32]

_FOLDERS: Final = {"audio": "audio", "skin": "cache/skin", "tongue": "cache/tongue"}
_RIGS: Final = {"jaw": "jaw_keypoints_cache", "eyes": "eye_rotations"}
"""Our part -> stem of ``xform/STEM_all.npz``, and of the folder of one-shot files it is merged from."""
_LISTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "lip_dist_vertex_list.json": {"lip_upper": ("upper",), "lip_lower": ("lower",)},
    "lip_size_vertex_list.json": {
        f"lip_size_{lip}_{side}": (f"{lip}_lip", side)
        for lip in ("upper", "lower")
        for side in ("top", "bottom")
    },
    "eye_dist_vertex_list.json": {"eye_upper": ("upper",), "eye_lower": ("lower",)},
}
_MOST_NAMES: Final = 512
_DOCUMENT: Final = """\
# Imported from NVIDIA's layout; sounds and caches are read from there.
format: 1
name: {name}
fps: {fps:g}
shapes: a2f
jaw_values: {jaw}
emotions: [{emotions}]
# The layout does not say languages: name those that are not this one under 'takes'.
language: en
parts:
  audio: {audio}
  skin: {skin}
  tongue: {tongue}
"""


def import_claire(source: str | Path, out: str | Path, fps: float = 30.0) -> list[Finding]:
    """Write a dataset into ``out`` (new or empty) that stands for NVIDIA's folder ``source``.

    ``fps`` is the caches' rate, which NumPy and PC2 caches do not say.  Returns what was repaired or left out; raises
    DatasetError, with what to do, for what cannot be used, and ConfigError when ``out`` is not empty.
    """
    source, out = Path(source).resolve(), Path(out)
    if not (source / "audio").is_dir() or not (source / "cache" / "skin").is_dir():
        raise DatasetError(
            f"{source} has no folders audio and cache/skin; right is one actor in NVIDIA's layout"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is not empty; right is a new folder")
    (out / "geom").mkdir(parents=True, exist_ok=True)
    findings = Findings(source)
    jaw_neutral = _array(source / "xform" / "jaw_keypoints_neutral.npy", findings)
    vertices = _import_geometry(source, out / "geom", findings)
    _import_lists(source, out / "geom", vertices, findings)
    _import_motion(source, out / "geom", jaw_neutral, findings)
    rigs = {part: _import_rig(source, out, part, findings) for part in _RIGS}
    if findings.errors:
        shutil.rmtree(out)
        shown = "\n".join(f"  {finding}" for finding in findings.errors)
        raise DatasetError(f"{source}: {len(findings.errors)} errors\n{shown}", findings.items)
    where = {part: os.path.relpath(source / path, out.resolve()) for part, path in _FOLDERS.items()}
    text = _DOCUMENT.format(
        name=source.name,
        fps=fps,
        jaw=_jaw_values(rigs["jaw"], jaw_neutral),
        emotions=", ".join(EMOTION_NAMES),
        **{part: json.dumps(path) for part, path in where.items()},
    )
    (out / "dataset.yaml").write_text(text)
    return findings.items


def _import_geometry(source: Path, out: Path, findings: Findings) -> int:
    """Write neutral poses with their shapes, and the offset poses; return the skin's vertices, -1 if unknown."""
    count = -1
    for part in ("skin", "tongue"):
        neutral = _array(source / "geom" / part / "neutral_pose.npy", findings)
        file = source / "bs_data" / f"bs_{part}.npz"
        mesh = findings.attempt(file, read_mesh, file, "", 1.0) if file.is_file() else None
        if mesh is not None:
            _check_names(file, mesh, findings)
        if neutral is None and mesh is None:
            findings.warning(source / "geom" / part / "neutral_pose.npy", "is missing", f"the {part} at rest")
            continue
        rest = mesh.neutral if neutral is None and mesh is not None else neutral
        assert rest is not None
        arrays = {"neutral": rest}
        if mesh is not None and mesh.neutral.shape != rest.shape:
            findings.error(
                file, f"has {len(mesh.neutral)} vertices", f"{len(rest)} as geom/{part}/neutral_pose.npy"
            )
        elif mesh is not None:
            apart = float(np.abs(mesh.neutral - rest).max())
            if apart > 1e-3:
                findings.warning(file, f"differs by {apart:.3g} cm", "the neutral of geom", place="neutral")
            for name, pose in mesh.deltas.items():
                arrays[name] = as_offset(file, name, pose, mesh.neutral, findings)
            if mesh.mask is not None:
                arrays["frontalMask"] = mesh.mask  # type: ignore[assignment]
        save_arrays(out / f"{part}.npz", arrays)
        if part == "skin":
            count = len(rest)
            _import_offsets(source / "geom" / "skin", out, rest, findings)
        config = source / "bs_data" / f"bs_{part}_config.json"
        if config.is_file():
            shutil.copyfile(config, out / config.name)
    return count


def _check_names(file: Path, mesh: Mesh, findings: Findings) -> None:
    """Say what NVIDIA's own reader would stumble over in ``poseNames``; all of it is repaired."""
    try:
        with open_archive(file) as archive:
            names = archive.names("poseNames", _MOST_NAMES)
            unicode = archive.kind("poseNames") == "U"
    except Fault as error:
        findings.warning(
            file,
            f"cannot be read ({error}); the arrays' names are taken",
            "a list of names",
            place="poseNames",
        )
        return
    if unicode:
        findings.warning(file, "holds Unicode names; written as bytes", "byte strings (S)", place="poseNames")
    if names[0] != "neutral":
        findings.warning(file, "does not begin with 'neutral'; added", "'neutral' first", place="poseNames")
    for name in sorted({*names} - {"neutral"} - mesh.deltas.keys()):
        findings.error(file, "is listed in poseNames and has no array", "an array for every pose", place=name)


def _import_offsets(folder: Path, out: Path, neutral: Floats, findings: Findings) -> None:
    for ours, theirs in (("lip_open", "lip_open_pose_delta"), ("eye_close", "eye_close_pose_delta")):
        file = folder / f"{theirs}.npy"
        pose = _array(file, findings)
        if pose is not None and pose.shape != neutral.shape:
            findings.error(file, f"has {len(pose)} vertices", f"{len(neutral)} as the neutral")
        elif pose is not None:
            save_array(out / f"{ours}.npy", as_offset(file, "", pose, neutral, findings))


def _import_lists(source: Path, out: Path, vertices: int, findings: Findings) -> None:
    regions: dict[str, list[int]] = {}
    for name, places in _LISTS.items():
        file = source / "geom" / "skin" / name
        value = findings.attempt(file, read_json, file) if file.is_file() else None
        for region, keys in places.items() if value is not None else ():
            found = findings.attempt(file, _dig, file, value, keys, vertices)
            if found is not None:
                regions[region] = found.tolist()
    if regions:
        (out / "regions.json").write_text(json.dumps(regions) + "\n")
    file = source / "geom" / "tongue" / "rigid_vertex_list.json"
    rigid = findings.attempt(file, read_indices, file) if file.is_file() else None
    if rigid is not None:
        (out / "tongue_rigid.json").write_text(json.dumps(rigid.tolist()) + "\n")


def _dig(file: Path, value: Any, keys: tuple[str, ...], vertices: int) -> NDArray[np.int32]:
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            raise stop(file, "is missing", "a list of vertices", place=".".join(keys))
        value = value[key]
    return index_list(file, value, vertices, ".".join(keys))


def _import_motion(source: Path, out: Path, jaw_neutral: Floats | None, findings: Findings) -> None:
    """Write what belongs to no take: jaw points, blink, saccades."""
    folder = source / "xform"
    if jaw_neutral is not None:
        save_array(out / "jaw_neutral.npy", jaw_neutral)
    blink = _array(folder / "eye_blink_keys.npy", findings)
    if blink is not None and (blink.ndim != 1 or blink.min() < -0.05 or blink.max() > 1.05):
        found = f"goes from {blink.min():g} to {blink.max():g} (a rotation?); a default is used"
        findings.warning(folder / "eye_blink_keys.npy", found, "openness of one blink, 0 to 1")
    elif blink is not None:
        save_array(out / "blink_keys.npy", blink)
    darts = _array(folder / "eye_saccade_rotations.npy", findings)
    if darts is not None:
        save_array(out / "saccades.npy", darts)


def _import_rig(source: Path, out: Path, part: str, findings: Findings) -> dict[str, Floats] | None:
    """Write the archive of a part, read from the merged file or, where that is broken, from one-shot files."""
    stem = _RIGS[part]
    merged = source / "xform" / f"{stem}_all.npz"
    if not merged.is_file():
        return None
    shots = findings.attempt(merged, _read_shots, merged, source / "xform" / stem, findings)
    if shots is not None:
        (out / "cache").mkdir(exist_ok=True)
        save_arrays(out / "cache" / f"{part}.npz", shots)
    return shots


def _read_shots(merged: Path, singles: Path, findings: Findings) -> dict[str, Floats]:
    with open_archive(merged) as archive:
        return {shot: _shot(archive, merged, singles, shot, findings) for shot in archive}


def _shot(archive: Any, merged: Path, singles: Path, shot: str, findings: Findings) -> Floats:
    kind = archive.kind(shot)
    if kind in "fi":
        return np.asarray(archive.numbers(shot), np.float32)
    found = "holds an archive object, not its array (NVIDIA's merging script)"
    single = singles / f"{shot}.npz"
    if single.is_file():
        with open_archive(single) as one:
            names = list(one)
            if len(names) == 1:
                findings.warning(merged, f"{found}; read from {single.name}", "numbers", place=shot)
                return np.asarray(one.numbers(names[0]), np.float32)
    right = (
        f"numbers: merge numpy.load(shot)['arr_0'], or put the one-shot files into {singles.name}/{shot}.npz"
    )
    findings.error(merged, found, right, place=shot)
    return np.zeros((1, 1), np.float32)


def _jaw_values(shots: dict[str, Floats] | None, neutral: Floats | None) -> str:
    """Return whether the jaw's key points are offsets or positions, by which they lie nearer to."""
    if not shots or neutral is None:
        return "offsets"
    middle = np.stack(
        [points[len(points) // 2].ravel() for points in shots.values() if points[0].size == neutral.size]
        or [np.zeros(neutral.size)]
    )
    absolute = np.linalg.norm(middle - neutral.ravel(), axis=1) < np.linalg.norm(middle, axis=1)
    return "positions" if absolute.mean() > 0.5 else "offsets"


def _array(path: Path, findings: Findings) -> Floats | None:
    """Read an array of numbers as float32; None when it is not there, or with a finding when it is broken."""
    if not path.is_file():
        return None
    values = findings.attempt(path, map_array, path)
    if values is not None and not (values.size and np.isfinite(values).all()):
        findings.error(path, "is empty or holds a value that is no number", "finite numbers")
        return None
    return None if values is None else np.array(values, np.float32)

"""A mesh at rest with its blend shapes, from NumPy archives, OBJ and glTF files, or a folder of single poses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import read_gltf_mesh, read_obj
from a2fbridge.packs import map_array, open_archive
from a2fbridge.training.dataset._findings import Findings, stop

__all__ = ["Mesh", "as_offset", "find_mesh", "read_mesh"]

Floats = NDArray[np.float32]

_ENDINGS: Final = ("npz", "glb", "gltf", "obj", "npy")
_NEUTRAL: Final = ("neutral", "neutral_pose")
_MOST_NAMES: Final = 1024
_OTHER: Final = ("poseNames", "neutral", "frontalMask", "rig_version")


class Mesh(NamedTuple):
    """What a file holds, centimetres."""

    neutral: Floats
    """[V, 3]"""
    deltas: dict[str, Floats]
    """Offsets [V, 3] by the name in the file."""
    mask: NDArray[np.int32] | None = None


def find_mesh(stem: Path) -> Path | None:
    """Return the file or folder that a part's path means: itself, or itself with an ending."""
    files = [stem, *(stem.with_name(f"{stem.name}.{ending}") for ending in _ENDINGS)]
    return next((file for file in files if file.exists()), None)


def read_mesh(path: Path, mesh: str, units: float) -> Mesh:
    """Read neutral and shapes; ``units`` are the centimetres of one unit, but for glTF, whose unit is the metre.

    Raises Stop, Fault, RecordingError or ParameterError.
    """
    found = _read(path, mesh, units)
    for place, points in (("", found.neutral), *found.deltas.items()):
        if not np.isfinite(points).all():
            vertex = int(np.flatnonzero(~np.isfinite(points).all(axis=-1))[0])
            raise stop(path, "is no number", "finite coordinates", place=f"{place} vertex {vertex}".strip())
    return found


def _read(path: Path, mesh: str, units: float) -> Mesh:
    if path.is_dir():
        return _read_folder(path, units)
    kind = path.suffix.lower()
    if kind == ".npz":
        return _read_archive(path, units)
    if kind in (".glb", ".gltf"):
        neutral, deltas = read_gltf_mesh(path, mesh)
        metre = np.float32(100)
        return Mesh(neutral * metre, {name: delta * metre for name, delta in deltas.items()})
    return Mesh(_points(path, units), {})


def as_offset(file: Path, name: str, pose: Floats, neutral: Floats, findings: Findings) -> Floats:
    """Return a shape as an offset [V, 3]; an array that is plainly a whole pose is repaired with a warning."""
    size = float(np.linalg.norm(neutral))
    if np.linalg.norm(pose - neutral) < 0.25 * size and np.linalg.norm(pose) > 0.5 * size:
        found, right = "is a whole pose; the neutral was taken off", "an offset from the neutral"
        findings.warning(file, found, right, place=name)
        return pose - neutral
    return pose


def _points(path: Path, units: float) -> Floats:
    values: NDArray[Any] = read_obj(path)[0] if path.suffix.lower() == ".obj" else map_array(path)
    if values.ndim != 2 or values.shape[1] != 3 or not values.size:
        raise stop(path, f"has shape {' x '.join(map(str, values.shape))}", "vertices x 3")
    return np.asarray(values * units, np.float32)


def _read_folder(folder: Path, units: float) -> Mesh:
    """Read ``neutral.obj`` (or .npy) and one file for each shape, whole poses in OBJ files, offsets in arrays."""
    files = [f for f in sorted(folder.iterdir()) if f.suffix.lower() in (".obj", ".npy")]
    rest = [f for f in files if f.stem.lower() in _NEUTRAL]
    if len(rest) != 1:
        raise stop(folder, f"has {len(rest)} neutral poses", "one file neutral.obj or neutral.npy")
    neutral = _points(rest[0], units)
    deltas = {}
    for file in files:
        if file is rest[0]:
            continue
        pose = _points(file, units)
        if pose.shape != neutral.shape:
            raise stop(file, f"has {len(pose)} vertices", f"{len(neutral)} as the neutral")
        deltas[file.stem] = pose - neutral if file.suffix.lower() == ".obj" else pose
    return Mesh(neutral, deltas)


def _read_archive(path: Path, units: float) -> Mesh:
    """Read NVIDIA's ``bs_*.npz``, or any archive of ``neutral`` and arrays named as their shapes.

    The shapes stand in the order of ``poseNames``, where there is one.
    """
    with open_archive(path) as archive:
        if "neutral" not in archive:
            raise stop(path, "has no array 'neutral'", "'neutral' [V, 3] and an array for each shape")
        neutral = archive.numbers("neutral")
        deltas = {}
        listed = archive.names("poseNames", _MOST_NAMES) if "poseNames" in archive else ()
        for name in dict.fromkeys((*(name for name in listed if name in archive), *archive)):
            if name in _OTHER:
                continue
            values = archive.numbers(name)
            if values.shape != neutral.shape:
                found = " x ".join(map(str, values.shape))
                raise stop(path, f"has shape {found}", f"{len(neutral)} x 3 as the neutral", place=name)
            deltas[name] = np.asarray(values * units, np.float32)
        mask = archive.numbers("frontalMask").ravel() if "frontalMask" in archive else None
    if neutral.ndim != 2 or neutral.shape[1] != 3 or not neutral.size:
        raise stop(path, f"has shape {' x '.join(map(str, neutral.shape))}", "vertices x 3", place="neutral")
    if mask is not None and (mask.min(initial=0) < 0 or mask.max(initial=0) >= len(neutral)):
        raise stop(
            path, f"holds vertex {mask.max()}", f"vertices from 0 to {len(neutral) - 1}", place="frontalMask"
        )
    return Mesh(
        np.asarray(neutral * units, np.float32), deltas, None if mask is None else mask.astype(np.int32)
    )

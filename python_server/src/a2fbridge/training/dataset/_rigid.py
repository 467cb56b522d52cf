"""Rigid motion: found by Kabsch's method, taken out of a tongue, looked for in a head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["kabsch", "rigid_part", "stabilise"]

Floats = NDArray[np.float32]
Array = NDArray[np.float64]


def kabsch(points: Array, target: Array) -> tuple[Array, Array]:
    """Return rotations [n, 3, 3] and translations [n, 3] that carry ``points`` [n, V, 3] nearest to ``target`` [V, 3].

    Row vectors: ``points @ rotation + translation``.  Never a reflection.
    """
    from_middle, to_middle = points.mean(axis=1), target.mean(axis=0)
    spread = np.swapaxes(points - from_middle[:, None], 1, 2) @ (target - to_middle)
    u, _, vt = np.linalg.svd(spread)
    sign = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= sign[:, None]
    rotation = u @ vt
    return rotation, to_middle - (from_middle[:, None] @ rotation)[:, 0]


def stabilise(points: Floats, neutral: Floats, rigid: NDArray[np.int32]) -> Floats:
    """Return points [n, V, 3] moved so that their rigid vertices lie on those of ``neutral`` [V, 3]."""
    values = points.astype(np.float64)
    rotation, translation = kabsch(values[:, rigid], neutral[rigid].astype(np.float64))
    return np.asarray(values @ rotation + translation[:, None], np.float32)


def rigid_part(points: Floats, neutral: Floats) -> tuple[Array, Array]:
    """Return how far a head has moved as a whole in each frame [n]: centimetres at its middle, and degrees.

    The half of the vertices that fits a rigid motion best says it, so that speech does not count.
    """
    chosen = np.linspace(0, len(neutral) - 1, min(len(neutral), 500)).round().astype(int)
    values, target = points[:, chosen].astype(np.float64), neutral[chosen].astype(np.float64)
    shifts, angles = np.zeros(len(values)), np.zeros(len(values))
    for i, frame in enumerate(values):
        kept = np.arange(len(chosen))
        for _ in range(4):
            rotation, translation = kabsch(frame[None, kept], target[kept])
            missed = np.linalg.norm(frame @ rotation[0] + translation[0] - target, axis=1)
            kept = np.argsort(missed, kind="stable")[: max(4, len(chosen) // 2)]
        middle = target.mean(axis=0)
        shifts[i] = np.linalg.norm(middle @ rotation[0] + translation[0] - middle)
        angles[i] = np.degrees(np.arccos(np.clip((np.trace(rotation[0]) - 1) / 2, -1, 1)))
    return shifts, angles

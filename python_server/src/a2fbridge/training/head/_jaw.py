"""The lower jaw as a rigid body: a hinge fitted to the source's lower teeth.  Centimetres, degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import INDEX
from a2fbridge.training.head._source import Source

__all__ = ["Jaw", "fit_jaw", "fit_rigid"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Jaw:
    """How the lower teeth follow the face shapes."""

    hinge: Array
    """[3] a point of the axis, which is parallel to x."""
    angle: float
    """Degrees of opening at JawOpen 1."""
    shift: Array
    """[3, 3] translation at 1 of JawForward, JawLeft, JawRight."""
    points: Array
    """[5, 3] key points: incisors, right and left molar, right and left of the chin."""


def fit_rigid(rest: Array, posed: Array) -> tuple[Array, Array]:
    """Return the rotation [3, 3] and translation [3] that bring rest [n, 3] nearest to posed (Kabsch)."""
    middle, target = rest.mean(axis=0), posed.mean(axis=0)
    u, _, vt = np.linalg.svd((rest - middle).T @ (posed - target))
    turn = vt.T @ np.diag([1.0, 1.0, np.linalg.det(vt.T @ u.T)]) @ u.T
    return turn, target - turn @ middle


def fit_jaw(source: Source) -> Jaw:
    """Fit hinge, angle and shifts to the lower teeth's offsets in the jaw shapes."""
    index = source.indices("helper-lower-teeth")
    teeth = source.vertices[index]
    turn, shift = fit_rigid(teeth, teeth + source.units[INDEX["JawOpen"]][index])
    angle = np.arctan2(turn[2, 1], turn[1, 1])
    plane = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    y, z = np.linalg.solve(np.eye(2) - plane, shift[1:])
    shifts = [source.units[INDEX[name]][index].mean(axis=0) for name in ("JawForward", "JawLeft", "JawRight")]
    return Jaw(np.array([0.0, y, z]), float(np.degrees(angle)), np.array(shifts), _key_points(teeth))


def _key_points(teeth: Array) -> Array:
    low, high = teeth.min(axis=0), teeth.max(axis=0)
    half = high[0]
    return np.array(
        [
            (0.0, high[1], high[2]),
            (-half, high[1], low[2]),
            (half, high[1], low[2]),
            (-0.5 * half, low[1] - 1.5, high[2] - 0.8),
            (0.5 * half, low[1] - 1.5, high[2] - 0.8),
        ]
    )

"""The tongue: a smoother mesh and the 16 tongue shapes, made by bending its centre line.

A shape says how cross-sections along the tongue turn, shift and scale; sections are carried along the bent
centre line, so lengths are kept and nothing shears.  Centimetres and degrees; the tip is at +z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import TONGUE_NAMES
from a2fbridge.training.head._source import Face, Source
from a2fbridge.training.head._topology import subdivide

__all__ = ["Tongue", "build_tongue"]

Array = NDArray[np.float64]
Profile = Callable[[Array], Array]
_SAMPLES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """The tongue mesh, its 16 shapes, and how the face shapes carry it."""

    neutral: Array
    """[Vt, 3]"""
    faces: list[Face]
    deltas: Array
    """[16, Vt, 3]"""
    carried: Array
    """[52, Vt, 3] offsets that come with the face shapes (jaw, TongueOut), Apple's convention."""


@dataclass(frozen=True, slots=True)
class _Bend:
    """One shape.  Each profile maps places along the tongue, 0 (root) .. 1 (tip), to an amount."""

    pitch: Profile | None = None
    """Degrees; positive lifts what lies ahead."""
    yaw: Profile | None = None
    """Degrees; positive turns to +x, the face's left."""
    twist: Profile | None = None
    """Degrees about the centre line; positive lifts the left (+x) edge."""
    length: Profile | None = None
    """Relative change of length."""
    width: Profile | None = None
    """Relative change of width."""
    height: Profile | None = None
    """Relative change of thickness."""
    lift: Profile | None = None
    """Centimetres along y."""
    forward: Profile | None = None
    """Centimetres along z."""


def _ramp(start: float, stop: float, amount: float) -> Profile:
    """Return a smooth step from 0 at ``start`` to ``amount`` at ``stop``."""

    def profile(s: Array) -> Array:
        t = np.clip((s - start) / (stop - start), 0.0, 1.0)
        return np.asarray(amount * t * t * (3 - 2 * t))

    return profile


def _bump(centre: float, radius: float, amount: float) -> Profile:
    """Return a smooth bump of ``amount`` at ``centre`` that ends ``radius`` away."""

    def profile(s: Array) -> Array:
        t = np.clip(1.0 - np.abs(s - centre) / radius, 0.0, 1.0)
        return np.asarray(amount * t * t * (3 - 2 * t))

    return profile


def _sideways(sign: float) -> dict[str, _Bend]:
    side = "Left" if sign > 0 else "Right"
    return {
        f"TongueTip{side}": _Bend(yaw=_ramp(0.6, 0.95, 42 * sign)),
        f"TongueRoll{side}": _Bend(twist=_ramp(0.3, 0.95, -38 * sign)),
        f"Tongue{side}": _Bend(yaw=_ramp(0.1, 0.6, 17 * sign)),
    }


_BENDS: dict[str, _Bend] = {
    "TongueTipUp": _Bend(pitch=_ramp(0.5, 0.9, 42)),
    "TongueTipDown": _Bend(pitch=_ramp(0.5, 0.9, -36)),
    "TongueRollUp": _Bend(pitch=_ramp(0.7, 1.0, 125), height=_ramp(0.7, 1.0, -0.2)),
    "TongueRollDown": _Bend(pitch=_ramp(0.7, 1.0, -105), height=_ramp(0.7, 1.0, -0.2)),
    "TongueUp": _Bend(lift=_bump(0.55, 0.55, 0.95)),
    "TongueDown": _Bend(lift=_bump(0.6, 0.6, -0.7)),
    "TongueIn": _Bend(forward=_ramp(0.0, 0.9, -1.2), height=_bump(0.5, 0.5, 0.12)),
    "TongueStretch": _Bend(
        length=_ramp(0.15, 0.8, 0.45), width=_ramp(0.3, 1.0, -0.12), height=_ramp(0.3, 1.0, -0.12)
    ),
    "TongueWide": _Bend(width=_ramp(0.2, 0.7, 0.28), height=_ramp(0.3, 0.8, -0.14)),
    "TongueNarrow": _Bend(width=_ramp(0.2, 0.7, -0.32), height=_ramp(0.3, 0.8, 0.14)),
    **_sideways(+1.0),
    **_sideways(-1.0),
}


def build_tongue(source: Source) -> Tongue:
    """Cut the tongue out of the base mesh, subdivide it once and make its shapes."""
    index = source.indices("helper-tongue")
    local = {int(v): i for i, v in enumerate(index)}
    faces = [tuple(local[v] for v in face) for face in source.groups["helper-tongue"]]
    stacked = np.concatenate([source.vertices[index][None], source.units[:, index]])
    columns = stacked.transpose(1, 0, 2).reshape(len(index), -1)
    fine, quads = subdivide(columns, faces)
    values = fine.reshape(len(fine), -1, 3).transpose(1, 0, 2)
    neutral, carried = values[0], values[1:]
    deltas = np.array([_bent(neutral, _BENDS[name]) - neutral for name in TONGUE_NAMES])
    return Tongue(neutral, quads, deltas, carried)


def _bent(points: Array, bend: _Bend) -> Array:
    """Return the points [V, 3] after the bend."""
    back, tip = points[:, 2].min(), points[:, 2].max()
    s = np.linspace(0.0, 1.0, _SAMPLES)
    line = np.stack(
        [np.zeros(_SAMPLES), _height(points, back + s * (tip - back)), back + s * (tip - back)], axis=1
    )
    pitch, yaw = (_angle(profile, s) for profile in (bend.pitch, bend.yaw))
    step = np.diff(line, axis=0, prepend=line[:1]) * (1.0 + _amount(bend.length, s))[:, None]
    moved = line[0] + np.cumsum(_turn(step, pitch, yaw), axis=0)
    moved[:, 1] += _amount(bend.lift, s)
    moved[:, 2] += _amount(bend.forward, s)
    place = (points[:, 2] - back) / (tip - back)
    section = points - _at(place, line)
    section[:, 0] *= 1.0 + np.interp(place, s, _amount(bend.width, s))
    section[:, 1] *= 1.0 + np.interp(place, s, _amount(bend.height, s))
    twist, pitch, yaw = (np.interp(place, s, angle) for angle in (_angle(bend.twist, s), pitch, yaw))
    return np.asarray(_turn(_twisted(section, twist), pitch, yaw) + _at(place, moved))


def _at(place: Array, line: Array) -> Array:
    """Return the points [n, 3] of a line sampled evenly over 0..1."""
    s = np.linspace(0.0, 1.0, len(line))
    return np.stack([np.interp(place, s, line[:, i]) for i in range(3)], axis=1)


def _height(points: Array, z: Array) -> Array:
    """Return the height of the centre line at ``z``: a parabola through the whole tongue."""
    return np.asarray(np.polyval(np.polyfit(points[:, 2], points[:, 1], 2), z))


def _amount(profile: Profile | None, s: Array) -> Array:
    return profile(s) if profile else np.zeros_like(s)


def _angle(profile: Profile | None, s: Array) -> Array:
    return np.radians(_amount(profile, s))


def _turn(vectors: Array, pitch: Array, yaw: Array) -> Array:
    """Rotate vectors [n, 3] about x by -pitch (lifting +z), then about y by yaw."""
    x, y, z = vectors.T
    y, z = y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    return np.stack([x, y, z], axis=1)


def _twisted(vectors: Array, angle: Array) -> Array:
    x, y, z = vectors.T
    return np.stack([x * np.cos(angle) - y * np.sin(angle), y * np.cos(angle) + x * np.sin(angle), z], axis=1)

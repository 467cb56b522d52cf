"""Brows and lashes: tapered strands that the skin's shapes carry.  Centimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import ARKIT_NAMES, INDEX
from a2fbridge.training.head._head import Part
from a2fbridge.training.head._skin import Skin, mirrored_shape

__all__ = ["BROW_LINE", "brows", "lashes"]

Array = NDArray[np.float64]
Ints = NDArray[np.int32]

BROW_LINE = np.array([(1.15, 5.30), (2.3, 5.66), (3.6, 5.92), (4.6, 5.78), (5.35, 5.30)])
"""Middle of the left brow in x and y, from its inner end."""
_BROW_WIDTH = np.array([0.50, 0.56, 0.46, 0.32, 0.08])
_HAIR = (0.050, 0.030, 0.020)
_STRANDS = 170
_LASH_LOOP = 2
_LASH_STEPS = 4
_LASH_SWING = {"EyeBlinkLeft": 62.0, "EyeLookDownLeft": 22.0, "EyeLookUpLeft": -10.0, "EyeWideLeft": -14.0}
"""Degrees that the left upper lashes turn down with the lid."""


@dataclass(frozen=True, slots=True, eq=False)
class _Strands:
    points: Array
    """[N, S, 3] centre lines."""
    side: Array
    """[N, 3] direction across the strand."""
    deltas: Array
    """[52, N, S, 3]"""


def brows(skin: Skin, faces: Ints) -> Part:
    """Return both brows, laid on the skin and bound to it."""
    random = np.random.default_rng(7)
    t = (np.arange(_STRANDS) + random.random(_STRANDS)) / _STRANDS
    knots = np.linspace(0, 1, len(BROW_LINE))
    line = np.stack([_smooth_interp(t, knots, BROW_LINE[:, i]) for i in (0, 1)], axis=1)
    across = random.uniform(-0.5, 0.5, _STRANDS)
    line[:, 1] += across * np.interp(t, knots, _BROW_WIDTH)
    heading = np.radians(
        np.interp(t, [0, 0.25, 0.6, 1], [70, 30, 4, -32]) - across * 34 + random.normal(0, 5, _STRANDS)
    )
    length = np.interp(t, [0, 0.3, 1], [0.36, 0.58, 0.46]) * random.uniform(0.8, 1.15, _STRANDS)
    reach = np.array([0.0, 0.5, 1.0])
    flat = (
        line[:, None]
        + (reach * length[:, None])[..., None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)[:, None]
    )
    index, weight = _above(flat.reshape(-1, 2), skin.neutral, faces)
    points = np.einsum("nk,nkc->nc", weight, skin.neutral[index]).reshape(_STRANDS, 3, 3)
    points += np.array([0.0, 0.2, 1.0])[:, None] * (0.02, 0.01, 0.05) + (0, 0, 0.02)
    deltas = np.einsum("nk,snkc->snc", weight, skin.deltas[:, index]).reshape(-1, _STRANDS, 3, 3)
    side = np.stack([-np.sin(heading), np.cos(heading), np.zeros(_STRANDS)], axis=1)
    return _ribbons("brows", _both_sides(_Strands(points, side, deltas)), 0.046)


def lashes(skin: Skin) -> Part:
    """Return the lashes of both eyes; the upper ones swing down with the lid."""
    upper = _lash_row(skin, np.linspace(5.6, -7.2, 40), upper=True)
    lower = _lash_row(skin, np.linspace(8.4, 17.6, 20), upper=False)
    joined = _Strands(
        np.concatenate([upper.points, lower.points]),
        np.concatenate([upper.side, lower.side]),
        np.concatenate([upper.deltas, lower.deltas], axis=1),
    )
    return _ribbons("lashes", _both_sides(joined), 0.026)


def _lash_row(skin: Skin, columns: Array, upper: bool) -> _Strands:
    """Return strands at (fractional) columns of the left lid's front edge, curved away from the eye."""
    loop = skin.lids[1, _LASH_LOOP]
    low = np.floor(columns).astype(int)
    share = (columns - low)[:, None]
    first, second = loop[low % 28], loop[(low + 1) % 28]
    root = skin.neutral[first] * (1 - share) + skin.neutral[second] * share
    carried = skin.deltas[:, first] * (1 - share) + skin.deltas[:, second] * share
    middle = skin.neutral[loop].mean(axis=0)
    fan = (root[:, 0] - middle[0]) / 1.4
    rank = np.linspace(-1, 1, len(columns))
    length = (0.72 if upper else 0.26) * (0.62 + 0.38 * np.clip(1 - np.abs(rank - 0.25) ** 3, 0, 1))
    jitter = np.random.default_rng(11 + upper).normal(0, 0.05, len(columns))
    ahead = np.stack(
        [0.55 * fan + jitter, np.full_like(fan, -0.12 if upper else -0.5), 1.0 - 0.25 * np.abs(fan)], axis=1
    )
    curl = np.array([0.0, 0.72 if upper else -0.3, 0.0])
    reach = np.linspace(0, 1, _LASH_STEPS)
    bow = ahead[:, None] * (reach - 0.35 * reach**2)[:, None] + curl * (reach**2)[:, None]
    offset = bow * length[:, None, None]
    deltas = np.repeat(carried[:, :, None], _LASH_STEPS, axis=2)
    if upper:
        for name, degrees in _LASH_SWING.items():
            deltas[INDEX[name]] += _swung(offset, np.radians(degrees)) - offset
    tangent = skin.neutral[second] - skin.neutral[first]
    return _Strands(root[:, None] + offset, tangent / np.linalg.norm(tangent, axis=1, keepdims=True), deltas)


def _swung(offset: Array, angle: float) -> Array:
    x, y, z = np.moveaxis(offset, -1, 0)
    return np.stack(
        [x, y * np.cos(angle) - z * np.sin(angle), z * np.cos(angle) + y * np.sin(angle)], axis=-1
    )


def _both_sides(left: _Strands) -> _Strands:
    flip = np.array((-1.0, 1.0, 1.0))
    partner = [mirrored_shape(name) for name in ARKIT_NAMES]
    return _Strands(
        np.concatenate([left.points * flip, left.points]),
        np.concatenate([left.side * flip, left.side]),
        np.concatenate([left.deltas[partner] * flip, left.deltas], axis=1),
    )


def _ribbons(name: str, strands: _Strands, width: float) -> Part:
    """Give the strands a width that tapers to a point; both faces of a ribbon are meant to be seen."""
    count, steps = strands.points.shape[:2]
    half = width / 2 * (1.0 - np.linspace(0, 1, steps) ** 2 * 0.92)
    shift = strands.side[:, None] * half[:, None]
    vertices = np.stack([strands.points - shift, strands.points + shift], axis=2)
    deltas = np.repeat(strands.deltas[:, :, :, None], 2, axis=3)
    base = np.arange(count)[:, None] * steps * 2 + np.arange(steps - 1) * 2
    a = base.ravel()
    faces = np.concatenate([np.stack([a, a + 1, a + 3], axis=1), np.stack([a, a + 3, a + 2], axis=1)])
    total = count * steps * 2
    return Part(
        name,
        vertices.reshape(total, 3).astype(np.float32),
        faces.astype(np.int32),
        np.tile(np.array(_HAIR, np.float32), (total, 1)),
        "shapes",
        deltas.reshape(len(deltas), total, 3).astype(np.float32),
    )


def _smooth_interp(t: Array, knots: Array, values: Array) -> Array:
    """Interpolate with a parabola through all knots added to the straight pieces' place: a smooth brow."""
    return np.asarray(np.polyval(np.polyfit(knots, values, 3), t))


def _above(flat: Array, vertices: Array, faces: Ints) -> tuple[Ints, Array]:
    """Return corners [n, 3] and barycentric weights [n, 3] of the foremost face over each (x, y)."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    index, weight = [], []
    for x, y in flat:
        with np.errstate(divide="ignore", invalid="ignore"):
            u = ((b[:, 0] - x) * (c[:, 1] - y) - (b[:, 1] - y) * (c[:, 0] - x)) / area
            v = ((c[:, 0] - x) * (a[:, 1] - y) - (c[:, 1] - y) * (a[:, 0] - x)) / area
            bary = np.stack([u, v, 1 - u - v], axis=1)
            hit = (bary >= -1e-9).all(axis=1) & (area > 1e-9)
        depth = np.where(hit, (bary * np.stack([a[:, 2], b[:, 2], c[:, 2]], axis=1)).sum(axis=1), -np.inf)
        best = int(np.argmax(depth))
        index.append(faces[best])
        weight.append(bary[best])
    return np.array(index, np.int32), np.array(weight)

"""Teeth with gums, and eyeballs: made by formula, fitted to the source's rough stand-ins.  Centimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.head._head import Motion, Part

__all__ = ["eyeball", "teeth"]

Array = NDArray[np.float64]
Ints = NDArray[np.int32]

_WIDTHS = (0.86, 0.68, 0.78, 0.7, 0.68, 1.0, 0.95)
"""Crown widths from the middle incisor to the second molar."""
_DEPTHS = (0.62, 0.58, 0.72, 0.82, 0.86, 1.0, 1.0)
_HEIGHTS = (1.0, 0.9, 1.0, 0.84, 0.8, 0.76, 0.72)
_ENAMEL = (0.80, 0.74, 0.63)
_NECK_OF_TOOTH = (0.66, 0.52, 0.36)
_GUM = (0.50, 0.16, 0.15)
_PUPIL, _IRIS = 0.25, 0.70
_SEGMENTS = 32


@dataclass(frozen=True, slots=True)
class _Arch:
    """Half an ellipse in the xz plane: where the crowns of one jaw stand."""

    half_width: float
    depth: float
    front: float
    edge: float
    """Height of the incisors' biting edge."""
    up: float
    """+1 when the roots are above the crowns."""
    scale: float
    """Crown widths against the table: lower incisors are narrower."""


_UPPER = _Arch(2.85, 4.3, 8.82, -2.95, 1.0, 1.0)
_LOWER = _Arch(2.7, 4.1, 8.42, -2.68, -1.0, 0.93)


def teeth(upper: bool) -> Part:
    """Return one jaw: fourteen rounded crowns in a gum; 0.27 cm overbite in the source's mouth."""
    arch = _UPPER if upper else _LOWER
    meshes = [_crown(arch, tooth, side) for side in (-1.0, 1.0) for tooth in range(len(_WIDTHS))]
    return _joined(
        "teeth_upper" if upper else "teeth_lower", [*meshes, _gum(arch)], "fixed" if upper else "jaw"
    )


def _station(arch: _Arch, along: Array) -> tuple[Array, Array, Array]:
    """Return place x, z and heading (angle from +z) at arc lengths ``along`` from the middle, to +x."""
    phi = np.linspace(0.0, np.pi / 2, 400)
    x, z = arch.half_width * np.sin(phi), arch.front - arch.depth * (1.0 - np.cos(phi))
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    at = np.interp(np.abs(along), length, phi)
    normal = np.arctan2(arch.depth * np.sin(at), arch.half_width * np.cos(at))
    sign = np.sign(along)
    place = arch.half_width * np.sin(at) * sign
    return place, arch.front - arch.depth * (1.0 - np.cos(at)), normal * sign


def _crown(arch: _Arch, tooth: int, side: float) -> tuple[Array, Ints, Array]:
    widths = np.array(_WIDTHS) * arch.scale
    if arch.up < 0:
        widths[:2] *= 0.72
    width, depth, height = widths[tooth], _DEPTHS[tooth], _HEIGHTS[tooth]
    x, z, turn = _station(arch, np.array(side * (widths[:tooth].sum() + width / 2)))
    points, faces = _ball(8, 10)
    points = np.sign(points) * np.abs(points) ** (0.55, 0.6, 0.6)  # a rounded box
    rise = (points[:, 1] + 1) / 2  # 0 at the biting edge, 1 at the root
    front_tooth = tooth < 3
    thickness = (0.34 + 0.66 * rise) if front_tooth else 0.86 + 0.14 * rise
    local = points * (width * 0.5, height * 0.5 + 0.12, depth * 0.5)
    local[:, 0] *= 1.0 - 0.16 * rise**2
    local[:, 2] *= thickness
    local[:, 2] += (depth / 2) * (1 - thickness) * 0.55 if front_tooth else 0.0
    local[:, 1] = (
        local[:, 1] + height * 0.5 + 0.12 + (0.0, 0.05, -0.03, 0.06, 0.1, 0.14, 0.16)[tooth]
    ) * arch.up
    out = np.stack(
        [
            x + local[:, 0] * np.cos(turn) + local[:, 2] * np.sin(turn),
            arch.edge + local[:, 1],
            z - local[:, 0] * np.sin(turn) + (local[:, 2] - depth * 0.35) * np.cos(turn),
        ],
        axis=1,
    )
    colour = (
        np.array(_ENAMEL) + (np.array(_NECK_OF_TOOTH) - _ENAMEL) * np.clip(rise * 1.5 - 0.75, 0, 1)[:, None]
    )
    return out, faces if arch.up > 0 else faces[:, ::-1], colour * (1.0 - 0.09 * tooth)


def _gum(arch: _Arch) -> tuple[Array, Ints, Array]:
    """A tube of oval section along the arch, scalloped between the crowns."""
    total = sum(_WIDTHS) * arch.scale
    along = np.linspace(-total, total, 41)
    x, z, turn = _station(arch, along)
    angle = np.linspace(0.0, 2 * np.pi, 11)[:-1]
    reach = 0.50 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.7 - 0.2
    rise = 0.52 * np.sin(angle)
    centre = arch.edge + arch.up * 1.33
    grid = np.stack(
        [
            x[:, None] + reach * np.sin(turn)[:, None],
            np.broadcast_to(centre + rise, (len(along), len(angle))),
            z[:, None] + reach * np.cos(turn)[:, None],
        ],
        axis=2,
    )
    n, m = grid.shape[:2]
    quads = [
        (i * m + j, i * m + (j + 1) % m, (i + 1) * m + (j + 1) % m, (i + 1) * m + j)
        for i in range(n - 1)
        for j in range(m)
    ]
    faces = np.array([t for a, b, c, d in quads for t in ((a, d, c), (a, c, b))], np.int32)
    shade = np.clip((grid[:, :, 2:] - 4.0) / 4.5, 0.35, 1.0)  # the back of the mouth lies in its own shadow
    return grid.reshape(-1, 3), faces, (np.array(_GUM) * shade).reshape(-1, 3)


def eyeball(name: str, motion: Motion, centre: Array, radius: float) -> Part:
    """Return a ball with pupil and iris; colour edges are doubled vertices, so they are sharp."""
    pupil, iris = np.arcsin(_PUPIL / radius), np.arcsin(_IRIS / radius)
    bands = [
        (np.array([0.0, pupil * 0.6, pupil]), "pupil"),
        (np.linspace(pupil, iris, 6), "iris"),
        (np.concatenate([[iris, iris + 0.04], np.linspace(iris + 0.14, 2.3, 8)]), "sclera"),
    ]
    meshes = []
    for polar, kind in bands:
        around = np.linspace(0, 2 * np.pi, _SEGMENTS, endpoint=False)
        p, a = np.meshgrid(polar, around, indexing="ij")
        ball = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=2) * radius
        meshes.append((ball.reshape(-1, 3) + centre, _strip(len(polar), _SEGMENTS), _eye_colour(kind, p, a)))
    return _joined(name, meshes, motion)


def _eye_colour(kind: str, polar: Array, around: Array) -> Array:
    share = (polar - polar.min()) / np.ptp(polar)
    if kind == "pupil":
        colour = np.full((*polar.shape, 3), 0.004)
    elif kind == "iris":
        streak = 0.82 + 0.18 * np.sin(around * 9 + 1.3) * np.sin(around * 5) + 0.1 * np.cos(around * 20)
        inner, outer = np.array((0.20, 0.115, 0.04)), np.array((0.085, 0.13, 0.105))
        colour = (inner + (outer - inner) * np.clip(share * 1.6, 0, 1)[..., None]) * streak[..., None]
        colour = colour * np.where(share > 0.85, 0.22, 1.0)[..., None]
    else:
        white, edge, back = (
            np.array((0.68, 0.66, 0.635)),
            np.array((0.40, 0.40, 0.38)),
            np.array((0.66, 0.44, 0.40)),
        )
        colour = white + (back - white) * (share**2)[..., None]
        colour[0] = edge
    return colour.reshape(-1, 3)


def _strip(rows: int, columns: int) -> Ints:
    """Faces of a grid that is closed along its columns."""
    i, j = (index.ravel() for index in np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij"))
    a, b = i * columns + j, i * columns + (j + 1) % columns
    c, d = b + columns, a + columns
    return np.concatenate([np.stack([a, d, c], axis=1), np.stack([a, c, b], axis=1)]).astype(np.int32)


def _ball(rows: int, columns: int) -> tuple[Array, Ints]:
    """Return a unit ball [rows * columns, 3] with its poles on the y axis."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns, endpoint=False), indexing="ij"
    )
    points = np.stack([np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], axis=2)
    return points.reshape(-1, 3), _strip(rows, columns)


def _joined(name: str, meshes: list[tuple[Array, Ints, Array]], motion: Motion) -> Part:
    vertices, faces, start = [], [], 0
    for points, triangles, _ in meshes:
        vertices.append(points)
        faces.append(triangles + start)
        start += len(points)
    colours = np.concatenate([colour for _, _, colour in meshes])
    return Part(
        name,
        np.concatenate(vertices).astype(np.float32),
        np.concatenate(faces).astype(np.int32),
        colours.astype(np.float32),
        motion,
    )

"""The skin: crop of the base mesh, symmetric shapes, lips and lids that really close.

Vertex numbers in this file are landmarks of the MakeHuman base mesh hm08, which never change.
Lengths are centimetres, y up, face along +z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import ARKIT_NAMES, INDEX
from a2fbridge.training.head._source import Face, Source
from a2fbridge.training.head._topology import Topology, mirror_map

__all__ = ["LID_COLUMNS", "LIP_COLUMNS", "Skin", "build_skin", "mirrored_shape"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_NECK = -10.0
"""Height of the cut through the neck."""
_LIP_LOOPS = (554, 537, 520, 474, 468, 509, 467, 466, 455, 362)
"""Upper-lip vertices on the mid line, from inside the mouth to the lip's outer border: one edge loop each."""
_LID_LOOPS = (6784, 11466, 6786, 6788, 11514, 6929)
"""The same for the left upper lid, from inside to the lid's front."""
LIP_COLUMNS = ((-8, 23), (-7, 22), (-4, 21), (-2, 20), (0, 19), (2, 18), (4, 17), (7, 16), (8, 15))
"""(upper, lower) columns of the lip loops that face each other, from the right (-x) to the left."""
_UPPER, _LOWER = np.arange(-9, 10), np.arange(25, 12, -1)
"""All columns of the upper and of the lower lip, from right to left."""
LID_COLUMNS = tuple((k % 28, 13 - k) for k in range(-6, 6))
"""The same for the lids."""
_THROAT = 690
_SOCKET = 11922
_CONTACT_LOOPS = 7
_LIP_FALLOFF = np.array([0.9, 1.0, 1.0, 1.0, 1.0, 0.95, 0.8, 0.55, 0.3, 0.1])
_LID_FALLOFF = np.array([1.0, 1.0, 1.0, 1.0, 0.85, 0.25])
_OVERLAP = 0.06
"""How far closed lips press into each other: meshes that only touch show light through the seam."""
_CLOSED_SHAPES = [
    "JawForward",
    "JawLeft",
    "JawRight",
    "MouthLeft",
    "MouthRight",
    "MouthPucker",
    "MouthSmileLeft",
    "MouthSmileRight",
    "MouthFrownLeft",
    "MouthFrownRight",
    "MouthDimpleLeft",
    "MouthDimpleRight",
    "MouthStretchLeft",
    "MouthStretchRight",
    "MouthRollLower",
    "MouthRollUpper",
    "MouthShrugLower",
    "MouthPressLeft",
    "MouthPressRight",
    "CheekPuff",
    "CheekSquintLeft",
    "CheekSquintRight",
    "NoseSneerLeft",
    "NoseSneerRight",
]
"""Shapes that must not part the lips by themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """The cropped skin with shapes in NVIDIA's convention (MouthClose contains JawOpen)."""

    neutral: Array
    """[V, 3]"""
    faces: list[Face]
    deltas: Array
    """[52, V, 3]"""
    base_index: Indices
    """[V] vertex of the base mesh."""
    mirror: Indices
    """[V] the vertex on the other side."""
    lips: Indices
    """[10, 38] edge loops of the lips, inside to outside; column 0 upper mid, 19 lower mid, to +x first."""
    lids: Indices
    """[2, 6, 28] edge loops of the right and left lids; column 0 is the upper lid's middle."""
    mouth: Indices
    """Vertices of the mouth's inside."""
    sockets: Indices
    """Vertices behind the lids."""


def build_skin(source: Source) -> Skin:
    """Crop, mirror and mend the skin."""
    skin = _crop(source)
    neutral = skin.neutral + _lip_correction(skin, skin.neutral, both=False)
    deltas = skin.deltas
    jaw, close = INDEX["JawOpen"], INDEX["MouthClose"]
    for index in (jaw, close):
        deltas[index] = _rounded(skin, deltas[index])
    deltas[close] += deltas[jaw]
    for _ in range(2):  # the second round mends what moving one row does to the next
        deltas[close] += _lip_correction(skin, neutral + deltas[close], both=True)
        for name in _CLOSED_SHAPES:
            deltas[INDEX[name]] += _lip_correction(skin, neutral + deltas[INDEX[name]], both=False)
    for side, name in enumerate(("EyeBlinkRight", "EyeBlinkLeft")):
        deltas[INDEX[name]] += _lid_correction(skin, neutral + deltas[INDEX[name]], side)
    return _replace(skin, neutral, _symmetric(deltas, skin.mirror))


def _rounded(skin: Skin, delta: Array) -> Array:
    """Take the kink on the mid line out of an offset of lower lip and chin: lips open round."""
    x, y, _ = skin.neutral.T
    share = np.exp(-((x / 1.4) ** 2)) * np.clip((-2.0 - y) / 0.4, 0, 1)
    soft = Topology(skin.faces, len(x)).smooth(delta, 14)
    lower = skin.lips[:, 10:29].ravel()
    allowed = np.ones(len(x))
    allowed[skin.lips.ravel()] = 0.0
    allowed[lower] = 1.0
    out: Array = delta + (soft - delta) * (share * allowed)[:, None]
    return out


def _replace(skin: Skin, neutral: Array, deltas: Array) -> Skin:
    return Skin(
        neutral,
        skin.faces,
        deltas,
        skin.base_index,
        skin.mirror,
        skin.lips,
        skin.lids,
        skin.mouth,
        skin.sockets,
    )


def _crop(source: Source) -> Skin:
    vertices = source.vertices.copy()
    kept = _cut(source.groups["body"], vertices)
    base = np.unique([i for face in kept for i in face])
    local = np.full(len(source.vertices), -1)
    local[base] = np.arange(len(base))
    faces = [tuple(int(local[i]) for i in face) for face in kept]
    neutral = vertices[base]
    topology = Topology(faces, len(base))
    mirror = mirror_map(neutral)
    lips = _loops(topology, neutral, local[list(_LIP_LOOPS)])
    left = _loops(topology, neutral, local[list(_LID_LOOPS)])
    deltas = _symmetric(source.units[:, base], mirror)
    mouth = topology.flood([int(local[_THROAT])], lips[0].tolist())
    seeds = [int(local[_SOCKET]), int(mirror[local[_SOCKET]])]
    sockets = topology.flood(seeds, [*left[0].tolist(), *mirror[left[0]].tolist()])
    return Skin(neutral, faces, deltas, base, mirror, lips, np.stack([mirror[left], left]), mouth, sockets)


def _cut(faces: list[Face], vertices: Array) -> list[Face]:
    """Return the faces above the neck's cut; slide corners below it along their edges onto it."""
    height = vertices[:, 1].copy()
    kept = [face for face in faces if max(height[i] for i in face) > _NECK + 0.02]
    landing: dict[int, list[Array]] = {}
    for face in kept:
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            low, high = sorted((a, b), key=lambda i: height[i])
            if height[low] < _NECK < height[high]:
                share = (_NECK - height[low]) / (height[high] - height[low])
                landing.setdefault(low, []).append(vertices[low] + share * (vertices[high] - vertices[low]))
    for index, places in landing.items():
        vertices[index] = np.mean(places, axis=0)
    return [tuple(i for i in face if height[i] >= _NECK or i in landing) for face in kept]


def _loops(topology: Topology, vertices: Array, starts: Indices) -> Indices:
    """Return one edge loop a row; each sets out towards +x."""
    rows = []
    for start in starts.tolist():
        second = max(topology.neighbours[start], key=lambda n: vertices[n, 0])
        rows.append(topology.loop(start, second))
    return np.array(rows, np.int64)


def mirrored_shape(name: str) -> int:
    """Return the index of the shape on the other side; a shape without side is its own."""
    if name.endswith("Left"):
        return INDEX[name[:-4] + "Right"]
    if name.endswith("Right"):
        return INDEX[name[:-5] + "Left"]
    return INDEX[name]


def _symmetric(deltas: Array, mirror: Indices) -> Array:
    """Average each shape with the mirror image of its partner."""
    partner = [mirrored_shape(name) for name in ARKIT_NAMES]
    out: Array = (deltas + deltas[partner][:, mirror] * (-1.0, 1.0, 1.0)) / 2
    return out


def _lip_correction(skin: Skin, pose: Array, both: bool) -> Array:
    """Return offsets [V, 3] that close open lips, half by each; with ``both`` also part lips that overlap.

    Upper and lower lip have different columns, so each is compared with the other's outline at its own x.
    """
    upper, lower = skin.lips[:_CONTACT_LOOPS, _UPPER], skin.lips[:_CONTACT_LOOPS, _LOWER]
    bottom, top = pose[upper, 1].min(axis=0), pose[lower, 1].max(axis=0)
    x_upper, x_lower = (skin.neutral[columns[2], 0] for columns in (upper, lower))
    excess_upper = bottom - np.interp(x_upper, x_lower, top) + _OVERLAP
    excess_lower = np.interp(x_lower, x_upper, bottom) - top + _OVERLAP
    out = np.zeros_like(pose)
    for columns, excess, sign in ((_UPPER, excess_upper, -0.5), (_LOWER, excess_lower, 0.5)):
        amount = excess if both else np.maximum(excess, 0.0)
        out[skin.lips[:, columns], 1] += sign * amount * _LIP_FALLOFF[:, None]
    return out


def _lid_correction(skin: Skin, pose: Array, side: int) -> Array:
    """Return offsets [V, 3] of the upper lid that close what is open."""
    upper, lower = (skin.lids[side][:, [pair[i] for pair in LID_COLUMNS]] for i in (0, 1))
    gap = pose[upper, 1].min(axis=0) - pose[lower, 1].max(axis=0)
    out = np.zeros_like(pose)
    out[upper, 1] -= np.maximum(gap + _OVERLAP, 0.0) * _LID_FALLOFF[:, None]
    return out

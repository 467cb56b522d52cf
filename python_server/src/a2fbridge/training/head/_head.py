"""The talking head in memory.

Everything a trainer, an exporter or a picture needs of the head; NumPy alone.  Lengths are centimetres, y up,
the face looks along +z, the subject's left is +x, the origin is the head joint.  Weights are in NVIDIA's
convention (``a2f``: MouthClose contains JawOpen), in the order of ``a2fbridge.shapes.FACE_NAMES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError
from a2fbridge.shapes import ARKIT_NAMES, FACE_NAMES, INDEX

__all__ = ["MOTIONS", "Head", "Motion", "Part"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Motion = Literal["fixed", "jaw", "eye_right", "eye_left", "shapes"]

MOTIONS: Final[tuple[Motion, ...]] = ("fixed", "jaw", "eye_right", "eye_left", "shapes")
_FACE = len(ARKIT_NAMES)
_GAZE: Final[dict[str, tuple[tuple[str, float, float], ...]]] = {
    "eye_right": (
        ("EyeLookUpRight", -17.0, 0.0),
        ("EyeLookDownRight", 21.0, 0.0),
        ("EyeLookInRight", 0.0, 24.0),
        ("EyeLookOutRight", 0.0, -24.0),
    ),
    "eye_left": (
        ("EyeLookUpLeft", -17.0, 0.0),
        ("EyeLookDownLeft", 21.0, 0.0),
        ("EyeLookInLeft", 0.0, -24.0),
        ("EyeLookOutLeft", 0.0, 24.0),
    ),
}
"""Of each eye: shape, pitch downwards and yaw to +x in degrees at weight 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A mesh beside skin and tongue: teeth, eyeballs, brows, lashes."""

    name: str
    vertices: Floats
    """[N, 3]"""
    faces: Ints
    """[F, 3]"""
    colours: Floats
    """[N, 3] linear RGB."""
    motion: Motion
    """What carries the part: nothing, the jaw, an eye's rotation, or shapes of its own."""
    deltas: Floats | None = None
    """[52, N, 3], only with motion ``shapes``."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Our head: skin, tongue, jaw, eyes and the other parts."""

    skin_neutral: Floats
    """[V, 3]"""
    skin_faces: Ints
    """[F, 3], counter-clockwise from outside."""
    skin_deltas: Floats
    """[52, V, 3] in the order of ``ARKIT_NAMES``."""
    skin_colours: Floats
    """[V, 3] linear RGB."""
    mirror: Ints
    """[V] the skin vertex on the other side of x = 0."""
    tongue_neutral: Floats
    """[Vt, 3]"""
    tongue_faces: Ints
    tongue_deltas: Floats
    """[16, Vt, 3] in the order of ``TONGUE_NAMES``; without the jaw's motion."""
    tongue_carried: Floats
    """[52, Vt, 3] how jaw shapes and TongueOut carry the tongue; for pictures and exported models."""
    jaw_neutral: Floats
    """[5, 3] key points of the lower jaw, not on one line: incisors, molars, chin; right before left."""
    jaw_hinge: Floats
    """[3] a point of the hinge axis, which is parallel to x."""
    jaw_angle: float
    """Degrees of opening at JawOpen 1."""
    jaw_shift: Floats
    """[3, 3] translation at 1 of JawForward, JawLeft, JawRight."""
    eye_centres: Floats
    """[2, 3] right, left."""
    eye_radius: float
    lip_open: Floats
    """[V, 3] offset to parted lips, jaw at rest."""
    eye_close: Floats
    """[V, 3] offset to closed lids."""
    frontal_mask: Ints
    """[M] skin vertices in the solve: the face without scalp, ears, neck, mouth and eye sockets."""
    lip_columns: Ints
    """[2, 7, 9] upper and lower lip: edge loops from inside to outside, facing columns from right to left."""
    lip_corners: Ints
    """[2] right, left."""
    lid_columns: Ints
    """[2, 2, 6, 12] right and left eye; upper and lower lid; edge loops from inside to outside; columns."""
    parts: tuple[Part, ...]

    def skin(self, weights: Floats) -> Floats:
        """Return the skin [..., V, 3] at weights [..., 52 or 68]."""
        return self.skin_neutral + _blend(_checked(weights)[..., :_FACE], self.skin_deltas)

    def tongue(self, weights: Floats, carried: bool = True) -> Floats:
        """Return the tongue [..., Vt, 3] at weights [..., 68]; ``carried``: with the face shapes."""
        weights = _checked(weights, len(FACE_NAMES))
        out = self.tongue_neutral + _blend(weights[..., _FACE:], self.tongue_deltas)
        return out + _blend(weights[..., :_FACE], self.tongue_carried) if carried else out

    def jaw_transform(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return rotation [..., 3, 3] and translation [..., 3] of the lower teeth, rest to pose.

        The opening is JawOpen + MouthClose, which in this convention lowers the jaw behind closed lips.
        """
        weights = _checked(weights)
        opening = weights[..., INDEX["JawOpen"]] + weights[..., INDEX["MouthClose"]]
        turn = _rotation(np.radians(self.jaw_angle) * opening, np.zeros_like(opening))
        jaws = weights[..., [INDEX[name] for name in ("JawForward", "JawLeft", "JawRight")]]
        hinge = self.jaw_hinge
        return turn, np.asarray(hinge - turn @ hinge + jaws @ self.jaw_shift, np.float32)

    def jaw_points(self, weights: Floats) -> Floats:
        """Return the offsets [..., 5, 3] of the jaw's key points: what a network's 15 jaw values mean."""
        turn, shift = self.jaw_transform(weights)
        moved = self.jaw_neutral @ np.swapaxes(turn, -1, -2) + shift[..., None, :]
        return np.asarray(moved - self.jaw_neutral, np.float32)

    def eye_rotations(self, weights: Floats) -> Floats:
        """Return [..., 2, 2]: pitch (downwards) and yaw (to +x) of right and left eye in degrees."""
        weights = _checked(weights)
        eyes = [
            [sum((weights[..., INDEX[row[0]]] * row[axis] for row in rows), np.float32(0)) for axis in (1, 2)]
            for rows in (_GAZE["eye_right"], _GAZE["eye_left"])
        ]
        return np.moveaxis(np.asarray(eyes, np.float32), (0, 1), (-2, -1))

    def part(self, part: Part, weights: Floats) -> Floats:
        """Return the part's vertices [N, 3] at weights [52 or 68]."""
        weights = _checked(weights)
        if part.motion == "jaw":
            turn, shift = self.jaw_transform(weights)
            return np.asarray(part.vertices @ turn.T + shift, np.float32)
        if part.motion in ("eye_right", "eye_left"):
            side = ("eye_right", "eye_left").index(part.motion)
            pitch, yaw = np.radians(self.eye_rotations(weights)[side])
            centre = self.eye_centres[side]
            return np.asarray((part.vertices - centre) @ _rotation(pitch, yaw).T + centre, np.float32)
        if part.deltas is not None:
            return part.vertices + _blend(weights[..., :_FACE], part.deltas)
        return part.vertices

    def mouth_aperture(self, vertices: Floats) -> Floats:
        """Return the opening [...] of a posed skin [..., V, 3], centimetres.

        The mean over the seven middle columns of the gap between the upper lip's lowest and the lower lip's
        highest point; a column whose lips touch or overlap counts 0.
        """
        heights = vertices[..., self.lip_columns[:, :, 1:8], 1]
        gap = heights[..., 0, :, :].min(axis=-2) - heights[..., 1, :, :].max(axis=-2)
        return np.asarray(np.maximum(gap, 0.0).mean(axis=-1), np.float32)

    def mouth_width(self, vertices: Floats) -> Floats:
        """Return the distance [...] of the lip corners."""
        corners = vertices[..., self.lip_corners, :]
        return np.asarray(np.linalg.norm(corners[..., 0, :] - corners[..., 1, :], axis=-1), np.float32)

    def mouth_protrusion(self, vertices: Floats) -> Floats:
        """Return how far [...] the foremost points of both lips lie before their rest, centimetres."""
        middle = self.lip_columns[:, :, 4]
        ahead = vertices[..., middle, 2].max(axis=-1) - self.skin_neutral[middle, 2].max(axis=-1)
        return np.asarray(ahead.mean(axis=-1), np.float32)

    def lid_aperture(self, vertices: Floats) -> Floats:
        """Return the opening [..., 2] of right and left eye at the widest column; 0 when closed."""
        heights = vertices[..., self.lid_columns, 1]
        gap = heights[..., 0, :, :].min(axis=-2) - heights[..., 1, :, :].max(axis=-2)
        return np.asarray(np.maximum(gap, 0.0).max(axis=-1), np.float32)


def _checked(weights: Floats, least: int = _FACE) -> Floats:
    """Return the weights as float32; ParameterError unless the last axis is ``least`` .. 68 finite values."""
    weights = np.asarray(weights, np.float32)
    if weights.ndim == 0 or not least <= weights.shape[-1] <= len(FACE_NAMES):
        raise ParameterError(
            f"weights of shape {weights.shape}; the last axis must hold {least} to {len(FACE_NAMES)} values"
        )
    if not np.isfinite(weights).all():
        raise ParameterError("weights hold NaN or infinity; every weight must be a number")
    return weights


def _blend(weights: Floats, deltas: Floats) -> Floats:
    """Return the weighted sum [..., V, 3] of offsets [K, V, 3]."""
    return np.asarray(np.tensordot(weights, deltas, axes=(-1, 0)), np.float32)


def _rotation(pitch: NDArray[np.floating], yaw: NDArray[np.floating]) -> Floats:
    """Return [..., 3, 3]: about x by ``pitch`` (front down), then about y by ``yaw``; radians."""
    cp, sp, cy, sy = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw)
    zero = np.zeros_like(cp)
    rows = [[cy, sy * sp, sy * cp], [zero, cp, -sp], [-sy, cy * sp, cy * cp]]
    return np.moveaxis(np.asarray(rows, np.float32), (0, 1), (-2, -1))

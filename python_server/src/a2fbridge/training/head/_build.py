"""Puts the head together from the source: skin, tongue, jaw, measures and parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import DEFAULT_INACTIVE, FACE_NAMES, INDEX
from a2fbridge.training.head._complexion import skin_colours
from a2fbridge.training.head._hair import brows, lashes
from a2fbridge.training.head._head import Head
from a2fbridge.training.head._jaw import fit_jaw
from a2fbridge.training.head._mouth_parts import eyeball, teeth
from a2fbridge.training.head._render import vertex_normals
from a2fbridge.training.head._skin import LID_COLUMNS, LIP_COLUMNS, Skin, build_skin
from a2fbridge.training.head._source import Source
from a2fbridge.training.head._tongue import Tongue, build_tongue
from a2fbridge.training.head._topology import triangulate

__all__ = ["build_head"]

Array = NDArray[np.float64]
Ints = NDArray[np.int32]
_EYE_SHARE = 0.995
"""Eyeball radius against the sphere through the source's eye: lids slide on it without touching."""


def build_head(source: Source) -> Head:
    """Make the head.  The same source gives the same head."""
    skin, tongue, jaw = build_skin(source), build_tongue(source), fit_jaw(source)
    faces = triangulate(skin.faces)
    centre, radius = _fit_sphere(source.vertices[source.indices("helper-l-eye")])
    radius *= _EYE_SHARE
    pose = {name: skin.deltas[INDEX[name]] for name in FACE_NAMES[:52]}
    values: dict[str, Array | Ints] = {
        "skin_neutral": skin.neutral,
        "skin_deltas": skin.deltas,
        "skin_colours": skin_colours(skin),
        "tongue_neutral": tongue.neutral,
        "tongue_deltas": tongue.deltas,
        "tongue_carried": _carried(tongue),
        "jaw_neutral": jaw.points,
        "jaw_hinge": jaw.hinge,
        "jaw_shift": jaw.shift,
        "eye_centres": np.stack([centre * (-1, 1, 1), centre]),
        "lip_open": sum(
            pose[f"Mouth{part}{side}"] for part in ("LowerDown", "UpperUp") for side in ("Left", "Right")
        ),
        "eye_close": pose["EyeBlinkLeft"] + pose["EyeBlinkRight"],
    }
    floats: dict[str, Any] = {name: np.asarray(value, np.float32) for name, value in values.items()}
    columns = {
        "mirror": skin.mirror,
        "frontal_mask": _frontal_mask(skin, faces),
        "lip_columns": np.stack([skin.lips[:7, [pair[side] for pair in LIP_COLUMNS]] for side in (0, 1)]),
        "lip_corners": _corners(skin),
        "lid_columns": np.stack([_lids(skin.lids[0]), _lids(skin.lids[1])]),
    }
    ints: dict[str, Any] = {name: np.asarray(value, np.int32) for name, value in columns.items()}
    return Head(
        **floats,
        **ints,
        skin_faces=faces,
        tongue_faces=triangulate(tongue.faces),
        jaw_angle=jaw.angle,
        eye_radius=radius,
        parts=(
            brows(skin, faces),
            eyeball("eye_left", "eye_left", centre, radius),
            eyeball("eye_right", "eye_right", centre * (-1, 1, 1), radius),
            lashes(skin),
            teeth(upper=False),
            teeth(upper=True),
        ),
    )


def _carried(tongue: Tongue) -> Array:
    """Return the face shapes' offsets of the tongue in NVIDIA's convention."""
    out = tongue.carried.copy()
    out[INDEX["MouthClose"]] += out[INDEX["JawOpen"]]
    return out


def _lids(loops: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([loops[:, [pair[side] for pair in LID_COLUMNS]] for side in (0, 1)])


def _corners(skin: Skin) -> NDArray[np.int64]:
    """Return the outermost vertices of the loop where the lips touch: right, left."""
    loop = skin.lips[2]
    x = skin.neutral[loop, 0]
    return np.array([loop[x.argmin()], loop[x.argmax()]], np.int64)


def _frontal_mask(skin: Skin, faces: Ints) -> Ints:
    """Return the vertices of the face that shapes move and that can be seen from the front half."""
    neutral = skin.neutral.astype(np.float32)
    active = [INDEX[name] for name in FACE_NAMES[:52] if name not in DEFAULT_INACTIVE]
    moved = np.linalg.norm(skin.deltas[active], axis=2).max(axis=0) > 0.05
    ahead = (neutral[:, 2] > 2.5) & (vertex_normals(neutral, faces)[:, 2] > -0.35)
    chosen = moved & ahead & (neutral[:, 1] > -8.0)
    chosen[skin.mouth] = chosen[skin.sockets] = False
    return np.flatnonzero(chosen & chosen[skin.mirror]).astype(np.int32)


def _fit_sphere(points: Array) -> tuple[Array, float]:
    """Return centre and radius of the sphere nearest to the points (linear least squares)."""
    solution = np.linalg.lstsq(np.c_[2 * points, np.ones(len(points))], (points**2).sum(axis=1), rcond=None)[
        0
    ]
    return solution[:3], float(np.sqrt(solution[3] + solution[:3] @ solution[:3]))

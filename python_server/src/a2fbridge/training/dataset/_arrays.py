"""What a model pack needs of a prepared dataset: ``model_data.npz``, blend-shape files, regions, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training.dataset._bases import Basis
from a2fbridge.training.dataset._geometry import Geometry, Shapes
from a2fbridge.training.dataset._store import save_arrays, write_json
from a2fbridge.training.head import solver_block, symmetry_pair

__all__ = ["Bases", "statistics", "write_pack_arrays"]

Floats = NDArray[np.float32]


class Bases(NamedTuple):
    """Skin and tongue."""

    skin: Basis
    tongue: Basis


def write_pack_arrays(out: Path, geometry: Geometry, bases: Bases) -> None:
    """Write ``model_data.npz``, ``regions.npz`` and the solver's files (only of parts whose shapes are known)."""
    skin, tongue = bases.skin, bases.tongue
    still = np.zeros((len(skin.mean) // 3, 3), np.float32)
    save_arrays(
        out / "model_data.npz",
        {
            "shapes_matrix_skin": _cubic(skin.rows),
            "shapes_mean_skin": skin.mean.reshape(-1, 3),
            "neutral_skin": skin.mean.reshape(-1, 3),
            "lip_open_pose_delta": still if geometry.lip_open is None else geometry.lip_open,
            "eye_close_pose_delta": still if geometry.eye_close is None else geometry.eye_close,
            "shapes_matrix_tongue": _cubic(tongue.rows),
            "shapes_mean_tongue": tongue.mean.reshape(-1, 3),
            "neutral_tongue": tongue.mean.reshape(-1, 3),
            "neutral_jaw": geometry.jaw_neutral,
            "blink_keys": geometry.blink_keys,
            "saccade_rot_matrix": geometry.saccades,
        },
    )
    save_arrays(out / "regions.npz", dict(geometry.regions))
    for part, mesh in (("skin", geometry.skin), ("tongue", geometry.tongue)):
        files = [out / f"bs_{part}.npz", out / f"bs_{part}_config.json"]
        if mesh is None or mesh.deltas is None:
            for file in files:
                file.unlink(missing_ok=True)
            continue
        _write_shapes(files[0], mesh)
        write_json(files[1], geometry.solvers.get(part) or _solver(part, mesh))


def statistics(geometry: Geometry, bases: Bases, scales: tuple[float, ...]) -> dict[str, Any]:
    """Return ``translate`` and ``scale`` of skin, tongue, jaw and eyes (spec: training, section 1.5).

    ``translate`` is the mean over the points of the reference, ``scale`` = max|x - translate| over it, divided by the
    channel's transform scale, 1 where all is zero.  References: both means, the neutral jaw, the saccades.
    """
    references = (
        bases.skin.mean.reshape(-1, 3),
        bases.tongue.mean.reshape(-1, 3),
        geometry.jaw_neutral,
        geometry.saccades,
    )
    found: dict[str, Any] = {}
    for name, points, scale in zip(("skin", "tongue", "jaw", "eyes"), references, scales, strict=True):
        middle = points.mean(axis=0, dtype=np.float64)
        largest = float(np.abs(points - middle).max(initial=0.0))
        found[name] = {
            "translate": [round(v, 7) for v in middle.tolist()],
            "scale": round(largest / scale, 7) if largest > 0 else 1.0,
        }
    return found


def _cubic(rows: Floats) -> Floats:
    return rows.reshape(len(rows), -1, 3)


def _write_shapes(path: Path, mesh: Shapes) -> None:
    assert mesh.deltas is not None
    poses = {shapes.camel_case(name): delta for name, delta in zip(mesh.names, mesh.deltas, strict=True)}
    listed = np.array([b"neutral", *(name.encode() for name in poses)])
    arrays: dict[str, NDArray[Any]] = {"poseNames": listed, "neutral": mesh.neutral, **poses}
    if mesh.mask is not None:
        arrays["frontalMask"] = mesh.mask
    save_arrays(path, arrays)


def _solver(part: str, mesh: Shapes) -> Mapping[str, Any]:
    """Return the settings of our own head's solver for the shapes that there are."""
    active = [int(name not in shapes.DEFAULT_INACTIVE) for name in mesh.names]
    if part == "tongue":
        return solver_block(mesh.neutral, 0.01, 0.001, 0.0, active, [-1] * len(active))
    pairs = [symmetry_pair(name) for name in mesh.names]
    paired = [pair if pairs.count(pair) == 2 else -1 for pair in pairs]
    return solver_block(mesh.neutral, 0.01, 0.0005, 0.1, active, paired)

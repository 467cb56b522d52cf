"""From blend-shape weights to what a pack's network puts out: skin and tongue coefficients, jaw, eyes.

The head's deformation is linear in its weights, so one constant matrix does it exactly (but for the jaw's
rotation, which is fitted by a straight line over the openings of speech).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training.head import Head

__all__ = ["Fold", "fold"]

Array = NDArray[np.float64]

_FACE = len(shapes.ARKIT_NAMES)
_OPENING = 0.35
"""Jaw opening (JawOpen + MouthClose) at which the straight line meets the rotation."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """The constant last layer of the network, and the bases that its coefficients belong to."""

    matrix: Array
    """[R, 68] with R = skin + tongue + 15 + 4."""
    skin_basis: NDArray[np.float32]
    """[S, V, 3] orthonormal rows, the direction that moves most first."""
    tongue_basis: NDArray[np.float32]
    """[T, Vt, 3]"""


def fold(head: Head, weights: Array, most: int) -> Fold:
    """Make the fold from a head and typical weights [N, 68], with at most ``most`` skin coefficients.

    Shapes that the solver leaves out (gaze, TongueOut) are left out here too.
    """
    used = np.array([name not in shapes.DEFAULT_INACTIVE for name in shapes.ARKIT_NAMES])
    skin, skin_basis = _principal(head.skin_deltas[used], weights[:, :_FACE][:, used], most)
    tongue, tongue_basis = _principal(head.tongue_deltas, weights[:, _FACE:], len(shapes.TONGUE_NAMES))
    matrix = np.zeros((len(skin_basis) + len(tongue_basis) + 15 + 4, len(shapes.FACE_NAMES)))
    matrix[: len(skin_basis), np.flatnonzero(used)] = skin.T
    matrix[len(skin_basis) : -19, _FACE:] = tongue.T
    matrix[-19:-4] = _jaw(head)
    return Fold(matrix, skin_basis, tongue_basis)


def _principal(deltas: NDArray[np.float32], weights: Array, most: int) -> tuple[Array, NDArray[np.float32]]:
    """Return the coefficients of each shape [K, S] in the principal poses [S, V, 3] of typical weights."""
    flat = deltas.reshape(len(deltas), -1).astype(np.float64)
    spread = weights.T @ weights / len(weights)
    spread += np.eye(len(spread)) * 1e-4 * np.trace(spread) / len(spread)
    _, strength, rows = np.linalg.svd(np.linalg.cholesky(spread).T @ flat, full_matrices=False)
    rows = rows[: min(most, int((strength > 1e-7 * strength[0]).sum()))]
    basis = np.ascontiguousarray(rows.reshape(len(rows), -1, 3), dtype=np.float32)
    return flat @ rows.T, basis


def _jaw(head: Head) -> Array:
    """Return [15, 68]: displacements of the five jaw points per unit of each weight."""
    out = np.zeros((15, len(shapes.FACE_NAMES)))
    probes = {"JawOpen": _OPENING, "MouthClose": _OPENING, "JawForward": 1.0, "JawLeft": 1.0, "JawRight": 1.0}
    for name, amount in probes.items():
        weights = np.zeros(_FACE, np.float32)
        weights[shapes.INDEX[name]] = amount
        out[:, shapes.INDEX[name]] = head.jaw_points(weights).reshape(15) / amount
    return out

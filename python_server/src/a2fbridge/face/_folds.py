"""Folding: face mask and pose set (and PCA basis) as small matrices, so that weights never need the mesh.

The solver needs ``b = D^T (pose - neutral)``, and everything between the network's row and the pose is linear:
strengths, offset poses, and smoothing, which is alike for every vertex.  So the row is multiplied by one small
matrix first, and smoothing and strengths act on its [K] products (spec: regression, section 9).  Where the network
gives PCA coefficients, the matrix holds their basis; where it gives offsets of vertices, the solver's poses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._animators import face_mask
from a2fbridge.face._system import SolverSystem
from a2fbridge.packs import Identity

__all__ = ["Fold", "fold_skin", "fold_tongue"]

_ROWS: Final = 8
"""Rows of every product: a BLAS sums in another order for another number of rows, and then a frame would depend, in its
last bits, on who else is in the batch."""
_ONE_THREAD: Final = 1 << 18
"""Multiplications of one product, at most.  Above it OpenBLAS wakes threads that spin for work and, on a machine with
other work, take a hundred times as long as one thread does (measured: 5 ms and 800 ms for a v3.0 window)."""

Array = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """``values[:, columns] @ matrix``, and what is added to it: :meth:`shift` and ``constant``."""

    columns: NDArray[np.intp] | None
    """Values of the part that matter; None means all."""
    matrix: NDArray[np.float32] | Array
    """[C, M]"""
    offsets: Array
    """[2, M] what the part's two offsets add at gain 1."""
    constant: Array
    """[K] what the solver's neutral differs from the model's."""

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self.matrix.nbytes

    def project(self, values: Floats) -> Array:
        """Return [R, M] of a part's values [R, C]."""
        if self.columns is not None:
            values = np.take(values, self.columns, axis=1)
        length, width = self.matrix.shape
        step = max(1, _ONE_THREAD // (_ROWS * width))
        out = np.zeros((-(-len(values) // _ROWS) * _ROWS, width))
        for first in range(0, len(values), _ROWS):
            block = _filled(values[first : first + _ROWS])
            sums = out[first : first + _ROWS]
            for at in range(0, length, step):
                sums += block[:, at : at + step] @ self.matrix[at : at + step]
        return out[: len(values)]

    def shift(self, gains: Array) -> Array:
        """Return [R, M] that the part's two offsets add at ``gains`` [R, 2]."""
        return np.asarray(gains[:, :1] * self.offsets[0] + gains[:, 1:] * self.offsets[1])


def _filled(rows: Floats) -> Floats:
    """Return rows, and zeros after them up to the number of a product."""
    if len(rows) == _ROWS:
        return rows
    block = np.zeros((_ROWS, rows.shape[1]), rows.dtype)
    block[: len(rows)] = rows
    return block


def fold_skin(identity: Identity, system: SolverSystem, level: float, softness: float) -> Fold:
    """Fold the skin for a face mask: M = 2 K, upper face, then lower; the offsets are eye-close and lip-open."""
    lower = np.repeat(face_mask(identity.skin_mean, level, softness)[system.vertices], 3)[:, None]
    deltas = np.concatenate([(1.0 - lower) * system.deltas, lower * system.deltas], axis=1)
    offsets = np.stack([identity.eye_close, identity.lip_open])
    return _fold(identity.skin_basis, identity.skin_mean, offsets, system, deltas)


def fold_tongue(identity: Identity, system: SolverSystem) -> Fold:
    """Fold the tongue: M = K; the offsets are one centimetre up, and one forward."""
    axes = np.zeros((2, *identity.tongue_mean.shape), np.float32)
    axes[0, :, 1], axes[1, :, 2] = 1.0, 1.0
    return _fold(identity.tongue_basis, identity.tongue_mean, axes, system, system.deltas)


def _fold(
    basis: Floats | None, neutral: Floats, offsets: Floats, system: SolverSystem, deltas: Array
) -> Fold:
    vertices = system.vertices
    shift = neutral[vertices].astype(np.float64).ravel() - system.neutral
    added = _flat(offsets[:, vertices]) @ deltas
    if basis is not None:
        return Fold(
            None, np.ascontiguousarray(_flat(basis[:, vertices]) @ deltas), added, shift @ system.deltas
        )
    whole = len(vertices) == len(neutral) and bool((vertices == np.arange(len(neutral))).all())
    columns = None if whole else (3 * vertices[:, None] + np.arange(3)).ravel()
    return Fold(columns, np.ascontiguousarray(deltas, np.float32), added, shift @ system.deltas)


def _flat(poses: Floats) -> Array:
    return poses.reshape(len(poses), -1).astype(np.float64)

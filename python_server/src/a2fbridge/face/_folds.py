"""Folding: PCA basis, face mask and pose set as small matrices, so that weights never need the mesh.

Smoothing, mask and strengths are linear and alike for every vertex of a region.  They can therefore act on the
PCA coefficients, and ``b = D^T (pose - neutral)`` becomes two products with [K, C] matrices
(spec: regression, section 9).  C = PCA shapes + 2: the eye-close and lip-open poses ride along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._animators import face_mask
from a2fbridge.face._system import SolverSystem
from a2fbridge.packs import RegressionPack

__all__ = ["SkinFold", "TongueFold"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SkinFold:
    """b = us * upper @ up + ls * lower @ low + constant, for one mask level and softness."""

    upper: Array
    """[C, K]"""
    lower: Array
    """[C, K]"""
    constant: Array
    """[K]"""

    @classmethod
    def build(cls, pack: RegressionPack, system: SolverSystem, level: float, softness: float) -> SkinFold:
        """Fold the skin of a pack."""
        vertices = system.vertices
        lower_mask = np.repeat(face_mask(pack.skin_mean, level, softness)[vertices], 3)[:, None]
        basis = np.concatenate(
            [pack.skin_basis[:, vertices], pack.eye_close[None, vertices], pack.lip_open[None, vertices]]
        )
        flat = basis.reshape(len(basis), -1).astype(np.float64)
        whole, lower = flat @ system.deltas, flat @ (lower_mask * system.deltas)
        shift = pack.skin_mean[vertices].astype(np.float64).ravel() - system.neutral
        return cls(whole - lower, lower, shift @ system.deltas)

    def right_hand_side(self, smoothed: Array, upper_strength: Array, lower_strength: Array) -> Array:
        """Return b [R, K] from smoothed coefficients [R, 2, C] and strengths [R]."""
        b = (smoothed[:, 0] * upper_strength[:, None]) @ self.upper
        b += (smoothed[:, 1] * lower_strength[:, None]) @ self.lower
        b += self.constant
        return b


@dataclass(frozen=True, slots=True, eq=False)
class TongueFold:
    """b = [strength * coefficients, height, depth] @ matrix + constant."""

    matrix: Array
    """[T + 2, K]"""
    constant: Array
    """[K]"""

    @classmethod
    def build(cls, pack: RegressionPack, system: SolverSystem) -> TongueFold:
        """Fold the tongue of a pack."""
        vertices = system.vertices
        basis = pack.tongue_basis[:, vertices].reshape(len(pack.tongue_basis), -1).astype(np.float64)
        axes = np.zeros((2, len(vertices), 3))
        axes[0, :, 1], axes[1, :, 2] = 1.0, 1.0
        rows = np.concatenate([basis, axes.reshape(2, -1)])
        shift = pack.tongue_mean[vertices].astype(np.float64).ravel() - system.neutral
        return cls(rows @ system.deltas, shift @ system.deltas)

    def right_hand_side(self, values: Array) -> Array:
        """Return b [R, K] from [R, T + 2] values."""
        return np.asarray(values @ self.matrix + self.constant)

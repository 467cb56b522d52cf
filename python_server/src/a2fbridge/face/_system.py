"""The linear system of the blend-shape solver: built once per pose set, float64 (spec: regression, section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import PackError
from a2fbridge.packs import BlendshapeSet

__all__ = ["SolverSystem"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SolverSystem:
    """``minimise 0.5 |A w - b|^2, 0 <= w <= 1`` over the K active poses of a set."""

    active: NDArray[np.intp]
    """[K] indices of the active poses."""
    deltas: Array
    """[rows, K] active poses on the masked vertices, three rows a vertex."""
    neutral: Array
    """[rows] masked neutral."""
    vertices: NDArray[np.intp]
    """[rows / 3] vertex indices of the mask."""
    matrix: Array
    """[K, K] A, symmetric."""
    squared: Array
    """[K, K] A^T A."""
    temporal: float
    """Gain of the previous weights in b."""
    cancel: NDArray[np.intp]
    """[pairs, 2] mutually exclusive poses, positions within the active set."""

    @classmethod
    def build(cls, poses: BlendshapeSet) -> SolverSystem:
        """Build the system; raises PackError when no pose is active."""
        config = poses.config
        active = np.flatnonzero(config.active)
        if not len(active):
            raise PackError(
                "no pose is active in the blend-shape solver: bsSolveActivePoses needs at least one 1"
            )
        vertices = np.arange(len(poses.neutral)) if poses.mask is None else poses.mask.astype(np.intp)
        deltas = poses.deltas[active][:, vertices].astype(np.float64).reshape(len(active), -1).T
        box = np.ptp(poses.neutral.astype(np.float64), axis=0)
        scale = float((np.linalg.norm(box) / config.template_size) ** 2)
        pairs = _pairs(config.symmetric, active)
        signs = np.zeros((len(pairs), len(active)))
        signs[np.arange(len(pairs)), pairs[:, 0]], signs[np.arange(len(pairs)), pairs[:, 1]] = 1.0, -1.0
        count = len(active)
        matrix = (
            deltas.T @ deltas
            + 0.25 * scale * config.l1**2 * np.ones((count, count))
            + (10.0 * config.l2 + 100.0 * config.temporal) * scale * np.eye(count)
            + 10.0 * config.symmetry * scale * signs.T @ signs
        )
        return cls(
            active=active,
            deltas=deltas,
            neutral=poses.neutral[vertices].astype(np.float64).ravel(),
            vertices=vertices,
            matrix=matrix,
            squared=matrix @ matrix,
            temporal=config.temporal * scale,
            cancel=_pairs(config.cancel, active),
        )

    def right_hand_side(self, vertices: Array) -> Array:
        """Return b [..., K] of posed vertices [..., V, 3], the naive way; without the temporal term."""
        masked = vertices[..., self.vertices, :].reshape(*vertices.shape[:-2], -1)
        return np.asarray((masked - self.neutral) @ self.deltas)


def _pairs(ids: tuple[int, ...], active: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return [pairs, 2] positions within the active set that share an id >= 0; ids left single are dropped."""
    members: dict[int, list[int]] = {}
    for position, pose in enumerate(active):
        if ids[pose] >= 0:
            members.setdefault(ids[pose], []).append(position)
    found = [pair for pair in members.values() if len(pair) == 2]
    return np.array(found, np.intp).reshape(-1, 2)

"""NVIDIA's GPU algorithm for the same objective: four ADMM steps (spec: regression, section 5.6).

For parity with a NIM only: on correlated poses four steps stay visibly off the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._bvls import steps_of
from a2fbridge.face._system import SolverSystem

__all__ = ["ADMM_STEPS", "solve_admm"]

ADMM_STEPS: Final = 4
_OVER_RELAXATION: Final = 1.9

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Factors:
    penalty: Array
    """[K] w^2"""
    inverse: Array
    """[K, K] (A^T A + diag(w^2))^-1"""
    start: Array
    """[K, K] A^-1"""


@lru_cache(maxsize=16)
def _factors(system: SolverSystem) -> _Factors:
    penalty = (0.25 * np.sqrt(system.squared.diagonal())) ** 2
    inverse = np.asarray(np.linalg.inv(system.squared + np.diag(penalty)), np.float64)
    return _Factors(penalty, inverse, np.asarray(np.linalg.inv(system.matrix), np.float64))


def solve_admm(system: SolverSystem, b: Array, slots: NDArray[np.intp], previous: Array) -> Array:
    """Return weights [R, K] of b [R, K]; ``previous`` [S, K] is each stream's last result and advances."""
    factors = _factors(system)
    out = np.empty_like(b)
    for rows in steps_of(slots) if system.temporal else [np.arange(len(b))]:
        full = b[rows] + system.temporal * previous[slots[rows]]
        upper = np.ones_like(full)
        z = _iterate(system, factors, full, upper)
        if len(system.cancel):
            first, second = system.cancel[:, 0], system.cancel[:, 1]
            np.put_along_axis(upper, np.where(z[:, first] >= z[:, second], second, first), 1e-10, axis=1)
            z = _iterate(system, factors, full, upper)
        out[rows] = z
        previous[slots[rows]] = z
    return out


def _iterate(system: SolverSystem, factors: _Factors, b: Array, upper: Array) -> Array:
    c = b @ system.matrix
    z = np.clip(b @ factors.start, 0.0, upper)
    u = np.zeros_like(b)
    for _ in range(ADMM_STEPS):
        x = (factors.penalty * (z - u) + c) @ factors.inverse
        z = np.clip(x + u, 0.0, upper)
        u += _OVER_RELAXATION * (x - z)
    return z

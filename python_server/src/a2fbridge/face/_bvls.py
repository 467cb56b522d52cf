"""The exact blend-shape solver: box-constrained least squares by warm-started block pivots.

Compiled by numba; without it the same pivots run as masked batched NumPy solves, which are correct and slower.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._system import SolverSystem

__all__ = ["COMPILED", "solve_bvls", "solve_bvls_numpy", "steps_of"]

try:
    from a2fbridge.face._kernels import solve_rows

    COMPILED = True
except ImportError:
    COMPILED = False

Array = NDArray[np.float64]
Slots = NDArray[np.intp]


def solve_bvls(
    system: SolverSystem, b: Array, slots: Slots, previous: Array, sides: NDArray[np.int8]
) -> Array:
    """Return weights [R, K] of b [R, K]; ``previous`` and ``sides`` [S, K] hold each stream's state and advance."""
    if not COMPILED:
        return solve_bvls_numpy(system, b, slots, previous, sides)
    out = np.empty_like(b)
    solve_rows(system.matrix, system.squared, system.cancel, system.temporal, b, slots, previous, sides, out)
    return out


def solve_bvls_numpy(
    system: SolverSystem, b: Array, slots: Slots, previous: Array, sides: NDArray[np.int8]
) -> Array:
    """The NumPy twin of :func:`solve_bvls`, vectorised across streams."""
    out = np.empty_like(b)
    for rows in steps_of(slots):
        at = slots[rows]
        c = (b[rows] + system.temporal * previous[at]) @ system.matrix
        upper = np.ones_like(c)
        out[rows], sides[at] = _pivot(system.squared, c, upper, sides[at])
        if len(system.cancel):
            first, second = system.cancel[:, 0], system.cancel[:, 1]
            loser = np.where(out[rows][:, first] >= out[rows][:, second], second, first)
            np.put_along_axis(upper, loser, 1e-10, axis=1)
            out[rows], sides[at] = _pivot(system.squared, c, upper, sides[at])
        previous[at] = out[rows]
    return out


def steps_of(slots: Slots) -> list[Slots]:
    """Split rows into steps: the j-th step holds the j-th row of every stream, so a step has each stream once."""
    seen: dict[int, int] = {}
    steps: list[list[int]] = []
    for row, slot in enumerate(slots.tolist()):
        step = seen.get(slot, 0)
        seen[slot] = step + 1
        if step == len(steps):
            steps.append([])
        steps[step].append(row)
    return [np.array(rows, np.intp) for rows in steps]


def _pivot(h: Array, c: Array, upper: Array, sides: NDArray[np.int8]) -> tuple[Array, NDArray[np.int8]]:
    """Block pivots on all rows [R, K] at once; a row that stops improving exchanges one variable at a time."""
    rows, n = c.shape
    side = sides.copy()
    tolerance = 1e-12 * h.diagonal().max()
    best, patience = np.full(rows, n + 1), np.full(rows, 3)
    w = np.zeros_like(c)
    for _ in range(20 + 10 * n):
        free = side == 0
        fixed = np.where(side > 0, upper, 0.0)
        both = free[:, :, None] & free[:, None, :]
        masked = np.where(both, h, np.eye(n))
        rhs = np.where(free, c - fixed @ h, fixed)
        w = np.linalg.solve(masked, rhs[..., None])[..., 0]
        gradient = w @ h - c
        bad = np.where(free, (w < -1e-13) | (w > upper + 1e-13), gradient * side > tolerance)
        wrong = bad.sum(1)
        if not wrong.any():
            break
        better = wrong < best
        block = better | (patience > 0)
        patience = np.where(better, 3, patience - 1)
        best = np.minimum(best, wrong)
        last = n - 1 - np.argmax(bad[:, ::-1], axis=1)
        change = bad & (block[:, None] | (np.arange(n) == last[:, None]))
        side = np.where(change, np.where(free, np.where(w < 0.0, -1, 1), 0), side).astype(np.int8)
    return np.clip(w, 0.0, upper), side

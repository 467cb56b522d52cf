"""Compiled loops over the rows of a batch: smoothing and the exact solver.  Plain arithmetic on arrays.

Rows of one stream stand in frame order; ``slots[r]`` is the stream's row in the state arrays.
Imported only by ``_smoothing`` and ``_bvls``, each of which has a NumPy twin for machines without numba.
"""

from __future__ import annotations

import numpy as np
from numba import njit  # type: ignore[attr-defined,unused-ignore]
from numpy.typing import NDArray

__all__ = ["smooth_rows", "solve_rows"]

Array = NDArray[np.float64]
_FAST = {"reassoc", "contract", "arcp", "nsz"}


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def smooth_rows(
    values: Array,
    slots: NDArray[np.intp],
    gains: Array,
    started: NDArray[np.bool_],
    stages: Array,
    out: Array,
) -> None:
    """Two exponential stages per row for the upper [.., 0] and lower [.., 1] face.

    values [R, 2, C]; gains [S, 2]; started [S]; stages [S, 2, 2, C] (region, stage); out [R, 2, C].
    """
    for r in range(values.shape[0]):
        slot = slots[r]
        for region in range(2):
            gain = gains[slot, region]
            first, second = stages[slot, region, 0], stages[slot, region, 1]
            if not started[slot] or gain == 1.0:
                for c in range(values.shape[2]):
                    first[c] = values[r, region, c]
                    second[c] = values[r, region, c]
            else:
                for c in range(values.shape[2]):
                    first[c] += gain * (values[r, region, c] - first[c])
                    second[c] += gain * (first[c] - second[c])
            for c in range(values.shape[2]):
                out[r, region, c] = second[c]
        started[slot] = True


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _solve_free(h: Array, rhs: Array, free: NDArray[np.intp], count: int, factor: Array, x: Array) -> None:
    """Cholesky solve of the free block of h; result in x[0..count)."""
    for i in range(count):
        row = free[i]
        for j in range(i + 1):
            total = h[row, free[j]]
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            factor[i, j] = np.sqrt(total) if i == j else total / factor[j, j]
        total = rhs[i]
        for k in range(i):
            total -= factor[i, k] * x[k]
        x[i] = total / factor[i, i]
    for i in range(count - 1, -1, -1):
        x[i] /= factor[i, i]
        for k in range(i):
            x[k] -= factor[i, k] * x[i]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _solve_box(
    h: Array,
    c: Array,
    upper: Array,
    side: NDArray[np.int8],
    w: Array,
    factor: Array,
    free: NDArray[np.intp],
    x: Array,
) -> bool:
    """Minimise 0.5 w'Hw - c'w in the box by block pivots from the bound sides given (-1 lower, 0 free, 1 upper).

    Block principal pivoting (Judice and Pires 1994): exchange every infeasible variable while that helps, then the
    last infeasible one only, which ends for a positive definite H.  Returns False when the limit is reached.
    """
    n = c.shape[0]
    scale = 0.0
    for i in range(n):
        scale = max(scale, h[i, i])
    gradient_tolerance = 1e-12 * scale
    best, patience = n + 1, 3
    for _ in range(20 + 10 * n):
        count = 0
        for i in range(n):
            if side[i] == 0:
                free[count] = i
                count += 1
            else:
                w[i] = upper[i] if side[i] > 0 else 0.0
        for i in range(count):
            x[i] = c[free[i]]
        for j in range(n):
            if side[j] > 0:
                for i in range(count):
                    x[i] -= h[free[i], j] * w[j]
        _solve_free(h, x, free, count, factor, x)
        for i in range(count):
            w[free[i]] = x[i]
        wrong, last = 0, -1
        for i in range(n):
            if side[i] == 0:
                bad = w[i] < -1e-13 or w[i] > upper[i] + 1e-13
            else:
                gradient = -c[i]
                for j in range(n):
                    gradient += h[i, j] * w[j]
                bad = gradient * side[i] > gradient_tolerance
            free[i] = 1 if bad else 0
            if bad:
                wrong += 1
                last = i
        if wrong == 0:
            for i in range(n):
                w[i] = min(max(w[i], 0.0), upper[i])
            return True
        block = wrong < best or patience > 0
        patience = 3 if wrong < best else patience - 1
        best = min(best, wrong)
        for i in range(n):
            if free[i] == 1 and (block or i == last):
                side[i] = (-1 if w[i] < 0.0 else 1) if side[i] == 0 else 0
    for i in range(n):
        w[i] = min(max(w[i], 0.0), upper[i])
    return False


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def solve_rows(
    matrix: Array,
    squared: Array,
    cancel: NDArray[np.intp],
    temporal: float,
    b: Array,
    slots: NDArray[np.intp],
    previous: Array,
    sides: NDArray[np.int8],
    out: Array,
) -> int:
    """Solve each row exactly; b [R, K] without the temporal term; previous [S, K] and sides [S, K] are updated.

    Returns the number of rows that hit the pivot limit (their weights are feasible, not proven optimal).
    """
    rows, n = b.shape
    c, x, upper = np.empty(n), np.empty(n), np.ones(n)
    factor = np.empty((n, n))
    free = np.empty(n, np.intp)
    failed = 0
    for r in range(rows):
        slot = slots[r]
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += matrix[i, j] * (b[r, j] + temporal * previous[slot, j])
            c[i] = total
        w = out[r]
        if not _solve_box(squared, c, upper, sides[slot], w, factor, free, x):
            failed += 1
        if cancel.shape[0] > 0:
            for p in range(cancel.shape[0]):
                first, second = cancel[p, 0], cancel[p, 1]
                loser = second if w[first] >= w[second] else first
                upper[loser] = 1e-10
            _solve_box(squared, c, upper, sides[slot], w, factor, free, x)
            upper[:] = 1.0
        for i in range(n):
            previous[slot, i] = w[i]
    return failed

"""Two-stage smoothing of many streams' values at once; compiled by numba, NumPy without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._bvls import steps_of

__all__ = ["smooth"]

try:
    from a2fbridge.face._kernels import smooth_rows

    _COMPILED = True
except ImportError:
    _COMPILED = False

Array = NDArray[np.float64]


def smooth(
    values: Array, slots: NDArray[np.intp], gains: Array, started: NDArray[np.bool_], stages: Array
) -> Array:
    """Return ``values`` [R, 2, C] (upper face, lower face) smoothed, each half with its own gain.

    gains [S, 2] per frame and stage; started [S]; stages [S, 2, 2, C]; the last two advance.
    """
    out = np.empty_like(values)
    if _COMPILED:
        smooth_rows(values, slots, gains, started, stages, out)
    else:
        _smooth_numpy(values, slots, gains, started, stages, out)
    return out


def _smooth_numpy(
    values: Array,
    slots: NDArray[np.intp],
    gains: Array,
    started: NDArray[np.bool_],
    stages: Array,
    out: Array,
) -> None:
    for rows in steps_of(slots):
        at = slots[rows]
        gain = np.where(started[at][:, None], gains[at], 1.0)[..., None]
        first = stages[at, :, 0]
        first = first + gain * (values[rows] - first)
        second = stages[at, :, 1]
        second = second + gain * (first - second)
        stages[at, :, 0], stages[at, :, 1] = first, second
        started[at] = True
        out[rows] = second

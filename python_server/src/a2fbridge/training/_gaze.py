"""Small eye movements: 5000 rows of darts at 30 per second, for the pack's ``saccade_rot_matrix``.

Eyes rest for 0.2 to 2 s, then jump within a frame or two; while resting they drift and tremble by hundredths
of a degree.  The last rows lead back to the first, because players loop the matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["saccades"]

_ROWS = 5000
_PULL = 0.35
"""Share of the way back to straight ahead that each jump takes on average."""


def saccades(seed: int) -> NDArray[np.float32]:
    """Return [5000, 2] rotations in degrees (x: up and down, y: left and right), mostly within 2 degrees."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((_ROWS, 2))
    aim, row = np.zeros(2), 0
    while row < _ROWS:
        rest = int(np.clip(rng.gamma(2.2, 9.0), 5, 60))
        rows[row : row + rest] = aim
        row += rest
        jump = rng.normal(0, (0.45, 0.8)) if rng.random() < 0.8 else rng.normal(0, (0.9, 1.8))
        aim = np.clip(aim * (1 - _PULL) + jump, (-2.0, -3.5), (2.0, 3.5))
    rows[-30:] = 0.0
    eased = rows.copy()
    eased[1:] = 0.75 * rows[1:] + 0.25 * rows[:-1]
    drift = np.cumsum(rng.normal(0, 0.012, (_ROWS, 2)), axis=0)
    drift -= np.linspace(0, 1, _ROWS)[:, None] * drift[-1]
    drift -= np.stack(
        [np.convolve(np.pad(d, 30, mode="edge"), np.ones(61) / 61, "valid") for d in drift.T], axis=1
    )
    return (eased + drift).astype(np.float32)

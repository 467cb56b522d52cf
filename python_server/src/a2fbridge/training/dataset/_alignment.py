"""Sound put on the animation's clock, and how late the mouth is on it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._compose import lip_gap
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training.dataset._findings import Findings
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Take
from a2fbridge.training.dataset._motion import BLOCK, Motion
from a2fbridge.training.dataset._sound import measure_lag, shifted

__all__ = ["Aligned", "align"]

_LATE: Final = 0.08
"""Seconds of lag from which a warning is due."""


class Aligned(NamedTuple):
    """A sound whose sample 0 is the beginning of frame 0."""

    samples: NDArray[np.float32]
    offset: float
    """Seconds of the recording at which it begins."""
    lag: tuple[float, float] | None
    """Seconds by which the mouth was late before any correction, and the correlation; None when it cannot be said."""


def align(
    take: Take,
    motion: Motion,
    geometry: Geometry,
    sound: NDArray[np.float32],
    fps: float,
    findings: Findings,
    more: float = 0.0,
    correct: bool = False,
) -> Aligned:
    """Cut or fill a sound to the length of the animation, ``more`` seconds later than the take says.

    With ``correct`` the lag is taken out; else one that is large is a warning.
    """
    offset = take.audio_offset / fps + more
    length = round(motion.frames / fps * SAMPLE_RATE)
    heard = shifted(sound, offset, length)
    opening = _opening(motion, geometry)
    lag = None if opening is None else measure_lag(heard, opening, fps)
    if lag is not None and correct:
        offset -= lag[0]
        heard = shifted(sound, offset, length)
    elif lag is not None and abs(lag[0]) > _LATE:
        late = f"the mouth follows the sound by {1000 * lag[0]:+.0f} ms (correlation {lag[1]:.2f})"
        right = f"within {1000 * _LATE:.0f} ms (audio_offset, correct_lag)"
        findings.warning(take.files["audio"].path, late, right)
    return Aligned(heard, offset, lag)


def _opening(motion: Motion, geometry: Geometry) -> NDArray[np.float64] | None:
    """Return how far the mouth is open [N], in some unit; None when nothing says it."""
    if motion.weights is not None:
        return np.asarray(lip_gap(motion.weights), np.float64)
    upper, lower = (geometry.regions.get(name) for name in ("lip_upper", "lip_lower"))
    if upper is None or lower is None:
        return None
    blocks = []
    for start in range(0, motion.frames, BLOCK):
        heights = motion.skin.rows(start, min(start + BLOCK, motion.frames))[:, :, 1]
        blocks.append((heights[:, upper] - heights[:, lower]).mean(axis=1, dtype=np.float64))
    return np.concatenate(blocks)

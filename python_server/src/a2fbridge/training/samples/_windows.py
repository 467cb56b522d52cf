"""Windows of sound around frames, and targets between frames."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._graph import OFFSET, WINDOW

__all__ = ["between", "starts", "windows"]

_TIMES: Final = np.arange(WINDOW)


def starts(frames: NDArray[Any], fps: float) -> NDArray[np.int64]:
    """Return the first samples of the windows around frames (fractions too)."""
    return np.round(np.asarray(frames) / fps * SAMPLE_RATE).astype(np.int64) - OFFSET


def windows(sound: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return windows [N, 8320] that begin at samples ``first``; outside the sound there is silence."""
    index = first[:, None] + _TIMES
    inside = (index >= 0) & (index < len(sound))
    return np.where(inside, sound[np.clip(index, 0, max(len(sound) - 1, 0))], 0.0).astype(np.float32)


def between(targets: NDArray[np.float32], frames: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return targets [N, R] at fractional frames, linear in between, the first and last held outside."""
    place = np.clip(frames, 0, len(targets) - 1)
    low = np.minimum(place.astype(np.int64), max(len(targets) - 2, 0))
    part = (place - low).astype(np.float32)[:, None]
    high = np.minimum(low + 1, len(targets) - 1)
    return np.asarray(targets[low] * (1 - part) + targets[high] * part, np.float32)

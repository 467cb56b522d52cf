"""The sound of a take: 16 kHz mono, its level, and how late the mouth follows it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.audio import read_audio, resample
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._features import HOP, powers

__all__ = ["Sound", "measure_lag", "norm_factor", "read_sound", "shifted"]

Floats = NDArray[np.float32]

_QUIET = 0.01
_REACH = 0.3
"""Seconds of lag looked for."""
_CONVINCING = 0.45
"""Correlation from which a lag is believed."""
_GRID = HOP / SAMPLE_RATE


class Sound(NamedTuple):
    """Decoded sound at 16 kHz."""

    samples: Floats
    rate: int
    """Of the file, Hz."""
    clipped: int
    """Samples of the file at full scale in runs of three or more."""


def read_sound(path: Path) -> Sound:
    """Read a sound file; raises AudioError."""
    samples, rate = read_audio(path)
    full = np.abs(samples) >= 0.999
    runs = full[2:] & full[1:-1] & full[:-2]
    return Sound(resample(samples, rate, SAMPLE_RATE), rate, int(runs.sum()))


def norm_factor(samples: Floats) -> float:
    """Return the peak, or 1 for a sound that hardly is one (NVIDIA's rule)."""
    peak = float(np.abs(samples).max(initial=0.0))
    return peak if peak > _QUIET else 1.0


def shifted(samples: Floats, seconds: float, length: int) -> Floats:
    """Return ``length`` samples whose sample 0 is the sound at ``seconds``; silence where there is none."""
    first = round(seconds * SAMPLE_RATE)
    out = np.zeros(length, np.float32)
    start, end = max(first, 0), min(first + length, len(samples))
    if end > start:
        out[start - first : end - first] = samples[start:end]
    return out


def measure_lag(samples: Floats, opening: NDArray[np.float64], fps: float) -> tuple[float, float] | None:
    """Return (seconds, correlation) by which an opening mouth [N] follows the loudness of speech; late is positive.

    None when they do not correlate convincingly: too short, a still mouth, noise, or another take's sound.
    """
    frames = int(len(opening) / fps / _GRID)
    reach = round(_REACH / _GRID)
    if frames < 4 * reach or np.ptp(opening) <= 0:
        return None
    loud = np.log(powers(samples, frames)[:, 4:20].sum(axis=1).astype(np.float64) + 1e-7)
    times = (np.arange(frames) * _GRID) * fps - 0.5
    mouth = np.interp(times, np.arange(len(opening)), opening)
    loud, mouth = _smooth(loud), _smooth(mouth)
    inner = slice(reach, frames - reach)
    scores = [
        _correlation(loud[inner], mouth[reach + k : frames - reach + k]) for k in range(-reach, reach + 1)
    ]
    best = int(np.argmax(scores))
    if scores[best] < _CONVINCING or best in (0, 2 * reach):
        return None
    left, middle, right = scores[best - 1 : best + 2]
    bend = left - 2 * middle + right
    part = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return (best - reach + part) * _GRID, float(middle)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    kernel = np.hanning(9)[1:-1]
    return np.convolve(values, kernel / kernel.sum(), "same")


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt(np.square(first).sum() * np.square(second).sum())
    return float((first * second).sum() / size) if size > 0 else 0.0

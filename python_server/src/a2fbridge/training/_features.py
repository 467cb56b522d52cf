"""The network's ear: band powers of short chirped quadrature filters, every 10 ms.

A filter bank as a strided convolution, because the parser of TensorRT knows no FFT.  Bands above 1 kHz are
wider than a 16 ms window resolves, so their filters sweep over the band within the window (linear chirp):
the whole band and the whole window are heard with two real filters each.

NumPy alone; the same filters become the first convolution of the network graph.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE

__all__ = ["BANDS", "CONTEXT", "HOP", "POOL", "STEP", "TAPS", "compress", "filters", "powers"]

BANDS = 32
TAPS = 256
"""Samples per filter: 16 ms."""
STEP = 80
"""Samples between filter outputs: 5 ms."""
HOP = 160
"""Samples between feature frames: 10 ms."""
POOL = np.array([1.0, 3.0, 3.0, 1.0], np.float32) / 8.0
"""Weights that average four filter powers into a feature frame, which removes the ripple of the pitch."""
CONTEXT = 18
"""Feature frames that the network sees before and after its own: 37 in all, 391 of the window's 520 ms."""
FLOOR = 1e-9
"""Power added before the logarithm: about 50 dB below quiet speech, above the noise of 16-bit rounding."""

_REACH = TAPS + (len(POOL) - 1) * STEP


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


@cache
def filters() -> NDArray[np.float32]:
    """Return [2, BANDS, TAPS]: cosine and sine filters with unit gain in the middle of their band."""
    lowest, highest = _mel(np.array([60.0, 7700.0]))
    edges = np.linspace(lowest, highest, BANDS + 2)
    hertz = 700.0 * (np.power(10.0, edges / 2595.0) - 1.0)
    centre, width = hertz[1:-1, None], (hertz[2:] - hertz[:-2])[:, None] / 2.0
    time = (np.arange(TAPS) - (TAPS - 1) / 2) / SAMPLE_RATE
    window = np.hanning(TAPS + 2)[1:-1]
    sweep = np.maximum(width - 1.44 * SAMPLE_RATE / TAPS, 0.0) / (TAPS / SAMPLE_RATE) * 1.6
    phase = 2 * np.pi * (centre * time + 0.5 * sweep * time * time)
    bank = np.stack([window * np.cos(phase), window * np.sin(phase)])
    bank -= bank.mean(axis=2, keepdims=True) * window / window.mean()
    energy = np.sqrt(np.square(bank).sum(axis=(0, 2), keepdims=True))
    return np.asarray(bank / energy * np.sqrt(1.0 / 24.0), np.float32)


def powers(samples: NDArray[np.float32], frames: int, offset: int = 0) -> NDArray[np.float32]:
    """Return band powers [frames, BANDS]; frame k is centred on sample ``k * HOP + offset``.

    Outside the sound there is silence.
    """
    padded = np.zeros((frames - 1) * HOP + _REACH, np.float32)
    first = offset - _REACH // 2
    begin, end = max(0, first), min(first + len(padded), len(samples))
    if end > begin:
        padded[begin - first : end - first] = samples[begin:end]
    windows = np.lib.stride_tricks.sliding_window_view(padded, TAPS)[::STEP]
    bank = filters()
    raw = np.square(windows @ bank[0].T) + np.square(windows @ bank[1].T)
    pieces = [weight * raw[i : i + 2 * frames - 1 : 2] for i, weight in enumerate(POOL)]
    return np.asarray(np.sum(pieces, axis=0), np.float32)


def compress(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the first learned layer sees: the logarithm of power, scaled to about -2..2."""
    return np.asarray((np.log(power + FLOOR) + 12.0) / 4.0, np.float32)

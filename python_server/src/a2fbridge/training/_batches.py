"""Training batches: random crops of a corpus, heard at another level, through another throat and microphone.

What can be varied on band powers is varied here, anew for every crop; what needs the waveform was varied
when the corpus was made.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._corpus import Corpus
from a2fbridge.training._features import BANDS, CONTEXT, compress
from a2fbridge.training._voices import VOICES

__all__ = ["Batch", "batches", "context"]

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]
"""features [B, T + 36, bands], tracks [B, T, 24]."""

_LIFELIKE = 2.0
"""How much more often a second of a lifelike voice is heard than one of another."""
_FLOOR = -30.0
"""Log power beyond the ends of a clip: digital silence."""


def batches(corpus: Corpus, batch: int, crop: int, seed: int | np.random.Generator) -> Iterator[Batch]:
    """Yield batches without end from clips not held out; long clips and lifelike voices more often."""
    rng = np.random.default_rng(seed)
    clips = corpus.clips[corpus.clips[:, 3] == 0]
    lifelike = np.array([*(VOICES[voice].lifelike for voice in corpus.about["config"]["voices"]), False])
    chance = clips[:, 1] * np.where(lifelike[clips[:, 2]], _LIFELIKE, 1.0)
    chance /= chance.sum()
    while True:
        chosen = clips[rng.choice(len(clips), batch, p=chance)]
        crops = [_crop(corpus, int(first), int(n), crop, rng) for first, n, _, _ in chosen]
        yield _vary(np.stack([c[0] for c in crops]), rng), np.stack([c[1] for c in crops]).astype(np.float32)


def context(logs: NDArray[np.float16], first: int, count: int) -> NDArray[np.float32]:
    """Return ``count`` frames of log power from ``first`` on; outside the clip there is silence."""
    out = np.full((count, BANDS), _FLOOR, np.float32)
    begin, end = max(first, 0), min(first + count, len(logs))
    if end > begin:
        out[begin - first : end - first] = logs[begin:end]
    return out


def _crop(
    corpus: Corpus, first: int, length: int, crop: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
    start = int(rng.integers(-CONTEXT // 2, max(length - crop, 0) + CONTEXT // 2 + 1))
    logs = context(corpus.features[first : first + length], start - CONTEXT, crop + 2 * CONTEXT)
    targets = np.zeros((crop, corpus.tracks.shape[1]), np.float16)
    begin, end = max(start, 0), min(start + crop, length)
    targets[begin - start : end - start] = corpus.tracks[first + begin : first + end]
    return logs, targets


def _vary(logs: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Warp the band axis, colour, level (+3 to -33 dB), muffle, smear and add steady noise; then compress."""
    colour = _curves(len(logs), 6, 0.9, rng) - _holes(len(logs), rng)
    level = rng.uniform(np.log(10**-3.3), np.log(10**0.3), len(logs)).astype(np.float32)
    power = np.exp(_warp(logs, rng) + (colour + level[:, None])[:, None, :])
    return compress(_smear(power, rng) + _noise(power.shape, rng))


def _holes(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return [count, BANDS] nepers by which a stripe of one to five bands is softer, in half of the crops."""
    first, wide = rng.integers(0, BANDS, count), rng.integers(1, 6, count)
    deep = rng.uniform(1.0, 6.0, count) * (rng.random(count) < 0.5)
    away = np.arange(BANDS) - first[:, None]
    return np.asarray(((away >= 0) & (away < wide[:, None])) * deep[:, None], np.float32)


def _smear(power: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Let half the crops leak into neighbouring frames and bands, as lossy codecs and close walls do."""
    from scipy.ndimage import uniform_filter

    share = np.exp(rng.uniform(-6.5, -3.0, len(power))) * (rng.random(len(power)) < 0.5)
    around = uniform_filter(power, (0, 7, 5), mode="nearest")
    grain = rng.standard_exponential(power.shape, np.float32)
    return np.asarray(power + share[:, None, None].astype(np.float32) * around * grain, np.float32)


def _warp(logs: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Move formants: another length of the throat."""
    grid = np.arange(BANDS)
    warped = np.empty_like(logs)
    for i, stretch in enumerate(np.exp(rng.uniform(-0.15, 0.15, len(logs)))):
        source = np.clip((grid - 4.0) * stretch + 4.0 + rng.uniform(-0.8, 0.8), 0, BANDS - 1.001)
        low = source.astype(int)
        part = (source - low).astype(np.float32)
        warped[i] = logs[i][:, low] * (1 - part) + logs[i][:, low + 1] * part
    return warped


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return steady noise of some colour for three crops in four."""
    count, _, bands = shape
    floor = (
        rng.uniform(-0.12, 0.02, count)[:, None] * np.arange(bands)
        + rng.uniform(-21.0, -11.0, count)[:, None]
    )
    floor = floor + _curves(count, 5, 0.8, rng)
    floor[rng.random(count) < 0.25] = -30.0
    grain = rng.gamma(3.0, 1 / 3.0, shape).astype(np.float32)
    return np.asarray(np.exp(floor)[:, None, :].astype(np.float32) * grain, np.float32)


def _curves(count: int, knots: int, spread: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return random smooth curves [count, BANDS] in nepers of power."""
    grid, places = np.arange(BANDS), np.linspace(0, BANDS - 1, knots)
    rows = [np.interp(grid, places, row) for row in rng.normal(0.0, spread, (count, knots))]
    return np.asarray(rows, np.float32)

"""Labels put right against the sound: a voice's constant shift, then each boundary, then how strongly vowels
sound.

Neural voices announce a phone some tens of milliseconds after it is heard; a mouth trained on that would lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._features import HOP, powers
from a2fbridge.training._phones import SILENCE, VOWELS, Segment, Utterance

__all__ = ["closure_depth", "measure_shift", "refine", "shifted", "with_strength"]

_FRAME = HOP / SAMPLE_RATE
_SIBILANTS = frozenset(("s", "z", "sh", "zh", "ch", "jh"))
_SEALS = frozenset("pbm")
_SHIFTS = np.arange(-0.120, 0.0601, 0.005)


def _log_powers(utterance: Utterance) -> NDArray[np.float64]:
    frames = len(utterance.samples) // HOP + 1
    return np.log(powers(utterance.samples, frames).astype(np.float64) + 1e-8)


def _mask(
    segments: Sequence[Segment], phones: frozenset[str], times: NDArray[np.float64]
) -> NDArray[np.float64]:
    mask = np.zeros(len(times))
    for s in segments:
        if s.phone in phones:
            mask[(times >= s.start) & (times < s.end)] = 1.0
    return mask


def measure_shift(utterances: Sequence[Utterance]) -> tuple[float, float]:
    """Return the shifts in seconds, from sibilants and from vowels, that make labels agree best with the
    sound.

    Add their mean to label times.  The measure is the correlation of a phone class's mask with what it sounds
    like: the share of power above 3.5 kHz for sibilants, power from 200 Hz to 2 kHz for vowels.
    """
    scores = np.zeros((2, len(_SHIFTS)))
    for utterance in utterances:
        logs = _log_powers(utterance)
        times = np.arange(len(logs)) * _FRAME
        low, high = logs[:, 3:18].mean(axis=1), logs[:, 24:].mean(axis=1)
        for i, shift in enumerate(_SHIFTS):
            for row, (phones, sound) in enumerate(((_SIBILANTS, high - low), (VOWELS, low))):
                mask = _mask(utterance.segments, phones, times - shift)
                if 0 < mask.sum() < len(mask):
                    scores[row, i] += np.corrcoef(mask, sound)[0, 1]
    best = _SHIFTS[scores.argmax(axis=1)]
    return float(best[0]), float(best[1])


def closure_depth(utterances: Sequence[Utterance]) -> float:
    """Return by how many dB the sound of 400 Hz to 2.5 kHz falls in the middle of p, b and m between vowels.

    The mean over them, against the louder of 90 ms before and after; 0 without any.  Where it is small, closures
    do not lie where the labels say: 23-30 dB in the voices of the corpus, 16 in the Russian one, which is not in it.
    """
    depths = []
    for utterance in utterances:
        logs = _log_powers(utterance)[:, 6:20].mean(axis=1) * (10 / np.log(10))
        for last, s, following in zip(
            utterance.segments, utterance.segments[1:], utterance.segments[2:], strict=False
        ):
            middle = round((s.start + s.end) / 2 / _FRAME)
            between = last.phone in VOWELS and following.phone in VOWELS
            if s.phone in _SEALS and between and 9 <= middle < len(logs) - 9:
                depths.append(logs[[middle - 9, middle + 9]].max() - logs[middle])
    return float(np.mean(depths)) if depths else 0.0


def shifted(utterance: Utterance, shift: float) -> Utterance:
    """Return the utterance with its inner boundaries moved by ``shift`` seconds, within the sound."""
    end = len(utterance.samples) / SAMPLE_RATE
    moved = [
        replace(s, start=float(np.clip(s.start + shift, 0, end)), end=float(np.clip(s.end + shift, 0, end)))
        for s in utterance.segments
    ]
    if moved:
        moved[0], moved[-1] = replace(moved[0], start=0.0), replace(moved[-1], end=end)
    return replace(utterance, segments=tuple(moved))


def refine(utterance: Utterance, reach: float = 0.035) -> Utterance:
    """Move each boundary to where the spectrum changes most nearby, at most ``reach`` seconds away.

    A step away costs as its square, so that a boundary without a clear change (vowel to vowel) stays.
    """
    logs = _log_powers(utterance)
    smooth = np.apply_along_axis(lambda c: np.convolve(c, np.ones(3) / 3, "same"), 0, logs)
    change = np.zeros(len(logs))
    change[2:-2] = np.linalg.norm(smooth[4:] - smooth[:-4], axis=1)
    change /= np.percentile(change, 95) + 1e-9
    bounds = np.array([s.start for s in utterance.segments] + [utterance.segments[-1].end])
    offsets = np.arange(-reach, reach + 1e-9, 0.005)
    for i in range(1, len(bounds) - 1):
        places = bounds[i] + offsets
        gain = np.interp(places / _FRAME, np.arange(len(change)), change) - np.square(offsets / 0.028)
        gain[(places < bounds[i - 1] + 0.015) | (places > bounds[i + 1] - 0.015)] = -9.0
        bounds[i] = places[gain.argmax()] if gain.max() > -9.0 else bounds[i]
    pairs = zip(utterance.segments, bounds[:-1], bounds[1:], strict=True)
    return replace(utterance, segments=tuple(replace(s, start=float(a), end=float(b)) for s, a, b in pairs))


def with_strength(utterance: Utterance) -> Utterance:
    """Give each vowel a strength from its level against the sentence's median vowel, and from its length."""
    energy = 10 / np.log(10) * np.log(np.exp(_log_powers(utterance)).sum(axis=1))

    def level(s: Segment) -> float:
        first, last = int(s.start / _FRAME), max(int(s.end / _FRAME), int(s.start / _FRAME) + 1)
        return float(energy[first : last + 1].max(initial=-90.0))

    vowels = [level(s) for s in utterance.segments if s.phone in VOWELS]
    middle = float(np.median(vowels)) if vowels else 0.0

    def strength(s: Segment) -> float:
        length = np.clip(s.end - s.start, 0.03, 0.2)
        return float(np.clip(1.0 + 0.03 * (level(s) - middle) + 1.2 * (length - 0.10), 0.6, 1.3))

    scaled = [replace(s, strength=strength(s)) if s.phone in VOWELS else s for s in utterance.segments]
    return replace(utterance, segments=tuple(s for s in scaled if s.end > s.start or s.phone != SILENCE))

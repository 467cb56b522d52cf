"""Speech-like sound made with NumPy alone, with its phones: what the example dataset says.

A buzz through four resonances for voiced phones, coloured noise for the others, silence for stops.  Nobody would take
it for a human, but loudness, colour and pauses go with the phones as in speech.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._phones import SILENCE, VOWELS, Segment, Utterance

__all__ = ["babble"]

Array = NDArray[np.float64]

_FORMANTS: Final = {
    "aa": (730, 1090), "ae": (660, 1720), "ah": (640, 1190), "ao": (570, 840), "eh": (530, 1840), "er": (490, 1350),
    "ih": (390, 1990), "iy": (270, 2290), "uh": (440, 1020), "uw": (300, 870), "m": (250, 1000), "n": (250, 1400),
    "l": (360, 1300), "r": (420, 1150), "w": (300, 700), "b": (200, 800), "d": (200, 1600), "v": (250, 1200),
}  # fmt: skip
"""First and second resonance in Hz (vowels: Peterson and Barney 1952, men)."""
_NOISE: Final = {"s": 6000, "sh": 3000, "f": 5000, "p": 1500, "t": 4500, "k": 2200, "th": 5500}
"""Middle of the noise in Hz."""
_LOUD: Final = {"m": 0.35, "n": 0.35, "l": 0.5, "r": 0.5, "w": 0.4, "b": 0.2, "d": 0.2, "v": 0.25}
_SYLLABLES: Final = tuple(
    (
        "m aa | b iy | w uw | s eh | l ao | f ih | d ae | sh er | p ah | r iy | n uw | t eh | k aa | v iy | "
        "th ah | b ao"
    ).split(" | ")
)


def babble(seconds: float, seed: int, pitch: float = 120.0) -> Utterance:
    """Return an utterance of ``seconds``: syllables in two groups, with pauses before, between and after."""
    rng = np.random.default_rng(seed)
    segments, time = [], 0.35
    half = 0.5 * seconds
    segments.append(Segment(SILENCE, 0.0, time))
    while time < seconds - 0.75:
        if time - 0.15 < half < time + 0.25:
            segments.append(Segment(SILENCE, time, time + 0.3))
            time, half = time + 0.3, -1.0
        for phone in str(rng.choice(_SYLLABLES)).split():
            length = rng.uniform(0.13, 0.2) if phone in VOWELS else rng.uniform(0.07, 0.11)
            segments.append(Segment(phone, time, time + length))
            time += length
    segments.append(Segment(SILENCE, time, seconds))
    return Utterance("", _speak(segments, seconds, rng, pitch), tuple(segments))


def _speak(
    segments: list[Segment], seconds: float, rng: np.random.Generator, pitch: float
) -> NDArray[np.float32]:
    count = round(seconds * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    melody = pitch * (1.0 + 0.12 * np.sin(2 * np.pi * 0.7 * time + rng.uniform(0, 6)) - 0.05 * time / seconds)
    phase = 2 * np.pi * np.cumsum(melody) / SAMPLE_RATE
    out = rng.normal(0.0, 3e-4, count)
    for segment in segments:
        first, last = round(segment.start * SAMPLE_RATE), min(round(segment.end * SAMPLE_RATE), count)
        if segment.phone == SILENCE or last - first < 2:
            continue
        edge = np.clip(
            np.minimum(np.arange(last - first), np.arange(last - first)[::-1]) / (0.015 * SAMPLE_RATE), 0, 1
        )
        out[first:last] += edge * _phone(segment.phone, phase[first:last], melody[first:last], rng)
    return np.asarray(0.5 * out / np.abs(out).max(), np.float32)


def _phone(phone: str, phase: Array, melody: Array, rng: np.random.Generator) -> Array:
    if phone in _NOISE:
        middle = 2 * np.pi * _NOISE[phone] / SAMPLE_RATE
        hiss = np.convolve(rng.normal(0, 1, len(phase) + 31), np.hanning(32) / 8, "valid")
        return np.asarray(0.12 * hiss * np.cos(middle * np.arange(len(phase))))
    resonances = (*_FORMANTS[phone], 2600, 3400)
    harmonics = np.arange(1, 28)[:, None] * melody.mean()
    gain = sum(
        1.0 / (1.0 + ((harmonics - f) / (60 + 0.06 * f)) ** 2) / (1 + i) for i, f in enumerate(resonances)
    )
    buzz = (gain / np.arange(1, 28)[:, None] ** 0.5 * np.sin(np.arange(1, 28)[:, None] * phase)).sum(axis=0)
    return np.asarray(_LOUD.get(phone, 1.0) * 0.25 * buzz)

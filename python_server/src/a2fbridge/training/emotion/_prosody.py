"""A neutral sentence said in a mood: pitch, pace, loudness and voice quality changed by the WORLD vocoder.

The recipes follow the directions that acoustic studies of emotional speech agree on (Banse and Scherer 1996; Juslin
and Laukka 2003): they are caricatures, not recordings of anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE

__all__ = ["CLASSES", "RECIPES", "Analysis", "Recipe", "analyse", "express"]

CLASSES: Final = ("angry", "disgust", "fear", "happy", "neutral", "sad")
"""In Audio2Emotion's order."""

Floats = NDArray[np.float64]
Range = tuple[float, float]
_PERIOD_MS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a mood differs from neutral speech; each pair is the range that utterances are drawn from."""

    pitch: Range = (0.95, 1.05)
    """Factor of the mean pitch."""
    melody: Range = (0.85, 1.15)
    """Factor of the pitch's movement around its mean, in octaves."""
    pace: Range = (0.95, 1.05)
    """Factor of the speed."""
    bright: Range = (-1.0, 1.0)
    """Decibels per octave above 500 Hz."""
    stress: Range = (0.9, 1.1)
    """Factor of the loudness's movement around its mean, in decibels."""
    breath: Range = (0.0, 0.08)
    """Share of the harmonic part that becomes noise."""
    tract: Range = (0.99, 1.01)
    """Factor of the formants: above 1 a smile, below 1 a lowered larynx."""
    tremor: Range = (0.0, 0.0)
    """Trembling of the pitch at 6 to 9 Hz, octaves."""
    rough: Range = (0.0, 0.0)
    """Random change of the pitch from frame to frame, octaves."""
    slope: Range = (-0.05, 0.05)
    """Rise of the pitch per second, octaves."""


RECIPES: Final[dict[str, Recipe]] = {
    "angry": Recipe(
        pitch=(1.15, 1.5), melody=(1.3, 2.0), pace=(1.1, 1.35), bright=(2.0, 4.5), stress=(1.25, 1.7),
        rough=(0.004, 0.015), slope=(-0.15, 0.0),
    ),
    "disgust": Recipe(
        pitch=(0.78, 0.92), melody=(1.0, 1.5), pace=(0.68, 0.85), bright=(-1.0, 1.5), stress=(1.1, 1.4),
        tract=(0.88, 0.95), rough=(0.008, 0.02), slope=(-0.2, -0.05),
    ),
    "fear": Recipe(
        pitch=(1.4, 1.8), melody=(0.5, 0.9), pace=(1.15, 1.45), bright=(-1.0, 1.5), stress=(0.8, 1.1),
        breath=(0.15, 0.4), tremor=(0.03, 0.09), slope=(0.0, 0.15),
    ),
    "happy": Recipe(
        pitch=(1.2, 1.5), melody=(1.5, 2.3), pace=(1.02, 1.2), bright=(0.5, 2.5), stress=(1.05, 1.35),
        tract=(1.04, 1.1), slope=(0.05, 0.25),
    ),
    "neutral": Recipe(),
    "sad": Recipe(
        pitch=(0.8, 0.95), melody=(0.3, 0.65), pace=(0.65, 0.85), bright=(-4.0, -1.5), stress=(0.6, 0.9),
        breath=(0.15, 0.45), slope=(-0.2, -0.03),
    ),
}  # fmt: skip


class Analysis(NamedTuple):
    """What WORLD hears in an utterance, every 5 ms."""

    pitch: Floats
    """[T] Hz, 0 where unvoiced."""
    spectrum: Floats
    """[T, F] power"""
    noise: Floats
    """[T, F] share of noise, 0..1"""


def analyse(samples: NDArray[np.float32]) -> Analysis:
    """Take an utterance at 16 kHz apart."""
    import pyworld

    sound = samples.astype(np.float64)
    rough, times = pyworld.dio(sound, SAMPLE_RATE, f0_floor=60.0, f0_ceil=500.0, frame_period=_PERIOD_MS)
    pitch = pyworld.stonemask(sound, rough, times, SAMPLE_RATE)
    spectrum = pyworld.cheaptrick(sound, pitch, times, SAMPLE_RATE)
    return Analysis(pitch, spectrum, pyworld.d4c(sound, pitch, times, SAMPLE_RATE))


def express(
    heard: Analysis, mood: str, rng: np.random.Generator, strength: float = 1.0
) -> NDArray[np.float32]:
    """Return the utterance said in a mood, at a peak of 1; ``strength`` 0 is neutral, 1 the whole recipe."""
    import pyworld

    drawn = _draw(RECIPES[mood], rng, strength)
    pitch, spectrum, noise = _paced(heard, drawn["pace"])
    pitch = _melody(pitch, drawn, rng)
    spectrum = _coloured(_warped(spectrum, drawn["tract"]), drawn)
    noise = np.clip(noise + drawn["breath"] * (1 - noise) * _high_part(noise.shape[1]), 0, 1)
    sound = pyworld.synthesize(
        pitch, np.ascontiguousarray(spectrum), np.ascontiguousarray(noise), SAMPLE_RATE, _PERIOD_MS
    )
    return np.asarray(sound / max(np.abs(sound).max(), 1e-6), np.float32)


def _draw(recipe: Recipe, rng: np.random.Generator, strength: float) -> dict[str, float]:
    """Return a value from every range, moved towards neutral by what ``strength`` lacks."""
    rest = Recipe()
    drawn: dict[str, Any] = {}
    for name in Recipe.__slots__:
        low, high = getattr(recipe, name)
        middle = sum(getattr(rest, name)) / 2
        drawn[name] = middle + strength * (float(rng.uniform(low, high)) - middle)
    return drawn


def _paced(heard: Analysis, pace: float) -> tuple[Floats, Floats, Floats]:
    """Stretch time: frames are taken from where the pace puts them."""
    count = max(2, round(len(heard.pitch) / pace))
    place = np.linspace(0, len(heard.pitch) - 1, count)
    low = np.minimum(place.astype(int), len(heard.pitch) - 2)
    share = (place - low)[:, None]
    spectrum = np.exp((1 - share) * np.log(heard.spectrum[low]) + share * np.log(heard.spectrum[low + 1]))
    noise = (1 - share) * heard.noise[low] + share * heard.noise[low + 1]
    return heard.pitch[np.round(place).astype(int)], spectrum, noise


def _melody(pitch: Floats, drawn: dict[str, float], rng: np.random.Generator) -> Floats:
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    octaves = np.log2(pitch[voiced])
    seconds = np.flatnonzero(voiced) * _PERIOD_MS / 1000
    middle = np.median(octaves)
    moved = middle + np.log2(drawn["pitch"]) + drawn["melody"] * (octaves - middle)
    moved += drawn["slope"] * (seconds - seconds.mean())
    moved += drawn["tremor"] * np.sin(2 * np.pi * rng.uniform(6, 9) * seconds + rng.uniform(0, 6))
    moved += drawn["rough"] * rng.standard_normal(len(moved))
    out = pitch.copy()
    out[voiced] = np.clip(2.0**moved, 50, 700)
    return out


def _warped(spectrum: Floats, factor: float) -> Floats:
    """Move the envelope's formants by a factor."""
    bins = np.arange(spectrum.shape[1])
    source = np.minimum(bins / factor, bins[-1])
    low = np.minimum(source.astype(int), bins[-1] - 1)
    share = source - low
    logs = np.log(spectrum)
    return np.asarray(np.exp((1 - share) * logs[:, low] + share * logs[:, low + 1]))


def _coloured(spectrum: Floats, drawn: dict[str, float]) -> Floats:
    """Tilt the spectrum and widen or narrow the movement of the loudness."""
    hertz = np.linspace(0, SAMPLE_RATE / 2, spectrum.shape[1])
    tilt = drawn["bright"] * np.log2(np.maximum(hertz, 500) / 500)
    level = 10 * np.log10(spectrum.mean(axis=1) + 1e-12)
    loud = level > level.max() - 35
    movement = np.where(loud, (drawn["stress"] - 1) * (level - level[loud].mean()), 0)
    return np.asarray(spectrum * 10 ** ((tilt[None] + movement[:, None]) / 10))


def _high_part(bins: int) -> Floats:
    """Breath is heard above about 1 kHz."""
    hertz = np.linspace(0, SAMPLE_RATE / 2, bins)
    return np.asarray(1 / (1 + np.exp(-(hertz - 1000) / 300)))

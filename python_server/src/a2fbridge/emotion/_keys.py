"""Time-coded emotions: keys on the audio's sample clock, linear in between.

Without a classifier the client's emotions go straight to the network (architecture, section 3).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ParameterError, nearest
from a2fbridge.audio import AudioBuffer

__all__ = ["EmotionTrack", "check_emotion_time", "check_emotions", "hold_emotions"]

_MAX_KEYS = 20_000
_RATE: Final = 16000
"""Hz, of every network's sound."""
_MAX_TIME = 1e9
"""Thirty years in seconds: far beyond any stream, and as a sample index far within 64 bits."""


def check_emotion_time(time_code: float) -> float:
    """Return a key's time in seconds from the start of the stream; raises ParameterError unless it is 0 to 1e9."""
    if not 0.0 <= time_code <= _MAX_TIME:
        raise ParameterError(f"emotion time code is {time_code:g}; right is 0 to {_MAX_TIME:.0f} seconds")
    return time_code


def check_emotions(
    values: Mapping[str, float], names: Sequence[str] = shapes.EMOTION_NAMES
) -> dict[str, float]:
    """Return checked emotions by canonical name; raises ParameterError for an unknown name or a value outside 0..1."""
    checked = {}
    for given, value in values.items():
        name = shapes.EMOTION_ALIASES.get(given, given)
        if name not in names:
            raise ParameterError(
                f"unknown emotion '{given}'{nearest(given, names)}; known are {', '.join(names)}"
            )
        if not (math.isfinite(value) and 0.0 <= value <= 1.0):
            raise ParameterError(f"emotion '{given}' is {value:g}; right is 0 to 1")
        checked[name] = float(value)
    return checked


def hold_emotions(
    keys: Sequence[tuple[float, Mapping[str, float]]],
) -> list[tuple[float, Mapping[str, float]]]:
    """Return keys between which emotions hold instead of going over: each holds until the next one, then jumps.

    Emotions are linear between keys everywhere; so a copy of each key goes one sample (1/16000 s) before the next.
    Works for every path, other servers included.  Raises ParameterError for a bad time.
    """
    ordered = sorted(((check_emotion_time(time), values) for time, values in keys), key=lambda key: key[0])
    held: list[tuple[float, Mapping[str, float]]] = []
    for time, values in ordered:
        before = (
            math.floor(time * _RATE) - 0.5
        ) / _RATE  # half a sample early, so that rounding finds that sample
        if held and before > held[-1][0]:
            held.append((before, held[-1][1]))
        held.append((time, values))
    return held


class EmotionTrack:
    """Keys of one stream, sorted by sample index; entries may arrive late or out of order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._times: list[int] = []
        self._values: list[NDArray[np.float32]] = []

    @property
    def known_to(self) -> int | None:
        """None: what the keys say can be had for every sample."""
        return None

    def add(self, sample: int, emotions: Mapping[str, float]) -> None:
        """Set the whole vector from ``sample`` on; names left out are 0.  A key at the same sample is replaced.

        Raises ParameterError (see :func:`check_emotions`), or when there are more than 20 000 keys ahead.
        """
        checked = check_emotions(emotions, self._names)
        vector = np.array([checked.get(name, 0.0) for name in self._names], np.float32)
        at = bisect.bisect_left(self._times, sample)
        if at < len(self._times) and self._times[at] == sample:
            self._values[at] = vector
            return
        if len(self._times) >= _MAX_KEYS:
            raise ParameterError(
                f"more than {_MAX_KEYS} emotion keys are waiting; send keys no denser than frames"
            )
        self._times.insert(at, sample)
        self._values.insert(at, vector)

    def begin(self, sound: AudioBuffer) -> None:
        """Begin with a new sound, which says nothing of emotions: the keys stay."""

    @property
    def first_needed(self) -> None:
        """No sample of the sound is needed."""
        return None

    def heard_at(self, sample: int) -> None:
        """Nothing is heard."""

    def close(self) -> None:
        """Nothing is held."""

    def at(self, sample: int) -> NDArray[np.float32]:
        """Return [E] at a sample index: the first key before it, linear between keys, the last key after it."""
        if not self._times:
            return np.zeros(len(self._names), np.float32)
        i = bisect.bisect_right(self._times, sample)
        if i == 0 or i == len(self._times):
            return self._values[max(i - 1, 0)]
        start, end = self._times[i - 1], self._times[i]
        a = np.float32((sample - start) / (end - start))
        return a * self._values[i] + (self._values[i - 1] - a * self._values[i - 1])

    def fade(self, start: int, end: int) -> None:
        """Hold from sample ``start`` what is in force there, and be neutral from ``end`` on; later keys are dropped."""
        held = self.at(start)
        keep = bisect.bisect_left(self._times, start)
        self._times[keep:] = [start, end]
        self._values[keep:] = [held, np.zeros_like(held)]

    def drop_before(self, sample: int) -> None:
        """Forget keys that no sample from ``sample`` on needs."""
        keep = max(bisect.bisect_right(self._times, sample) - 1, 0)
        del self._times[:keep], self._values[:keep]

"""From the frames that a network's windows yield to the frames of a stream's clock."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from a2fbridge.timeline import FrameClock, Windows

__all__ = ["Retiming"]

Array = NDArray[np.float64]


class Retiming:
    """Takes rows of values, one for each frame of the windows, and gives rows at the times of the clock.

    Where both have the same times the rows pass unchanged; otherwise a row is linear between its two neighbours.
    Only rows that a coming frame needs are kept.
    """

    def __init__(self, windows: Windows, clock: FrameClock) -> None:
        self._windows, self._clock = windows, clock
        start = windows.place_of(Fraction(0))
        same = start.denominator == 1 and windows.rate * clock.sample_rate == clock.frame_rate
        self._shift = int(start) if same else None
        """Index of the clock's frame 0 among the windows' frames, where all of them coincide."""
        self._rows: Array | None = None
        self._first = 0
        """Index of the oldest row kept."""

    @property
    def kept(self) -> int:
        """Rows kept."""
        return 0 if self._rows is None else len(self._rows)

    def reach(self, known: int) -> int:
        """Return how many frames of the clock can be made of the first ``known`` frames of the windows."""
        if self._shift is not None:
            return max(0, known - self._shift)
        return self._windows.frames_to(known - 1, self._clock)

    def add(self, rows: Array) -> None:
        """Take the rows [n, C] that follow."""
        self._rows = rows if not self.kept else np.concatenate([self._rows, rows])

    def take(self, frame: int, count: int) -> Array:
        """Return rows [count, C] of the clock's frames from ``frame`` on, and forget what no later frame needs.

        After the last row there is none to be linear with: it is held.
        """
        assert self._rows is not None
        if self._shift is not None:
            at = frame + self._shift - self._first
            taken, used = self._rows[at : at + count], at + count
        else:
            places = [self._place(frame + i) for i in range(count + 1)]
            last = self.kept - 1
            low = [min(int(place), last) for place in places]
            share = np.array([float(place - int(place)) for place in places[:count]])[:, None]
            before, after = self._rows[low[:count]], self._rows[[min(i + 1, last) for i in low[:count]]]
            taken, used = before + share * (after - before), low[count]
        used = min(max(used, 0), self.kept)
        self._rows = self._rows[used:]
        self._first += used
        return taken

    def _place(self, frame: int) -> Fraction:
        sample = Fraction(frame * self._clock.sample_rate) / self._clock.frame_rate
        return self._windows.place_of(sample) - self._first

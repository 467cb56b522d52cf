"""The sound of one stream, kept only as long as it is needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import StreamError

__all__: list[str] = []


class AudioBuffer:
    """Samples of one stream by absolute index: append at the end, drop at the front, read windows anywhere.

    Before sample 0 and, once closed, after the last one there is silence.  One thread at a time.
    """

    def __init__(self, capacity: int = 1 << 15) -> None:
        self._data = np.zeros(max(1, capacity), np.float32)
        self._start = 0
        """Where the oldest sample kept lies in ``_data``."""
        self._first = 0
        """Absolute index of that sample."""
        self._count = 0
        """Samples appended in all."""
        self._closed = False

    def __len__(self) -> int:
        """Samples appended in all, dropped ones included."""
        return self._count

    @property
    def first(self) -> int:
        """Absolute index of the oldest sample kept."""
        return self._first

    @property
    def closed(self) -> bool:
        """Whether no sample can follow."""
        return self._closed

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._data.nbytes

    def append(self, samples: NDArray[np.float32]) -> None:
        """Add samples [n] at the end; raises StreamError once closed."""
        if self._closed:
            raise StreamError(f"sound was pushed after its end at sample {self._count}")
        end = self._make_room(len(samples))
        self._data[end : end + len(samples)] = samples
        self._count += len(samples)

    def close(self) -> None:
        """Declare the sound complete; doing so again changes nothing."""
        self._closed = True

    def drop_before(self, index: int) -> None:
        """Forget samples below an absolute index; ``append`` reuses their memory."""
        index = min(max(index, self._first), self._count)
        self._start += index - self._first
        self._first = index

    def window(self, start: int, size: int) -> NDArray[np.float32]:
        """Return a copy of ``size`` samples from an absolute index, silence where there is no sound.

        Raises StreamError for samples dropped, or not yet there while the sound is open.
        """
        out = np.empty(size, np.float32)
        self.gather((start,), size, out[None])
        return out

    def gather(self, starts: Sequence[int] | NDArray[np.int64], size: int, out: NDArray[np.float32]) -> None:
        """Write the windows that begin at absolute indices into ``out`` [len(starts), size].

        Raises StreamError as :meth:`window`.
        """
        shift = self._start - self._first
        for row, start in zip(out, starts, strict=True):
            low, high = max(start, 0), min(start + size, self._count)
            if (low < self._first and low < high) or (start + size > self._count and not self._closed):
                self._refuse(start, size)
            if high - low == size:
                row[:] = self._data[low + shift : high + shift]
            else:
                _copy_padded(row, self._data[low + shift : max(low, high) + shift], low - start)

    def _make_room(self, more: int) -> int:
        """Return where ``more`` samples fit in ``_data``; moves or enlarges it when they don't."""
        kept = self._count - self._first
        end = self._start + kept
        if end + more <= len(self._data):
            return end
        # Moving costs what is kept; doing it only when half of the memory is free keeps appends cheap on
        # average.
        target = self._data
        if 2 * (kept + more) > len(self._data):
            target = np.zeros(2 * (kept + more), np.float32)
        target[:kept] = self._data[self._start : end].copy()
        self._data, self._start = target, 0
        return kept

    def _refuse(self, start: int, size: int) -> None:
        if max(start, 0) < self._first:
            raise StreamError(f"samples from {start} are no longer kept; right is from {self._first}")
        raise StreamError(
            f"samples to {start + size} are not there yet; right is up to {self._count}, or a closed sound"
        )


def _copy_padded(row: NDArray[np.float32], sound: NDArray[np.float32], before: int) -> None:
    """Write silence, ``sound``, silence into a row; ``before`` samples of silence come first."""
    row[:] = 0.0
    row[before : before + len(sound)] = sound

"""Sample rate conversion by soxr, the same numbers however the sound is cut.

The filter (soxr's HQ) needs sound on both sides: a live stream's output lags its input by about 40 ms at 44.1
and 48 kHz, 80 ms at 96 kHz.  At equal rates samples pass through.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from a2fbridge._errors import AudioError, StreamError

__all__: list[str] = []

_MIN_RATE: Final = 1000
_MAX_RATE: Final = 1_000_000
_EMPTY: Final = np.empty(0, np.float32)


def resample(samples: NDArray[np.float32], rate_in: int, rate_out: int) -> NDArray[np.float32]:
    """Convert samples [n] to [ceil(n * rate_out / rate_in)]; raises AudioError for an impossible rate."""
    stream = StreamResampler(rate_in, rate_out)
    return np.concatenate([stream.push(samples), stream.flush()])


class StreamResampler:
    """Converts sound that comes in pieces; n samples in give ceil(n * rate_out / rate_in) in all."""

    def __init__(self, rate_in: int, rate_out: int = 16000) -> None:
        """Rates in Hz; raises AudioError for an impossible one."""
        for rate in (rate_in, rate_out):
            if not _MIN_RATE <= rate <= _MAX_RATE:
                raise AudioError(f"a sample rate of {rate} Hz; right is {_MIN_RATE} to {_MAX_RATE}")
        self._rates = (rate_in, rate_out)
        self._taken = 0
        self._given = 0
        self._flushed = False
        self._soxr: Any = None
        if rate_in != rate_out:
            self._soxr = soxr.ResampleStream(rate_in, rate_out, 1, dtype="float32", quality="HQ")

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples [n] and return those that became ready [m]; raises StreamError after ``flush``."""
        if self._flushed:
            raise StreamError("sound was pushed into a resampler after its end")
        self._taken += len(samples)
        if self._soxr is None:
            return samples
        ready: NDArray[np.float32] = self._soxr.resample_chunk(np.ascontiguousarray(samples, np.float32))
        self._given += len(ready)
        return ready

    def flush(self) -> NDArray[np.float32]:
        """End the sound and return the samples that were held back; again, none."""
        if self._soxr is None or self._flushed:
            self._flushed = True
            return _EMPTY
        self._flushed = True
        rest = self._soxr.resample_chunk(_EMPTY, last=True)
        # soxr rounds the length in its own way; ours depends on nothing but the number of samples.
        missing = -(-self._taken * self._rates[1] // self._rates[0]) - self._given
        out = np.zeros(missing, np.float32)
        out[: len(rest)] = rest[:missing]
        return out

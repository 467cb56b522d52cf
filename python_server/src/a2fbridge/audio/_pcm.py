"""16-bit PCM and float samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import AudioError

__all__: list[str] = []

_SCALE = 32768.0


def pcm16_to_float(data: bytes | bytearray | memoryview) -> NDArray[np.float32]:
    """Return 16-bit little-endian PCM as float32 in [-1, 1): value / 32768.

    Raises AudioError for half a sample.
    """
    if len(data) % 2:
        raise AudioError(f"{len(data)} bytes of 16-bit sound; right is an even number")
    samples = np.frombuffer(data, "<i2").astype(np.float32)
    samples /= _SCALE
    return samples


def float_to_pcm16(samples: NDArray[np.float32]) -> bytes:
    """Return float samples as 16-bit little-endian PCM, rounded, clipped at full scale."""
    scaled = np.clip(np.rint(samples * _SCALE), -_SCALE, _SCALE - 1)
    return bytes(scaled.astype("<i2").tobytes())

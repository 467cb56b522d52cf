"""Whatever holds sound, as mono samples: files, their bytes, arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import AudioError
from a2fbridge.audio._decode import decode

__all__ = ["AudioSource", "read_audio"]

AudioSource = str | Path | bytes | NDArray[Any]
"""A file (WAV, FLAC, OGG, MP3), its bytes, or samples [n] or [n, channels]: float in -1..1 or int16."""


def read_audio(audio: AudioSource, sample_rate: int | None = None) -> tuple[NDArray[np.float32], int]:
    """Return mono float samples [n] in -1..1 and their rate in Hz; raises AudioError.

    Files and file bytes bring their own rate; arrays need ``sample_rate``.
    """
    if not isinstance(audio, np.ndarray):
        return decode(audio)
    if not sample_rate or sample_rate < 1:
        raise AudioError(f"samples in an array need a sample rate in Hz; got {sample_rate}")
    return mono(audio), sample_rate


def mono(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Return [n] float samples of [n] or [n, channels], float or int16; raises AudioError."""
    if samples.ndim not in (1, 2):
        raise AudioError(f"samples must be [n] or [n, channels]; got shape {samples.shape}")
    if samples.dtype == np.int16:
        values = samples.astype(np.float32) / np.float32(32768.0)
    elif np.issubdtype(samples.dtype, np.floating):
        values = samples.astype(np.float32)
    else:
        raise AudioError(f"samples must be float in -1..1 or int16; got {samples.dtype}")
    if not np.isfinite(values).all():
        raise AudioError("samples hold values that are not finite (NaN or infinity)")
    return values if values.ndim == 1 else np.asarray(values.mean(axis=1, dtype=np.float32))

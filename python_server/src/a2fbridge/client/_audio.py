"""Sound as the wire wants it: 16-bit mono PCM at a rate that servers take."""

from __future__ import annotations

from typing import Final

from a2fbridge.audio import AudioSource, float_to_pcm16, read_audio, resample

__all__ = ["wire_audio"]

_MIN_RATE: Final = 16_000
_MAX_RATE: Final = 144_000


def wire_audio(source: AudioSource, sample_rate: int | None) -> tuple[bytes, int]:
    """Return PCM16 mono and its rate; rates outside 16-144 kHz are resampled to 16 or 48 kHz.  Raises AudioError."""
    samples, rate = read_audio(source, sample_rate)
    wanted = _MIN_RATE if rate < _MIN_RATE else 48_000 if rate > _MAX_RATE else rate
    return float_to_pcm16(resample(samples, rate, wanted)), wanted

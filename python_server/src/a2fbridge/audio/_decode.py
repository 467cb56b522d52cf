"""Sound files to mono samples, by libsndfile."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from a2fbridge._errors import AudioError

__all__: list[str] = []

MIN_RATE: Final = 8000
MAX_RATE: Final = 384_000
"""Sample rates of files, Hz."""
MAX_SECONDS: Final = 3600.0

_FORMATS: Final = frozenset({"WAV", "WAVEX", "RF64", "AIFF", "FLAC", "OGG", "MP3"})
_MAX_CHANNELS: Final = 64
_BLOCK: Final = 1 << 18
"""Values decoded at once, all channels together."""


class Sound(NamedTuple):
    """Decoded sound."""

    samples: NDArray[np.float32]
    """[n] mono, in [-1, 1]"""
    sample_rate: int
    """Hz"""


def decode(source: str | os.PathLike[str] | bytes, max_seconds: float = MAX_SECONDS) -> Sound:
    """Decode a WAV, FLAC, OGG or MP3 file, or the bytes of one.

    Channels are averaged and peaks beyond full scale clipped.  Raises AudioError when there is no such file,
    when it is no sound, holds no sample, NaN or infinity, is longer than ``max_seconds``, or has a rate
    outside 8 to 384 kHz.
    """
    name = "the sound" if isinstance(source, bytes) else f"'{os.fspath(source)}'"
    file = _open(source, name)
    with file:
        _check(file, name, max_seconds)
        samples = _read_mono(file, name, int(max_seconds * file.samplerate))
        rate = int(file.samplerate)
    finite = np.isfinite(samples)
    if not finite.all():
        place = int(np.argmin(finite))
        raise AudioError(
            f"{name}: sample {place} ({place / rate:.3f} s) is {samples[place]}; right is a number"
        )
    return Sound(np.clip(samples, -1.0, 1.0, out=samples), rate)


def _open(source: str | os.PathLike[str] | bytes, name: str) -> Any:
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise AudioError(f"{name} is not there, or no file; right is a WAV, FLAC, OGG or MP3 file")
    try:
        return soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else os.fspath(source))
    except (soundfile.LibsndfileError, TypeError, OSError) as error:
        why = getattr(error, "error_string", str(error)).rstrip(".")
        raise AudioError(f"{name} cannot be read ({why}); right is a WAV, FLAC, OGG or MP3 file") from None


def _check(file: Any, name: str, max_seconds: float) -> None:
    """Check what the header says, before anything is decoded."""
    if file.format not in _FORMATS:
        raise AudioError(f"{name} is a {file.format} file; right is WAV, FLAC, OGG or MP3")
    if not MIN_RATE <= file.samplerate <= MAX_RATE:
        raise AudioError(f"{name} has {file.samplerate} Hz; right is {MIN_RATE} to {MAX_RATE}")
    if file.channels > _MAX_CHANNELS:
        raise AudioError(f"{name} has {file.channels} channels; right is at most {_MAX_CHANNELS}")
    if file.frames > max_seconds * file.samplerate:
        length = file.frames / file.samplerate
        raise AudioError(f"{name} says it is {length:.0f} s long; right is at most {max_seconds:g} s")


def _read_mono(file: Any, name: str, limit: int) -> NDArray[np.float32]:
    """Decode all of a file [n], at most ``limit`` samples, whatever its header said."""
    blocks: list[NDArray[np.float32]] = []
    total = 0
    try:
        while len(block := file.read(_BLOCK // file.channels, dtype="float32", always_2d=True)):
            total += len(block)
            if total > limit:
                raise AudioError(f"{name} is longer than {limit / file.samplerate:g} s")
            blocks.append(block[:, 0] if file.channels == 1 else block.mean(axis=1, dtype=np.float32))
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{name} is damaged after {total} samples: {error}") from None
    if not total:
        raise AudioError(f"{name} holds no samples")
    return np.concatenate(blocks)

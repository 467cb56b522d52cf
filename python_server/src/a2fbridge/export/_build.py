"""From the arrays of a file to an Animation, with the checks that all formats share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConventionError, ParameterError, RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._files import MAX_NAMES
from a2fbridge.shapes import EMOTION_NAMES, Convention
from a2fbridge.timeline import FrameClock, parse_frame_rate

__all__ = [
    "agreed_convention",
    "animation_of",
    "check_convention",
    "check_names",
    "check_rate",
    "checked_rate",
    "rate_of",
]


def animation_of(
    *,
    path: str | Path,
    names: tuple[str, ...],
    convention: Convention,
    frame_rate: Fraction,
    weights: NDArray[np.float32],
    sample_indices: NDArray[np.int64] | None = None,
    emotions: NDArray[np.float32] | None = None,
    sample_rate: int = 16000,
    audio: NDArray[np.int16] | None = None,
    settings: Mapping[str, Any] | None = None,
    weightless: bool = False,
) -> Animation:
    """Return the animation; sample indices and emotions that the file lacks are filled in (emotions with NaN).

    ``weightless``: there may be no weights, because the file holds vertices.
    """
    if names or not weightless:
        check_names(path, names)
    if weights.shape[1:] != (len(names),):
        raise RecordingError(f"{path}: weights of shape {weights.shape} for {len(names)} names")
    count = len(weights)
    if sample_indices is None:
        clock = FrameClock(frame_rate, sample_rate)
        sample_indices = np.array([clock.sample_of(i) for i in range(count)], dtype=np.int64)
    if emotions is None:
        emotions = np.full((count, len(EMOTION_NAMES)), np.nan, dtype=np.float32)
    if sample_indices.shape != (count,) or emotions.shape != (count, len(EMOTION_NAMES)):
        raise RecordingError(f"{path}: {count} frames, but other arrays have a different length")
    if (np.diff(sample_indices) <= 0).any():
        raise RecordingError(f"{path}: sample indices do not increase")
    return Animation(
        names, convention, frame_rate, weights, sample_indices, emotions, sample_rate, audio, settings or {}
    )


def check_names(path: str | Path, names: Sequence[str]) -> None:
    """Raise RecordingError unless there are 1 to 4096 names, each once."""
    if not 0 < len(names) <= MAX_NAMES:
        raise RecordingError(f"{path}: {len(names)} names; right are 1 to {MAX_NAMES}")
    if len(set(names)) != len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise RecordingError(f"{path}: the name '{repeated}' appears twice")


def check_convention(path: str | Path, value: object) -> Convention:
    """Return the value if it is a convention."""
    if value == "a2f" or value == "arkit" or value == "target":
        return value
    raise RecordingError(f"{path}: convention {value!r} is unknown; right are a2f, arkit, target")


def agreed_convention(path: str | Path, said: Convention, wanted: Convention | None) -> Convention:
    """Return what the file says; raises ConventionError when something else is wanted."""
    if wanted is not None and wanted != said:
        raise ConventionError(
            f"{path}: the file is in convention {said}, not {wanted}; read it and convert it"
        )
    return said


def check_rate(path: str | Path, numerator: object, denominator: object) -> Fraction:
    """Return numerator / denominator as a frame rate if it is one."""
    if not (isinstance(numerator, int) and isinstance(denominator, int) and denominator > 0):
        raise RecordingError(f"{path}: the frame rate must be two whole numbers, numerator and denominator")
    return checked_rate(path, Fraction(numerator, denominator))


def checked_rate(path: str | Path, rate: float | Fraction) -> Fraction:
    """Return a frame rate that a file says; raises RecordingError when it is out of range."""
    try:
        return parse_frame_rate(rate)
    except ParameterError as error:
        raise RecordingError(f"{path}: {error}") from None


def rate_of(path: str | Path, times: NDArray[np.float64]) -> Fraction:
    """Return the frame rate of evenly spaced time codes: the simplest fraction that fits them to a millisecond."""
    if len(times) < 2 or not np.isfinite(times).all() or times[-1] <= times[0]:
        raise RecordingError(f"{path}: the time codes do not give a frame rate; pass frame_rate")
    mean = min((len(times) - 1) / float(times[-1] - times[0]), 1e6)
    steps = np.arange(len(times))
    for limit in (1, 2, 10, 1001):
        rate = Fraction(mean).limit_denominator(limit)
        if rate and np.abs(times - times[0] - steps / float(rate)).max() < 1e-3:
            return checked_rate(path, rate)
    frame = _first_uneven(times)
    text = f"{path}: frame {frame}: the time codes are not evenly spaced; pass frame_rate"
    raise RecordingError(text, frame=frame)


def _first_uneven(times: NDArray[np.float64]) -> int:
    """Return the first row that comes a millisecond or more off the usual step."""
    steps = np.diff(times)
    return int(np.argmax(np.abs(steps - np.median(steps)) >= 1e-3)) + 1

"""Blend-shape weights of a take, whatever file they stand in, as [N, 68] in NVIDIA's convention."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge import export, shapes
from a2fbridge._errors import nearest
from a2fbridge.animation import Animation
from a2fbridge.training.dataset._findings import Findings, stop

__all__ = ["Weights", "read_weights", "resample_rows"]

_IGNORED = frozenset(f"{p}{a}" for p in ("Head", "LeftEye", "RightEye") for a in ("Yaw", "Pitch", "Roll"))
"""Columns of Live Link Face that are rotations: gaze is in the EyeLook shapes, and heads must be still."""
_HIGH, _LOW = 1.5, -0.2
_BEYOND, _FRAMES_BEYOND = 0.1, 3
"""Weight, and frames, by which MouthClose may exceed JawOpen in Apple's convention: trackers are not exact."""


class Weights(NamedTuple):
    """A track of weights."""

    values: NDArray[np.float32]
    """[N, 68] in the order of ``shapes.FACE_NAMES``, ``a2f``; shapes that the file lacks are 0."""
    fps: float
    tongue: bool
    """Whether the file has tongue shapes."""


def read_weights(path: Path, convention: shapes.Convention, findings: Findings) -> Weights:
    """Read a track; ``convention`` is taken where the file does not say.  Raises Stop or an error of ``export``."""
    animation = _read(path, convention)
    for frame, seconds in animation.settings.get("gaps", ()):
        findings.error(path, f"{seconds:.3f} s are missing before it", "time codes without gaps", frame=frame)
    known = {name.lower(): i for i, name in enumerate(shapes.FACE_NAMES)}
    values = np.zeros((len(animation), len(shapes.FACE_NAMES)), np.float32)
    found = [known.get(name.lower()) for name in animation.names]
    for column, (name, place) in enumerate(zip(animation.names, found, strict=True)):
        if place is not None:
            values[:, place] = animation.weights[:, column]
            _check_range(path, shapes.FACE_NAMES[place], values[:, place], findings)
        elif name not in _IGNORED:
            findings.error(
                path,
                "is no known shape" + nearest(name, shapes.FACE_NAMES),
                "ARKit's and tongue names",
                place=name,
            )
    if not any(place is not None for place in found) or not len(animation):
        raise stop(
            path,
            "holds no weights of known shapes",
            "columns named as ARKit's 52 shapes or the 16 of the tongue",
        )
    tongue = any(place is not None and place >= len(shapes.ARKIT_NAMES) for place in found)
    if animation.convention == "arkit":
        _doubt_convention(path, values, findings)
    return Weights(shapes.convert(values, animation.convention, "a2f"), float(animation.frame_rate), tongue)


def resample_rows(values: NDArray[np.float32], fps: float, wanted: float) -> NDArray[np.float32]:
    """Return rows [M, ...] at another rate, linear in between."""
    times = np.arange(max(1, round(len(values) * wanted / fps))) * (fps / wanted)
    first = np.clip(times.astype(np.int64), 0, len(values) - 1)
    second = np.minimum(first + 1, len(values) - 1)
    part = (times - first).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[first] * (1 - part) + values[second] * part, np.float32)


def _read(path: Path, convention: shapes.Convention) -> Animation:
    if path.suffix.lower() == ".csv" and not export.is_livelink(path):
        return export.read_csv(path, convention=convention)
    return export.read(path)


def _doubt_convention(path: Path, values: NDArray[np.float32], findings: Findings) -> None:
    """Find lips that close further than the jaw is open, which Apple's convention does not know and NVIDIA's does."""
    beyond = values[:, shapes.INDEX["MouthClose"]] - values[:, shapes.INDEX["JawOpen"]]
    frames = np.flatnonzero(beyond > _BEYOND)
    if len(frames) >= _FRAMES_BEYOND:
        found = (
            f"exceeds JawOpen by {beyond[frames[0]]:.2f} ({len(frames)} frames): is this NVIDIA's convention?"
        )
        right = "Apple's (arkit); or say 'convention: a2f' in dataset.yaml"
        findings.warning(path, found, right, frame=int(frames[0]), place="MouthClose")


def _check_range(path: Path, name: str, column: NDArray[np.float32], findings: Findings) -> None:
    bad = np.flatnonzero(~np.isfinite(column))
    if len(bad):
        findings.error(
            path, f"is {column[bad[0]]} ({len(bad)} frames)", "a number", frame=int(bad[0]), place=name
        )
        return
    out = np.flatnonzero((column > _HIGH) | (column < _LOW))
    if len(out):
        worst = float(column[out[0]])
        findings.warning(
            path,
            f"is {worst:g} ({len(out)} frames)",
            "a weight of 0 to 1 (percent?)",
            frame=int(out[0]),
            place=name,
        )

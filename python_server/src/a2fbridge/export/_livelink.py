"""Live Link Face CSV, as the phone app writes it and Unreal's importer reads it (spec: mapping, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._apple import apple_weights
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._build import animation_of
from a2fbridge.export._csv import read_cells, read_rows

__all__ = ["LIVE_LINK_NAMES", "is_livelink", "live_link_timecode", "read_livelink", "write_livelink"]

_ROTATIONS: Final = tuple(
    f"{part}{axis}" for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll")
)
_SWAPPED: Final = {
    "JawLeft": "JawRight",
    "JawRight": "JawLeft",
    "MouthLeft": "MouthRight",
    "MouthRight": "MouthLeft",
}
LIVE_LINK_NAMES: Final = tuple(_SWAPPED.get(name, name) for name in shapes.ARKIT_NAMES) + _ROTATIONS
"""The 61 columns: ARKit's 52, but right before left for JawLeft/Right and MouthLeft/Right, then rotations."""

_COUNT: Final = "blendshapecount"
_TIME: Final = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})[:;](\d{1,2}(?:\.\d{1,9})?)", re.ASCII)
_DAY: Final = 86400.0
_RATES: Final = (24, 25, 30, 48, 50, 60, 90, 120)
_SLACK: Final = 0.03
"""Share by which the steps of a phone's clock may miss a usual rate; sixtieths step by about 1.002."""
_GAP: Final = 1.6
"""Steps of the clock from which time counts as missing."""


def is_livelink(path: str | Path) -> bool:
    """Return whether a CSV file begins as Live Link Face writes it."""
    try:
        with Path(path).open("rb") as file:
            cells = file.readline(4096).decode("utf-8-sig", "replace").lower().split(",")
    except OSError:
        return False
    return [cell.strip() for cell in cells[:2]] == ["timecode", _COUNT]


def read_livelink(path: str | Path, *, frame_rate: Fraction | None = None) -> Animation:
    """Read what the phone app or :func:`write_livelink` wrote: the columns by name, in Apple's convention.

    The phone's clock is not even: frames are put on an even grid (linear in between) at ``frame_rate``, by default
    the usual rate next to the recorded one.  ``settings["gaps"]`` lists (row, seconds) where time is missing before a
    row.  Raises RecordingError with the byte offset of the line.
    """
    rows = read_rows(Path(path))
    header = [name.strip() for name in rows[0][1]]
    if [name.lower() for name in header[:2]] != ["timecode", _COUNT] or len(rows) < 2:
        raise RecordingError(f"{path}: not a Live Link Face recording of one frame or more")
    seconds = _seconds(path, rows[1:])
    values = read_cells(Path(path), rows[1:], range(2, len(header)), len(header)).astype(np.float32)
    steps = np.diff(seconds)
    if (steps <= 0).any():
        late = int(np.argmax(steps <= 0)) + 1
        offset = rows[late + 1][0]
        text = f"{path}: frame {late}: the time code does not move on (byte {offset})"
        raise RecordingError(text, offset, late)
    step = float(np.median(steps)) if len(steps) else 1 / 60
    late_rows = np.flatnonzero(steps > _GAP * step)
    gaps = [(int(row) + 1, round(float(steps[row]) - step, 4)) for row in late_rows]
    rate = frame_rate or _usual(step)
    count = 1 + round(float(seconds[-1] - seconds[0]) * float(rate))
    times = seconds[0] + np.arange(count) / float(rate)
    even = np.stack([np.interp(times, seconds, column) for column in values.T], axis=1)
    return animation_of(
        path=path,
        names=tuple(header[2:]),
        convention="arkit",
        frame_rate=rate,
        weights=even.astype(np.float32),
        settings={"gaps": gaps} if gaps else {},
    )


def _seconds(path: str | Path, rows: Sequence[tuple[int, list[str]]]) -> NDArray[np.float64]:
    """Return the time of each row; the clock may pass midnight."""
    out = np.empty(len(rows))
    for i, (offset, cells) in enumerate(rows):
        match = _TIME.fullmatch(cells[0].strip())
        if match is None:
            raise RecordingError(f"{path}: byte {offset}: '{cells[0][:40]}' is no HH:MM:SS:FF.mmm", offset)
        hours, minutes, whole, frames = match.groups()
        out[i] = 3600 * int(hours) + 60 * int(minutes) + int(whole) + float(frames) / 60
    wraps = np.cumsum(np.diff(out, prepend=out[0]) < -_DAY / 2)
    return out + _DAY * wraps


def _usual(step: float) -> Fraction:
    """Return the usual rate next to a step in seconds, or the step's own in hundredths."""
    near = min(_RATES, key=lambda rate: abs(rate * step - 1))
    return Fraction(near) if abs(near * step - 1) <= _SLACK else Fraction(max(100, round(100 / step)), 100)


def write_livelink(animation: Animation, path: str | Path) -> None:
    """Write the 52 shapes in Apple's convention (converted when need be), rotations 0, ten decimals.

    Shapes that the animation lacks are 0; tongue shapes have no column.  Raises ConventionError after a mapping.
    """
    columns = _columns(animation)
    with atomic_file(path) as file:
        file.write(("Timecode,BlendshapeCount," + ",".join(LIVE_LINK_NAMES) + "\n").encode())
        for time, row in zip(_timecodes(animation), columns.tolist(), strict=True):
            cells = ",".join(f"{value:.10f}" for value in row)
            file.write(f"{time},{len(LIVE_LINK_NAMES)},{cells}\n".encode())


def _columns(animation: Animation) -> NDArray[np.float64]:
    """Return [N, 61] values in the order of the columns."""
    weights = apple_weights(animation, "Live Link")
    out = np.zeros((len(animation), len(LIVE_LINK_NAMES)))
    for i, name in enumerate(LIVE_LINK_NAMES[: len(shapes.ARKIT_NAMES)]):
        out[:, i] = weights[:, shapes.INDEX[name]]
    return out


def _timecodes(animation: Animation) -> Iterator[str]:
    return (live_link_timecode(i / animation.frame_rate) for i in range(len(animation)))


def live_link_timecode(seconds: Fraction) -> str:
    """Return ``HH:MM:SS:FF.mmm``: FF counts sixtieths of a second, mmm thousandths of one; a day wraps."""
    parts = int(seconds * 60000 + Fraction(1, 2))
    frames, thousandths = divmod(parts, 1000)
    whole, frame = divmod(frames, 60)
    return f"{whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}:{frame:02}.{thousandths:03}"

"""Live Link Face CSV, as the phone app writes it and Unreal's importer reads it (spec: mapping, section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.animation import Animation
from a2fbridge.export._apple import apple_weights
from a2fbridge.export._atomic import atomic_file

__all__ = ["LIVE_LINK_NAMES", "live_link_timecode", "write_livelink"]

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

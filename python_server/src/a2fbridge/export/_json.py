"""Animations as JSON in the layout of NVIDIA's Audio2Face application.

``{"exportFps", "trackPath", "numPoses", "numFrames", "facsNames", "weightMat", "joints", "rotations",
"translations"}`` is what its blend-shape export writes and what importers for Blender, Maya, Cinema 4D and the web
read; ``facsNames`` are in ARKit's spelling there.  Our own facts stand in the one extra key ``a2fbridge``, which
importers ignore.  A second layout, ``{"fps", "frame_count", "blendshape_names", "frames"}``, comes from a public
command-line tool around NVIDIA's SDK; it is read as well.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._build import (
    agreed_convention,
    animation_of,
    check_convention,
    check_rate,
    checked_rate,
)
from a2fbridge.export._files import MAX_TEXT, read_bounded
from a2fbridge.shapes import FACE_NAMES, Convention, camel_case

__all__ = ["read_json", "write_json"]

_PASCAL: Final[dict[str, str]] = {camel_case(name): name for name in FACE_NAMES}


def write_json(animation: Animation, path: str | Path, *, track: str = "") -> None:
    """Write the layout of the Audio2Face application; ``track`` is the path of the sound that it names."""
    rate = animation.frame_rate
    spelled = animation.convention == "target"
    names = animation.names if spelled else tuple(camel_case(name) for name in animation.names)
    head = {
        "exportFps": float(rate),
        "trackPath": track,
        "numPoses": len(names),
        "numFrames": len(animation),
        "facsNames": names,
    }
    own = {
        "convention": animation.convention,
        "frameRate": [rate.numerator, rate.denominator],
        "settings": dict(animation.settings),
    }
    with atomic_file(path) as file:
        parts = [f'  "{key}": {json.dumps(value)}' for key, value in head.items()]
        parts += [f'  "weightMat": [\n{_matrix(animation.weights)}\n  ]']
        parts += [f'  "{key}": []' for key in ("joints", "rotations", "translations")]
        parts += [f'  "a2fbridge": {json.dumps(own, sort_keys=True, default=str)}']
        file.write(("{\n" + ",\n".join(parts) + "\n}\n").encode())


def _matrix(weights: NDArray[np.float32]) -> str:
    """One line per frame; the shortest digits that give the float32 back, null for what is not a number."""
    cells = weights.astype(np.float32).astype(str)
    cells[~np.isfinite(weights)] = "null"
    return ",\n".join(f"    [{', '.join(row)}]" for row in cells)


def read_json(path: str | Path, *, convention: Convention | None = None) -> Animation:
    """Read either layout.  A file that does not say its convention is in ``convention``, by default ``a2f``.

    Raises RecordingError for a damaged file, ConventionError when the file says another convention.
    """
    data = read_bounded(Path(path), MAX_TEXT)
    try:
        value = json.loads(data)
    except json.JSONDecodeError as error:
        raise RecordingError(f"{path}: byte {error.pos}: {error.msg}", error.pos) from None
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RecordingError(f"{path}: not an object")
    own = value.get("a2fbridge")
    own = own if isinstance(own, dict) else {}
    names, rows, fps = _sdk_layout(path, value) if "frames" in value else _application_layout(value)
    return animation_of(
        path=path,
        names=_names(path, names),
        convention=_convention(path, own, convention),
        frame_rate=_rate(path, own.get("frameRate"), fps),
        weights=_weights(path, rows, len(names)),
        settings=own["settings"] if isinstance(own.get("settings"), dict) else {},
    )


def _convention(path: str | Path, own: dict[str, Any], wanted: Convention | None) -> Convention:
    if "convention" not in own:
        return wanted or "a2f"
    return agreed_convention(path, check_convention(path, own["convention"]), wanted)


def _application_layout(value: dict[str, Any]) -> tuple[Any, Any, Any]:
    return value.get("facsNames"), value.get("weightMat"), value.get("exportFps", 60)


def _sdk_layout(path: str | Path, value: dict[str, Any]) -> tuple[Any, Any, Any]:
    frames = value["frames"]
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        raise RecordingError(f"{path}: frames must be a list of objects")
    return value.get("blendshape_names"), [frame.get("weights") for frame in frames], value.get("fps")


def _names(path: str | Path, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RecordingError(f"{path}: the names (facsNames, blendshape_names) must be a list of text")
    return tuple(_PASCAL.get(str(name), str(name)) for name in names)


def _rate(path: str | Path, exact: Any, fps: Any) -> Fraction:
    if isinstance(exact, list) and len(exact) == 2:
        return check_rate(path, *exact)
    if isinstance(fps, bool) or not isinstance(fps, int | float):
        raise RecordingError(f"{path}: the frame rate (exportFps, fps) must be a number")
    return checked_rate(path, fps)


def _weights(path: str | Path, rows: Any, count: int) -> NDArray[np.float32]:
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == count for row in rows):
        raise RecordingError(f"{path}: the weights must be rows of {count} numbers")
    try:
        return np.array(rows, dtype=np.float32).reshape(len(rows), count)
    except (ValueError, TypeError, OverflowError) as error:
        raise RecordingError(f"{path}: the weights must be numbers: {error}") from None

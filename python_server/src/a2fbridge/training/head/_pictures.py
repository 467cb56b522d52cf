"""The pictures by which the head is judged: views, every shape at 1, closed mouths and blinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import ARKIT_NAMES, TONGUE_NAMES
from a2fbridge.training.head._draw import contact_sheet, named_weights, render, surfaces
from a2fbridge.training.head._head import Head
from a2fbridge.training.head._render import Camera, draw

__all__ = ["write_pictures"]

Image = NDArray[np.uint8]

_FACE = Camera((0.0, 0.8, 6.0), yaw=10.0, height=18.0)
_TONGUE_FRONT = Camera((0.0, -3.6, 9.0), pitch=5.0, height=9.0)
_TONGUE_SIDE = Camera((0.0, -3.6, 6.0), yaw=60.0, pitch=15.0, height=10.0)
_PORTRAITS: tuple[tuple[float, Mapping[str, float]], ...] = (
    (0.0, {}),
    (-32.0, {"MouthSmileLeft": 0.6, "MouthSmileRight": 0.6, "CheekSquintLeft": 0.4, "CheekSquintRight": 0.4}),
    (22.0, {"JawOpen": 0.3, "MouthStretchLeft": 0.2, "MouthStretchRight": 0.2, "BrowInnerUp": 0.5}),
    (0.0, {"MouthFunnel": 0.7, "JawOpen": 0.1}),
    (38.0, {"MouthPucker": 0.8}),
    (0.0, {"MouthClose": 0.2, "EyeBlinkLeft": 1.0, "EyeBlinkRight": 1.0}),
    (8.0, {"JawOpen": 0.35, "TongueTipUp": 0.8}),
    (-15.0, {"BrowDownLeft": 0.7, "BrowDownRight": 0.7, "NoseSneerLeft": 0.6, "NoseSneerRight": 0.6}),
)
"""Yaw and weights of the overview."""


def write_pictures(head: Head, folder: Path) -> list[Path]:
    """Write PNG files and return their paths.  Raises ImportError without Pillow."""
    from PIL import Image as Png

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, picture in _pictures(head):
        path = folder / f"{name}.png"
        Png.fromarray(picture).save(path, optimize=True)
        paths.append(path)
    return paths


def _pictures(head: Head) -> Iterator[tuple[str, Image]]:
    rest = named_weights({})
    yield (
        "views",
        contact_sheet([render(head, rest, v, (420, 460)) for v in ("front", "three_quarter", "side")], 3),
    )
    yield "head", contact_sheet([_portrait(head, yaw, weights) for yaw, weights in _PORTRAITS], 4)
    shapes = [render(head, named_weights({name: 1.0}), _FACE, (230, 250)) for name in ARKIT_NAMES]
    yield "shapes_1", contact_sheet(shapes[:28], 7)
    yield "shapes_2", contact_sheet(shapes[28:], 7)
    yield "tongue", contact_sheet([picture for name in TONGUE_NAMES for picture in _tongue(head, name)], 8)
    yield (
        "closing",
        contact_sheet([render(head, named_weights(w), "mouth", (260, 260)) for w in _closing()], 6),
    )
    lids = [named_weights({"EyeBlinkLeft": w, "EyeBlinkRight": w}) for w in (0.0, 0.3, 0.6, 1.0)]
    yield "blink", contact_sheet([render(head, w, "eyes", (520, 260)) for w in lids], 2)


def _portrait(head: Head, yaw: float, weights: Mapping[str, float]) -> Image:
    camera = Camera((0.0, 1.2, 5.0), yaw=yaw, pitch=3.0, height=20.0)
    return render(head, named_weights(weights), camera, (230, 260))


def _tongue(head: Head, name: str) -> Iterator[Image]:
    """Yield the shape without the skin, then through the open mouth."""
    weights = named_weights({name: 1.0, "JawOpen": 0.8})
    inside = [surface for surface in surfaces(head, weights)[1:] if not surface.double_sided]
    yield draw(
        [surface for surface in inside if surface.vertices[:, 1].max() < 0.5], _TONGUE_SIDE, (230, 200)
    )
    yield render(head, weights, _TONGUE_FRONT, (230, 200))


def _closing() -> Iterator[Mapping[str, float]]:
    """Yield mouths that open row by row, and are closed in the second row."""
    for opening in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0):
        yield {"JawOpen": opening}
    for opening in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0):
        yield {"MouthClose": opening}
    yield {"MouthPressLeft": 0.8, "MouthPressRight": 0.8}
    yield {"MouthRollLower": 0.8, "MouthRollUpper": 0.8}
    yield {"MouthClose": 0.2, "MouthPucker": 0.6}
    yield {"MouthClose": 0.2, "MouthRollLower": 0.5, "MouthRollUpper": 0.3}
    yield {"MouthClose": 0.3, "MouthSmileLeft": 0.6, "MouthSmileRight": 0.6}
    yield {"JawOpen": 0.1, "MouthRollLower": 0.8, "MouthUpperUpLeft": 0.3, "MouthUpperUpRight": 0.3}

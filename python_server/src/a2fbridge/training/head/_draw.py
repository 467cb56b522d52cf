"""Pictures of the head: portraits and contact sheets.  Needs Pillow only to write PNG files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.shapes import FACE_NAMES, INDEX
from a2fbridge.training.head._complexion import tongue_colours
from a2fbridge.training.head._head import Head
from a2fbridge.training.head._render import Camera, Surface, draw

__all__ = ["VIEWS", "contact_sheet", "named_weights", "render"]

Image = NDArray[np.uint8]

VIEWS: dict[str, Camera] = {
    "front": Camera((0.0, 1.2, 2.0), height=27.0),
    "three_quarter": Camera((0.0, 1.2, 2.0), yaw=35.0, pitch=4.0, height=27.0),
    "side": Camera((0.0, 1.2, 2.0), yaw=90.0, height=27.0),
    "face": Camera((0.0, 1.3, 6.0), yaw=8.0, pitch=2.0, height=18.0),
    "mouth": Camera((0.0, -3.2, 9.0), yaw=12.0, pitch=-2.0, height=9.5),
    "eyes": Camera((0.0, 4.2, 8.0), height=7.5),
    "tongue": Camera((0.0, -4.4, 8.0), yaw=38.0, pitch=12.0, height=9.5),
}
"""Cameras by name; yaw turns the camera to the subject's left."""
_GLOSS = {"teeth": (0.5, 60.0, 0.2), "eye": (1.4, 700.0, 0.3), "tongue": (0.15, 30.0, 0.5)}


def named_weights(values: Mapping[str, float]) -> NDArray[np.float32]:
    """Return 68 weights with the named ones set.  Raises ParameterError for an unknown name."""
    out = np.zeros(len(FACE_NAMES), np.float32)
    for name, value in values.items():
        if name not in INDEX:
            raise ParameterError(f"no shape is called '{name}'{nearest(name, FACE_NAMES)}")
        out[INDEX[name]] = value
    return out


def render(
    head: Head, weights: NDArray[np.float32], view: str | Camera = "face", size: tuple[int, int] = (400, 400)
) -> Image:
    """Return a picture [height, width, 3] of the head at weights [68] (convention a2f).

    ``size`` is (width, height); ``view`` a name of ``VIEWS`` or a camera of your own.
    """
    if isinstance(view, str):
        if view not in VIEWS:
            raise ParameterError(
                f"no view is called '{view}'{nearest(view, VIEWS)}; known: {', '.join(VIEWS)}"
            )
        view = VIEWS[view]
    return draw(surfaces(head, weights), view, size)


def surfaces(head: Head, weights: NDArray[np.float32]) -> list[Surface]:
    """Return everything that is to be drawn at weights [68]."""
    tongue = head.tongue(weights)
    out = [
        Surface(head.skin(weights), head.skin_faces, head.skin_colours, 0.10, 14.0, 0.9),
        Surface(tongue, head.tongue_faces, tongue_colours(head.tongue_neutral), *_GLOSS["tongue"]),
    ]
    for part in head.parts:
        gloss = _GLOSS.get(part.name.partition("_")[0], (0.05, 10.0, 0.3))
        posed = head.part(part, weights)
        out.append(Surface(posed, part.faces, part.colours, *gloss, double_sided=part.motion == "shapes"))
    return out


def contact_sheet(images: Iterable[Image], columns: int, gap: int = 4) -> Image:
    """Return the pictures, all of one size, in rows of ``columns``."""
    tiles = list(images)
    height, width = tiles[0].shape[:2]
    rows = -(-len(tiles) // columns)
    out = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for index, tile in enumerate(tiles):
        y, x = (index // columns) * (height + gap), (index % columns) * (width + gap)
        out[y : y + height, x : x + width] = tile
    return out

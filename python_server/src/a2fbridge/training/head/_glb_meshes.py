"""The head as separate meshes with targets in Apple's convention and joints: what a glTF file holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge.shapes import ARKIT_NAMES, FACE_NAMES, INDEX, arkit_to_a2f, camel_case
from a2fbridge.training.head._complexion import tongue_colours
from a2fbridge.training.head._head import Head, Part

__all__ = ["JOINTS", "STILL", "Mesh", "head_meshes"]

Floats = NDArray[np.float32]

JOINTS = ("root", "head", "jaw", "eye_right", "eye_left")
STILL = 4e-3
"""Offsets below this length in centimetres are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """One mesh of the file; lengths are centimetres."""

    name: str
    vertices: Floats
    faces: NDArray[np.int32]
    colours: Floats
    targets: dict[str, Floats]
    """Offsets [V, 3] by target name, centimetres."""
    joints: dict[str, Floats]
    """Weight [V] of each joint that holds the mesh; they sum to 1."""


def head_meshes(head: Head) -> list[Mesh]:
    """Return skin, tongue and the other parts."""
    return [_skin(head), _tongue(head), *(_part(head, part) for part in head.parts)]


def _apple(name: str) -> Floats:
    """Return the a2f weights [68] of one target at 1 in Apple's convention.

    ``mouthClose`` alone is the difference of NVIDIA's MouthClose and JawOpen, which no a2f weights clamp to.
    """
    weights = np.zeros(len(FACE_NAMES), np.float32)
    weights[INDEX[name]] = 1.0
    if name == "MouthClose":
        weights[INDEX["JawOpen"]] = -1.0
        return weights
    return arkit_to_a2f(weights)


def _skin(head: Head) -> Mesh:
    targets = {
        camel_case(n): head.skin(_apple(n)) - head.skin_neutral for n in ARKIT_NAMES if n != "TongueOut"
    }
    targets["tongueOut"] = head.skin_deltas[INDEX["TongueOut"]]
    jaw = _jaw_share(head, head.skin_neutral, head.skin_deltas[INDEX["JawOpen"]])
    return Mesh(
        "skin", head.skin_neutral, head.skin_faces, head.skin_colours, targets, {"head": 1 - jaw, "jaw": jaw}
    )


def _tongue(head: Head) -> Mesh:
    moved = {camel_case(n): head.tongue(_apple(n)) - head.tongue_neutral for n in FACE_NAMES}
    targets = {n: d for n, d in moved.items() if n.startswith("tongue") or np.abs(d).max() > STILL}
    jaw = _jaw_share(head, head.tongue_neutral, head.tongue_carried[INDEX["JawOpen"]])
    colours = tongue_colours(head.tongue_neutral)
    return Mesh(
        "tongue", head.tongue_neutral, head.tongue_faces, colours, targets, {"head": 1 - jaw, "jaw": jaw}
    )


def _part(head: Head, part: Part) -> Mesh:
    moved = {camel_case(n): head.part(part, _apple(n)) - part.vertices for n in ARKIT_NAMES}
    targets = {n: d for n, d in moved.items() if np.abs(d).max() > STILL}
    joint = part.motion if part.motion in JOINTS else "head"
    one = np.ones(len(part.vertices), np.float32)
    return Mesh(part.name, part.vertices, part.faces, part.colours, targets, {joint: one})


def _jaw_share(head: Head, vertices: Floats, offsets: Floats) -> Floats:
    """Return how much of the rigid jaw's opening each vertex follows, 0..1."""
    turn, shift = head.jaw_transform(_apple("JawOpen"))
    rigid = vertices @ turn.T + shift - vertices
    share = (offsets * rigid).sum(axis=1) / np.maximum((rigid**2).sum(axis=1), 0.05)
    return np.asarray(np.clip(share, 0.0, 1.0), np.float32)

"""How far two ways of animating one recording are apart: two packs, two backends, two solvers, two identities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._api import Engine
from a2fbridge._errors import ParameterError
from a2fbridge._resources import data_dir
from a2fbridge.animation import Animation
from a2fbridge.audio import AudioSource

__all__ = ["Difference", "compare", "compare_animations"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One channel of two animations."""

    name: str
    """A blend shape, ``jaw translation``, ``jaw rotation``, ``eyes``, ``skin`` or ``tongue``."""
    unit: str
    """Empty for weights; ``cm`` or ``degrees``."""
    maximum: float
    mean: float
    """Of the absolute differences."""
    seconds: float
    """Time of the frame with the greatest difference."""


def compare(
    first: dict[str, Any], second: dict[str, Any], audio: AudioSource | None = None, **options: Any
) -> list[Difference]:
    """Animate a recording twice and compare channel by channel.

    ``first`` and ``second`` say what differs: ``pack``, ``backend``, ``solver``, ``threads`` (of :meth:`Engine.open`)
    and ``identity``.  ``options`` are those of :meth:`Engine.animate`, for both.  The recording is by default the
    sample that ships.  Raises what opening and animating raise, and ParameterError when there is nothing to compare.
    """
    source = data_dir() / "samples" / "hello.wav" if audio is None else audio
    return compare_animations(_made(first, source, options), _made(second, source, options))


def _made(side: dict[str, Any], audio: AudioSource, options: dict[str, Any]) -> Animation:
    opening = {name: value for name, value in side.items() if name != "identity"}
    pack: str | Path = opening.pop("pack", "builtin")
    with Engine.open(pack, **opening) as engine:
        return engine.animate(audio, rig=True, identity=side.get("identity", ""), **options)


def compare_animations(first: Animation, second: Animation) -> list[Difference]:
    """Return what both have: weights by name, then jaw, eyes and vertices; raises ParameterError for clips that differ.

    Clips must have the same frames; meshes of different size are left out.
    """
    if first.frame_rate != second.frame_rate or len(first) != len(second) or not len(first):
        raise ParameterError(
            f"{len(first)} frames at {first.frame_rate} and {len(second)} at {second.frame_rate} cannot be compared; "
            "right are clips of the same frames"
        )
    if first.convention != second.convention:
        raise ParameterError(f"the clips are in conventions {first.convention} and {second.convention}")
    seconds = first.time_codes
    found = [
        _difference(name, "", np.abs(first.curve(name) - second.curve(name)), seconds)
        for name in first.names
        if name in second.names
    ]
    if first.jaw is not None and second.jaw is not None:
        moved = np.linalg.norm(first.jaw[:, :3, 3] - second.jaw[:, :3, 3], axis=1)
        found.append(_difference("jaw translation", "cm", moved, seconds))
        found.append(_difference("jaw rotation", "degrees", _angle(first.jaw, second.jaw), seconds))
    if first.eyes is not None and second.eyes is not None:
        turned = np.abs(first.eyes - second.eyes).max(axis=(1, 2))
        found.append(_difference("eyes", "degrees", turned, seconds))
    for name in ("skin", "tongue"):
        a, b = getattr(first, name), getattr(second, name)
        if a is not None and b is not None and a.shape == b.shape and a.size:
            found.append(_difference(name, "cm", np.linalg.norm(a - b, axis=2).max(axis=1), seconds))
    if not found:
        raise ParameterError("the clips have no channel in common")
    return found


def _angle(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return [N] degrees between rotations of [N, 4, 4] transforms."""
    a, b = first[:, :3, :3].astype(np.float64), second[:, :3, :3].astype(np.float64)
    # By the chord: the arc cosine of the trace would lose small angles to rounding.
    chord = np.linalg.norm(a - b, axis=(1, 2)) / np.sqrt(8.0)
    return np.asarray(np.rad2deg(2.0 * np.arcsin(np.clip(chord, 0.0, 1.0))))


def _difference(name: str, unit: str, apart: NDArray[Any], seconds: NDArray[np.float64]) -> Difference:
    worst = int(np.argmax(apart))
    return Difference(name, unit, float(apart[worst]), float(apart.mean()), float(seconds[worst]))

"""A prepared folder, opened: small things in memory, arrays left on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import DatasetError
from a2fbridge.packs import Fault, map_array, open_archive

__all__ = ["Prepared", "PreparedTake", "load_prepared"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PreparedTake:
    """One take of a prepared folder."""

    name: str
    frames: int
    emotion: str
    """A name of ``Prepared.emotions``, or neutral."""
    language: str
    split: str
    """``train`` or ``validation``."""
    norm_factor: float
    """Peak of the original voice, 1 for near silence."""
    voices: tuple[str, ...]
    """``original`` first."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What :func:`prepare` made; arrays are memory-mapped when asked for."""

    folder: Path
    info: dict[str, Any]
    """``prepared.json``, whole."""
    takes: tuple[PreparedTake, ...]

    @property
    def fps(self) -> float:
        return float(self.info["fps"])

    @property
    def emotions(self) -> tuple[str, ...]:
        """Explicit emotions in the network's order, without neutral."""
        return tuple(self.info["emotions"])

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of skin, tongue, jaw and eye values, in the order of the targets' columns."""
        return {name: int(self.info["shapes"][name]) for name in ("skin", "tongue", "jaw", "eyes")}

    def targets(self, take: str) -> Floats:
        """Return [N, S + T + J + 4] of a take."""
        return self._array(Path("targets") / f"{take}.npy")

    def audio(self, take: str, voice: str = "original") -> Floats:
        """Return [samples] at 16 kHz, mono; sample 0 is the beginning of frame 0."""
        return self._array(Path("audio") / ("" if voice == "original" else voice) / f"{take}.npy")

    def model_data(self) -> dict[str, Floats]:
        """Return the arrays of ``model_data.npz``."""
        return self._archive("model_data.npz")

    def regions(self) -> dict[str, NDArray[np.int32]]:
        """Return the vertices of lips and lids by name; empty when they are not known."""
        return self._archive("regions.npz")

    def _array(self, name: Path) -> Floats:
        try:
            return map_array(self.folder / name)
        except Fault as error:
            raise DatasetError(f"{self.folder / name}: {error}; run train prepare again") from None

    def _archive(self, name: str) -> dict[str, Any]:
        try:
            with open_archive(self.folder / name) as archive:
                return {array: archive.numbers(array) for array in archive}
        except Fault as error:
            raise DatasetError(f"{self.folder / name}: {error}; run train prepare again") from None


def load_prepared(out: str | Path) -> Prepared:
    """Open a prepared folder; raises DatasetError when it is none, or not finished."""
    folder = Path(out)
    try:
        info = json.loads((folder / "prepared.json").read_bytes())
    except (OSError, ValueError):
        raise DatasetError(
            f"{out} is no prepared folder, or its preparation did not end: run train prepare"
        ) from None
    if info.get("format") != 1:
        raise DatasetError(
            f"{out}: prepared format {info.get('format')!r}; this version reads 1: run train prepare again"
        )
    fields = PreparedTake.__slots__
    takes = (
        PreparedTake(**{name: take[name] for name in fields} | {"voices": tuple(take["voices"])})
        for take in info["takes"]
    )
    return Prepared(folder, info, tuple(takes))

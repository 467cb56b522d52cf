"""A prepared dataset in memory: takes with their sound and coefficients, the bases they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.training.networks import Sizes

__all__ = ["Prepared", "Take", "open_prepared"]

ORIGINAL = "original"


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One take: targets [N, R] and the same words in one voice or more, at 16 kHz."""

    name: str
    emotion: str
    language: str
    split: str
    norm_factor: float
    targets: NDArray[np.float32]
    voices: Mapping[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What ``train prepare`` wrote."""

    folder: Path
    about: dict[str, Any]
    takes: tuple[Take, ...]
    model: Mapping[str, NDArray[Any]]
    """Arrays of ``model_data.npz``."""
    regions: Mapping[str, NDArray[Any]]

    @property
    def fps(self) -> float:
        """Return frames per second."""
        return float(self.about["fps"])

    @property
    def emotions(self) -> tuple[str, ...]:
        """Return the names of the explicit emotions, neutral left out."""
        return tuple(self.about["emotions"])

    @property
    def sizes(self) -> Sizes:
        """Return how many values a frame has."""
        shapes = self.about["shapes"]
        skin, tongue, jaw, eyes = (int(shapes[name]) for name in ("skin", "tongue", "jaw", "eyes"))
        return Sizes(skin, tongue, jaw, eyes, len(self.emotions))

    @property
    def identity(self) -> str:
        """Return the hash of what was prepared."""
        return str(self.about["dataset"])

    def explicit(self, emotion: str) -> NDArray[np.float32]:
        """Return the explicit vector of a take's emotion; neutral is zero."""
        return np.array([name == emotion for name in self.emotions], np.float32)

    def split(self, name: str) -> tuple[Take, ...]:
        """Return the takes for ``train`` or ``validation``."""
        return tuple(take for take in self.takes if take.split == name)


def open_prepared(folder: Path) -> Prepared:
    """Open a prepared folder; targets and sound stay on disk until they are used.  Raises ConfigError."""
    try:
        about = json.loads((folder / "prepared.json").read_text())
        if about["format"] != 1:
            raise ConfigError(f"{folder}: format {about['format']} of a prepared dataset; right is 1")
        takes = tuple(_take(folder, take) for take in about["takes"])
        return Prepared(
            folder, about, takes, _arrays(folder / "model_data.npz"), _arrays(folder / "regions.npz")
        )
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{folder}: not a prepared dataset ({error}): run `train prepare`") from None


def _take(folder: Path, about: dict[str, Any]) -> Take:
    name = about["name"]
    paths = {
        voice: folder / "audio" / ("" if voice == ORIGINAL else voice) / f"{name}.npy"
        for voice in about["voices"]
    }
    return Take(
        name, about["emotion"], about["language"], about["split"], float(about["norm_factor"]),
        np.load(folder / "targets" / f"{name}.npy", mmap_mode="r"),
        {voice: np.load(path, mmap_mode="r") for voice, path in paths.items()},
    )  # fmt: skip


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        return {}
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}

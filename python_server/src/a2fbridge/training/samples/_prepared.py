"""A prepared dataset as training sees it: takes with their sound and coefficients, the bases they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.dataset import Prepared as Folder
from a2fbridge.training.dataset import PreparedTake, load_prepared
from a2fbridge.training.networks import Sizes, Units

__all__ = ["ORIGINAL", "Prepared", "Take", "open_prepared"]

ORIGINAL = "original"


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One take: targets [N, R] and the same words in one voice or more, at 16 kHz; muted ones have no voice."""

    name: str
    emotion: str
    language: str
    split: str
    targets: NDArray[np.float32]
    voices: Mapping[str, NDArray[np.float32]]
    peaks: Mapping[str, float]
    """Of each voice its peak, 1 for near silence."""

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What ``train prepare`` wrote, with what training reads of it."""

    folder: Path
    about: Mapping[str, Any]
    """``prepared.json``, whole."""
    fps: float
    emotions: tuple[str, ...]
    """Names of the explicit emotions, neutral left out."""
    sizes: Sizes
    takes: tuple[Take, ...]
    model: Mapping[str, NDArray[Any]]
    """Arrays of ``model_data.npz``."""
    regions: Mapping[str, NDArray[Any]]

    @property
    def identity(self) -> str:
        """Return the hash of what was prepared."""
        return str(self.about["dataset"])

    def explicit(self, emotion: str) -> NDArray[np.float32]:
        """Return the explicit vector of a take's emotion; neutral is zero."""
        return np.array([name == emotion for name in self.emotions], np.float32)

    def units(self) -> Units:
        """Return mean and spread of the training takes; what hardly moves gets a thousandth of the largest."""
        targets = [np.asarray(take.targets, np.float64) for take in self.split("train")]
        count = sum(len(part) for part in targets)
        centre = sum(part.sum(axis=0) for part in targets) / count
        spread = np.sqrt(sum(np.square(part - centre).sum(axis=0) for part in targets) / count)
        unit = np.maximum(spread, 1e-3 * max(float(spread.max()), 1e-9))
        return Units(unit.astype(np.float32), np.asarray(centre, np.float32))

    def split(self, name: str) -> tuple[Take, ...]:
        """Return the takes for ``train`` or ``validation``."""
        return tuple(take for take in self.takes if take.split == name)


def open_prepared(path: Path) -> Prepared:
    """Open a prepared folder; targets and sound stay on disk until they are used.  Raises DatasetError."""
    folder = load_prepared(path)
    return Prepared(
        path,
        folder.info,
        folder.fps,
        folder.emotions,
        Sizes(**folder.sizes, emotions=len(folder.emotions)),
        tuple(
            _take(folder, take, about.get("voice_norm_factors", {}))
            for take, about in zip(folder.takes, folder.info["takes"], strict=True)
        ),
        folder.model_data(),
        folder.regions(),
    )


def _take(folder: Folder, take: PreparedTake, others: Mapping[str, float]) -> Take:
    voices = {voice: folder.audio(take.name, voice) for voice in take.voices}
    peaks = {voice: float(others.get(voice, take.norm_factor)) for voice in take.voices}
    return Take(take.name, take.emotion, take.language, take.split, folder.targets(take.name), voices, peaks)

"""Soft phoneme targets that a user supplies: ``TAKE.npy`` [steps of 20 ms, phonemes], class 0 being silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.training.samples._prepared import Prepared

__all__ = ["PhonemeTargets"]

_STEP = 320
_STEPS = np.arange(25)


class PhonemeTargets:
    """Targets by take.  Raises ConfigError for files that are missing, of a wrong shape or no probabilities."""

    def __init__(self, folder: Path, prepared: Prepared) -> None:
        self._of: dict[str, NDArray[np.float32]] = {}
        counts: dict[str, int] = {}
        for take in prepared.split("train"):
            path = folder / f"{take.name}.npy"
            try:
                found = np.load(path)
            except (OSError, ValueError) as error:
                raise ConfigError(f"{path}: soft targets cannot be read: {error}") from None
            right = found.ndim == 2 and len(found) and np.allclose(found.sum(axis=1), 1.0, atol=1e-2)
            count = counts.setdefault(take.language, found.shape[-1])
            if not right or found.shape[1] != count or found.min() < 0:
                raise ConfigError(
                    f"{path}: right are rows of {count} probabilities (as the language's first take has) that add to 1"
                )
            self._of[take.name] = found.astype(np.float32)
        self.counts = tuple(sorted(counts.items()))
        """Languages with their number of phonemes."""

    def around(self, take: str, language: str, first: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return targets [N, 25, P] of windows that begin at samples ``first``; outside there is silence."""
        silence = np.eye(1, dict(self.counts)[language], dtype=np.float32)
        table = np.concatenate([silence, self._of[take], silence]) if take in self._of else silence
        step = np.round((first[:, None] + _STEP * _STEPS + _STEP // 2) / _STEP).astype(np.int64)
        return table[np.clip(step + 1, 0, len(table) - 1)]

"""A front end's features of every training frame, computed once and kept on disk as half floats."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import atomic_file
from a2fbridge.training._config import Progress
from a2fbridge.training.config import ReferenceConfig
from a2fbridge.training.networks import FrontEnd
from a2fbridge.training.samples._prepared import Prepared, Take
from a2fbridge.training.samples._windows import starts, windows

__all__ = ["FeatureCache"]

_CHUNK = 16


class FeatureCache:
    """Features [N, 25, 768] by take, voice and time shift; sound is divided by the take's peak before."""

    def __init__(self, folder: Path, network: ReferenceConfig, prepared: Prepared, frame_time: float) -> None:
        source, level = network.front_end, network.level
        self.front_end = FrontEnd(source, level)
        self._prepared, self._frame_time = prepared, frame_time
        with Path(source.partition(":")[2]).open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
        self._folder = (
            folder
            / hashlib.sha256(f"{key} {level} {prepared.identity} {frame_time}".encode()).hexdigest()[:16]
        )
        self._open: dict[str, NDArray[np.float16]] = {}

    def fill(self, takes: tuple[Take, ...], shifts: NDArray[np.float64], progress: Progress) -> None:
        """Compute what is not there yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        work = [(take, voice, float(shift)) for take in takes for voice in take.voices for shift in shifts]
        for number, (take, voice, shift) in enumerate(work):
            path = self._path(take.name, voice, shift)
            if not path.is_file():
                progress(f"front end: {take.name}, {voice}, shift {shift:+.2f}", number / len(work))
                self._compute(path, take, voice, shift)
            self._open[path.name] = np.load(path, mmap_mode="r")

    def _path(self, take: str, voice: str, shift: float) -> Path:
        return self._folder / f"{take}@{voice}@{shift:+.3f}.npy"

    def _compute(self, path: Path, take: Take, voice: str, shift: float) -> None:
        first = starts(np.arange(len(take)) + self._frame_time + shift, self._prepared.fps)
        sound = take.voices[voice]
        parts = [
            self.front_end(windows(sound, first[i : i + _CHUNK]) / np.float32(take.peaks[voice])).astype(
                np.float16
            )
            for i in range(0, len(first), _CHUNK)
        ]
        with atomic_file(path) as file:
            np.save(file, np.concatenate(parts))

    def get(self, take: str, voice: str, shift: float, frame: int, count: int) -> NDArray[np.float32]:
        """Return features [count, 25, 768] of neighbouring frames."""
        return np.asarray(self._open[self._path(take, voice, shift).name][frame : frame + count], np.float32)

"""Batches of short sequences: every sequence of every training take once an epoch, varied anew each time."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._graph import WINDOW
from a2fbridge.training.config import MutedConfig, SampleConfig
from a2fbridge.training.samples._features import FeatureCache
from a2fbridge.training.samples._muted import calmest, microphone_noise, muted_takes
from a2fbridge.training.samples._phonemes import PhonemeTargets
from a2fbridge.training.samples._prepared import ORIGINAL, Prepared, Take
from a2fbridge.training.samples._windows import between, starts, windows

__all__ = ["Sampler", "Samples"]

Floats = NDArray[np.float32]


class Samples(NamedTuple):
    """A batch of B sequences of L frames."""

    windows: Floats
    """[B, L, 8320] sound."""
    explicit: Floats
    """[B, E] explicit emotions."""
    rows: NDArray[np.int64]
    """[B, L] rows of the implicit table."""
    targets: Floats
    """[B, L, R]"""
    features: Floats | None
    """[B, L, 25, 768] of a front end."""
    phonemes: dict[str, tuple[NDArray[np.int64], Floats]]
    """By language: which sequences, and their soft targets [n, L, 25, P]."""


class Sampler:
    """Draws batches from a prepared dataset; everything random comes from the generator it is handed."""

    def __init__(
        self,
        prepared: Prepared,
        config: SampleConfig,
        muted: MutedConfig,
        seed: int,
        features: FeatureCache | None = None,
        phonemes: PhonemeTargets | None = None,
        shifts: int = 0,
    ) -> None:
        self._prepared, self._config, self._muted = prepared, config, muted
        self._seed, self.features, self.phonemes = seed, features, phonemes
        self.takes = prepared.split("train") + muted_takes(prepared, muted)
        held_out = set(config.held_out_voices)
        known = {voice for take in prepared.takes for voice in take.voices}
        for voice in held_out - known:
            raise ConfigError(f"held_out_voices: no voice '{voice}'{nearest(voice, known)}")
        self._voices = [[v for v in take.voices if v not in held_out] for take in self.takes]
        lengths = np.array([len(take) for take in self.takes])
        self.first_rows = np.cumsum(lengths) - lengths
        """Of each take the first row of the implicit table."""
        self.rows = int(lengths.sum())
        usable = [
            (t, f)
            for t, take in enumerate(self.takes)
            for f in range(len(take) - config.sequence + 1)
            if self._voices[t] or not take.voices
        ]
        if not any(take.voices for take in self.takes):
            raise ConfigError(f"{prepared.folder}: no take is left for training; see the takes' split")
        self._index = np.array(usable, np.int64)
        grid = np.linspace(-0.5, 0.5, shifts) if shifts > 1 else np.zeros(1)
        self.shifts = grid * config.time_shift if shifts else None
        """The time shifts that are used, in frames, or None for any."""
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    @property
    def count(self) -> int:
        """Return the sequences of an epoch."""
        return len(self._index)

    @cached_property
    def source_row(self) -> int:
        """Return the row that stands for a calm neutral face: of a muted neutral take, or the calmest frame."""
        neutral = [t for t, take in enumerate(self.takes) if take.emotion not in self._prepared.emotions]
        muted = [t for t in neutral or range(len(self.takes)) if not self.takes[t].voices]
        if muted:
            return int(self.first_rows[muted[0]])
        spoken = [(*calmest(self.takes[t], self._prepared.fps), t) for t in neutral or range(len(self.takes))]
        _, frame, take = min(spoken)
        return int(self.first_rows[take]) + frame

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Samples:
        """Return the batch of a step; the order of an epoch is decided by seed and epoch."""
        places = step * size + np.arange(size)
        chosen = [
            self._ordered(int(epoch))[place] for epoch, place in zip(*divmod(places, self.count), strict=True)
        ]
        return self._collect(
            [self._sequence(int(self._index[i, 0]), int(self._index[i, 1]), rng) for i in chosen]
        )

    def _ordered(self, epoch: int) -> NDArray[np.int64]:
        if epoch != self._epoch:
            self._order = np.random.default_rng([self._seed, 17, epoch]).permutation(self.count)
            self._epoch = epoch
        return self._order

    def _sequence(self, take_number: int, frame: int, rng: np.random.Generator) -> tuple[object, ...]:
        """Return what :meth:`_collect` puts together, for one sequence."""
        config, take, length = self._config, self.takes[take_number], self._config.sequence
        shift = float(rng.uniform(-0.5, 0.5) * config.time_shift)
        if self.shifts is not None:
            shift = float(self.shifts[rng.integers(len(self.shifts))])
        frames = frame + np.arange(length) + shift
        first = starts(frames + config.frame_time, self._prepared.fps)
        features = None
        if take.voices:
            voice = self._voice(take_number, rng)
            gain = 10 ** (rng.uniform(config.softest, config.loudest) / 20) / take.peaks[voice]
            sound = windows(take.voices[voice], first) * np.float32(gain)
            if self.features:
                features = self.features.get(take.name, voice, shift, frame, length)
        else:
            sound = self._mute(first, rng)
            if self.features:
                features = self.features.front_end(sound)
        rows = self.first_rows[take_number] + frame + np.arange(length)
        return take, sound, rows, between(take.targets, frames), features, first

    def _voice(self, take: int, rng: np.random.Generator) -> str:
        voices = self._voices[take]
        others = [voice for voice in voices if voice != ORIGINAL]
        if others and (ORIGINAL not in voices or rng.random() < self._config.other_voices):
            return others[rng.integers(len(others))]
        return voices[0]

    def _mute(self, first: NDArray[np.int64], rng: np.random.Generator) -> Floats:
        """Return silence or noise [L, 8320]; neighbouring windows share their noise."""
        if self._muted.noise == "silence" or rng.random() < 0.5:
            return np.zeros((len(first), WINDOW), np.float32)
        noise = microphone_noise(int(first[-1] - first[0]) + WINDOW, rng)
        return windows(noise * np.float32(self._muted.scale * rng.random()), first - first[0])

    def _collect(self, parts: list[tuple[object, ...]]) -> Samples:
        takes, sound, rows, targets, features, first = zip(*parts, strict=True)
        spoken: dict[str, tuple[NDArray[np.int64], Floats]] = {}
        if self.phonemes:
            for language, _ in self.phonemes.counts:
                which = [i for i, take in enumerate(takes) if take.language == language]
                if which:
                    around = [self.phonemes.around(takes[i].name, language, first[i]) for i in which]
                    spoken[language] = (np.array(which), np.stack(around))
        return Samples(
            np.stack(sound),
            np.stack([self._prepared.explicit(take.emotion) for take in takes]),
            np.stack(rows),
            np.stack(targets),
            np.stack(features) if self.features else None,
            spoken,
        )

    def validation(self, most: int) -> dict[str, list[tuple[Take, str, NDArray[np.int64]]]]:
        """Return (take, voice, first frames) to look at, by group: ``""`` and each voice held out.

        About ``most`` sequences of two frames a group.  Voices held out are heard on validation takes, or on all where
        there are none.
        """
        takes = self._prepared.split("validation")
        groups = {"": [(take, ORIGINAL) for take in takes if ORIGINAL not in self._config.held_out_voices]}
        for voice in self._config.held_out_voices:
            groups[voice] = [(take, voice) for take in takes or self._prepared.takes if voice in take.voices]
        found = {}
        for group, pairs in groups.items():
            frames = sum(len(take) - 1 for take, _ in pairs)
            step = max(1, frames // most)
            if pairs:
                found[group] = [(take, voice, np.arange(0, len(take) - 1, step)) for take, voice in pairs]
        return found

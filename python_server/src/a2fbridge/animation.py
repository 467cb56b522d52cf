"""A frame of facial animation, and a whole clip of it: the values every other room hands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes

__all__ = ["Animation", "Frame"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame, named by its place in the audio."""

    index: int
    """Frame number from 0."""
    sample_index: int
    """First audio sample of the frame, at the model's sample rate (16 kHz)."""
    time_code: float
    """Seconds: index / frame rate."""
    weights: NDArray[np.float32]
    """[K] weights in the order of the stream's names."""
    emotions: NDArray[np.float32]
    """[10] emotion values that drove the face."""
    jaw: NDArray[np.float32] | None = None
    """[4, 4] rigid transform of the lower teeth, column vectors, centimetres; None when not asked for."""
    eyes: NDArray[np.float32] | None = None
    """[2, 3] eye rotations in degrees, right eye first; None when not asked for."""
    skin: NDArray[np.float32] | None = None
    """[Vs, 3] skin vertices, centimetres; None when not asked for."""
    tongue: NDArray[np.float32] | None = None
    """[Vt, 3] tongue vertices; None when not asked for."""
    heard: NDArray[np.float32] | None = None
    """[10] emotions before smoothing and strength: heard, mixed with what is preferred; None when not asked for."""


@dataclass(frozen=True, eq=False)
class Animation:
    """A clip: N frames of K named weights in one convention."""

    names: tuple[str, ...]
    """[K] blend-shape names (PascalCase), or curve names after a mapping."""
    convention: shapes.Convention
    """``a2f``, ``arkit``, or ``target`` after a mapping."""
    frame_rate: Fraction
    weights: NDArray[np.float32]
    """[N, K]"""
    sample_indices: NDArray[np.int64]
    """[N] first audio sample of each frame, strictly increasing."""
    emotions: NDArray[np.float32]
    """[N, 10]; NaN where not known."""
    sample_rate: int = 16000
    audio: NDArray[np.int16] | None = None
    """[samples] mono at ``sample_rate``, when it was kept."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What was in force: pack, solver, parameters, server."""
    jaw: NDArray[np.float32] | None = None
    """[N, 4, 4] rigid transforms of the lower teeth, when asked for."""
    eyes: NDArray[np.float32] | None = None
    """[N, 2, 3] eye rotations in degrees, right eye first, when asked for."""
    skin: NDArray[np.float32] | None = None
    """[N, Vs, 3] skin vertices in centimetres, when asked for."""
    tongue: NDArray[np.float32] | None = None
    """[N, Vt, 3] tongue vertices in the space of the lower teeth (apply ``jaw``), when asked for."""

    def __len__(self) -> int:
        return len(self.weights)

    def __iter__(self) -> Iterator[Frame]:
        for i, time in enumerate(self.time_codes):
            more = {name: values[i] for name, values in self.extras().items()}
            yield Frame(
                i, int(self.sample_indices[i]), float(time), self.weights[i], self.emotions[i], **more
            )

    def extras(self) -> dict[str, NDArray[np.float32]]:
        """Return what was asked for beyond the weights: some of ``jaw``, ``eyes``, ``skin`` and ``tongue``."""
        named = {"jaw": self.jaw, "eyes": self.eyes, "skin": self.skin, "tongue": self.tongue}
        return {name: values for name, values in named.items() if values is not None}

    @classmethod
    def from_frames(
        cls,
        frames: Sequence[Frame],
        names: tuple[str, ...],
        frame_rate: Fraction,
        *,
        convention: shapes.Convention = "a2f",
        audio: NDArray[np.int16] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Animation:
        """Join frames into a clip."""
        weights = np.array([f.weights for f in frames], np.float32).reshape(len(frames), len(names))
        emotions = np.array([f.emotions for f in frames], np.float32).reshape(
            len(frames), len(shapes.EMOTION_NAMES)
        )
        extras: dict[str, Any] = {
            name: np.array([getattr(f, name) for f in frames], np.float32)
            for name in ("jaw", "eyes", "skin", "tongue")
            if frames and getattr(frames[0], name) is not None
        }
        return cls(
            names=names,
            convention=convention,
            frame_rate=frame_rate,
            weights=weights,
            sample_indices=np.array([f.sample_index for f in frames], np.int64),
            emotions=emotions,
            audio=audio,
            settings=settings or {},
            **extras,
        )

    @property
    def time_codes(self) -> NDArray[np.float64]:
        """[N] seconds: index / frame rate."""
        return (
            np.arange(len(self), dtype=np.float64) * self.frame_rate.denominator / self.frame_rate.numerator
        )

    @property
    def duration(self) -> float:
        """Seconds from the start of the first frame to the end of the last."""
        return float(len(self) / self.frame_rate)

    def curve(self, name: str) -> NDArray[np.float32]:
        """Return the [N] weights of one name; KeyError when there is none."""
        try:
            return self.weights[:, self.names.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def to_convention(self, convention: shapes.Convention) -> Animation:
        """Return the clip in ``a2f`` or ``arkit``; raises ConventionError after a mapping."""
        weights = shapes.convert(self.weights, self.convention, convention)
        return replace(self, weights=weights, convention=convention)

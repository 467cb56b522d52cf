"""What each training command can be told: frozen, validated, written into the pack's card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from a2fbridge._errors import ConfigError

__all__ = ["SAMPLE_RATE", "CorpusConfig", "Decision", "ExportConfig", "FitConfig", "Progress", "silent"]

SAMPLE_RATE = 16000

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of the whole command is done, 0..1."""


def silent(message: str, done: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Synthetic speech with labels: which voices, how much, how varied."""

    voices: tuple[str, ...] = ("hibari", "kokoro", "polyglot", "rms", "slt", "awb", "kal", "hts")
    """Names from ``training.VOICES``; voices whose engine is not installed are refused, not left out.

    The voice ked is left out to be a stranger in evaluations, nsh because its closures do not lie where its labels
    say (``_labels.closure_depth``).
    """
    sentences: int = 320
    """Sentences per voice of share 1; each voice speaks its own choice of them."""
    variants: int = 3
    """Differently resampled, reverberated and noisy copies of each utterance."""
    non_speech: int = 900
    """Ten-second-long clips at most of silence and noise, labelled as rest."""
    seed: int = 7

    def __post_init__(self) -> None:
        """Refuse sizes that make no corpus."""
        if not self.voices or self.sentences < 1 or self.variants < 1 or self.non_speech < 0:
            raise ConfigError("a corpus needs at least one voice, one sentence and one variant")


@dataclass(frozen=True, slots=True)
class FitConfig:
    """One run of the optimiser."""

    steps: int = 4000
    """Optimiser steps, over which the learning rate falls to zero; the same steps and seed give the same fit."""
    minutes: float | None = None
    """Wall-clock limit: a fit that would take longer does fewer steps, its learning rate falling with the time."""
    batch: int = 32
    """Crops per step."""
    crop: int = 192
    """Frames of 10 ms per crop."""
    width: float = 1.0
    """Channels of the hidden layers relative to the network that ships."""
    learning_rate: float = 2e-3
    threads: int = 2
    seed: int = 7
    start: str | None = None
    """An earlier fit (.npz) whose parameters to begin with; ``width`` is then its own."""
    blend: float = 0.0
    """Share of those parameters in the result, 0..1: half of each keeps what either learnt of voices."""

    def __post_init__(self) -> None:
        """Refuse sizes that cannot train."""
        least = min(self.steps, self.batch, self.threads, self.crop - 7)
        if self.blend and (self.start is None or not 0 <= self.blend <= 1):
            raise ConfigError(f"blend {self.blend} is out of range: right is 0..1, and only with a start")
        if least < 1 or self.width <= 0 or (self.minutes is not None and self.minutes <= 0):
            raise ConfigError(
                "a fit needs steps, batch, threads >= 1, minutes, width > 0 and crop >= 8 frames"
            )


@dataclass(frozen=True, slots=True)
class Decision:
    """How log odds become gates (seal, bite): sigmoid(sharpness * (odds + bias)).

    Chosen on the development recordings: a positive bias finds more closures and invents some, sharpness makes
    up a mind that is unsure.
    """

    sharpness: tuple[float, float] = (1.0, 1.0)
    bias: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse what would turn a gate round."""
        if min(self.sharpness) <= 0:
            raise ConfigError(f"sharpness {self.sharpness} is out of range: right is above 0")


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """How a fit becomes a model pack."""

    actor: str = "builtin"
    version: str = "0.1"
    skin_shapes: int = 64
    """Largest rank of the skin basis; a rank that explains every active shape exactly is enough."""
    saccade_seed: int = 3
    decision: Decision = Decision((1.5, 1.5), (1.5, 0.0))

    def __post_init__(self) -> None:
        """Refuse a rank that no pack can have."""
        if not 1 <= self.skin_shapes <= 64:
            raise ConfigError(f"skin_shapes {self.skin_shapes} is out of range: right is 1..64")

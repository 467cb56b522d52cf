"""What each training command can be told: frozen, validated, written into the pack's card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from a2fbridge._errors import ConfigError

__all__ = ["SAMPLE_RATE", "CorpusConfig", "ExportConfig", "FitConfig", "Progress", "silent"]

SAMPLE_RATE = 16000

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of the whole command is done, 0..1."""


def silent(message: str, done: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Synthetic speech with labels: which voices, how much, how varied."""

    voices: tuple[str, ...] = ("hibari", "kokoro", "rms", "slt", "awb", "kal", "ked", "hts")
    """Names from ``training.VOICES``; voices whose engine is not installed are refused, not left out."""
    sentences: int = 320
    """Sentences per voice; each voice speaks its own choice of them."""
    variants: int = 5
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

    minutes: float = 30.0
    """Wall-clock limit; the learning rate falls to zero over it."""
    steps: int = 0
    """Steps instead of a wall-clock limit, where the machine's load must not matter; 0: by the clock."""
    batch: int = 32
    """Crops per step."""
    crop: int = 192
    """Frames of 10 ms per crop."""
    learning_rate: float = 2e-3
    threads: int = 2
    seed: int = 11

    def __post_init__(self) -> None:
        """Refuse sizes that cannot train."""
        if self.minutes <= 0 or self.batch < 1 or self.crop < 8 or self.threads < 1:
            raise ConfigError("a fit needs minutes > 0, batch >= 1, crop >= 8 frames and threads >= 1")


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """How a fit becomes a model pack."""

    actor: str = "builtin"
    version: str = "0.1"
    skin_shapes: int = 64
    """Largest rank of the skin basis; a rank that explains every active shape exactly is enough."""
    saccade_seed: int = 3

    def __post_init__(self) -> None:
        """Refuse a rank that no pack can have."""
        if not 1 <= self.skin_shapes <= 64:
            raise ConfigError(f"skin_shapes {self.skin_shapes} is out of range: right is 1..64")

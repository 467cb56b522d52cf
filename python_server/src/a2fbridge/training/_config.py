"""What each training command can be told: frozen, validated, written into the pack's card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import check_ranges, setting

__all__ = [
    "SAMPLE_RATE",
    "CorpusConfig",
    "Decision",
    "Device",
    "ExportConfig",
    "FitConfig",
    "LoopConfig",
    "Progress",
    "silent",
]

SAMPLE_RATE = 16000

Device = Literal["auto", "cpu", "cuda"]
"""auto is the GPU when torch sees one."""

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
    sentences: int = setting(320, 1)
    """Sentences per voice of share 1; each voice speaks its own choice of them."""
    variants: int = setting(3, 1)
    """Differently resampled, reverberated and noisy copies of each utterance."""
    non_speech: int = setting(900, 0)
    """Ten-second-long clips at most of silence and noise, labelled as rest."""
    seed: int = setting(7, 0, elsewhere=True)

    def __post_init__(self) -> None:
        """Refuse sizes that make no corpus."""
        check_ranges(self)
        if not self.voices:
            raise ConfigError("a corpus needs at least one voice")


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What every run of an optimiser can be told."""

    steps: int = setting(3000, 1)
    """Optimiser steps, over which the learning rate falls; the same steps and seed give the same fit."""
    minutes: float | None = setting(None, 0.001)
    """Wall-clock limit: a fit that would take longer does fewer steps, its learning rate falling with the time."""
    batch: int = setting(16, 1)
    """Crops or sequences per step."""
    learning_rate: float = setting(2e-3, 1e-9)
    """Largest learning rate."""
    optimiser: Literal["muon", "adamw"] = setting("adamw")
    """muon: kernels of hidden layers by orthogonalised momentum, all else by AdamW; adamw: everything by AdamW."""
    schedule: Literal["cosine", "decay"] = setting("cosine")
    """cosine: the learning rate falls to zero at the last step; decay: it is multiplied by decay each epoch."""
    decay: float = setting(0.994, 0.01, 1.0)
    """Factor per epoch of the schedule decay."""
    warmup: int = setting(100, 0)
    """Steps over which the learning rate rises to its largest value."""
    weight_decay: float = setting(0.01, 0.0)
    """Decay of parameters; adamw with 0 is plain Adam."""
    clip: float = setting(1.0, 0.0)
    """Largest norm of the gradient; 0 leaves it as it is."""
    average: float = setting(0.998, 0.0, 0.99999)
    """Decay of the running average of parameters, which is what is kept; 0 keeps the last ones."""
    validate_every: int = setting(500, 1)
    """Steps between two looks at validation data."""
    patience: int = setting(0, 0)
    """Validations without a better one after which the fit ends with the best parameters; 0 goes on to the end."""
    checkpoint_every: int = setting(500, 1)
    """Steps between two checkpoints."""
    start: str | None = setting(None)
    """An earlier fit (.npz) whose parameters to begin with; the network's size is then its own."""
    blend: float = setting(0.0, 0.0, 1.0)
    """Share of those parameters in the result: half of each keeps what either learnt."""
    seed: int = setting(7, 0, elsewhere=True)
    threads: int = setting(2, 1, elsewhere=True)
    device: Device = setting("cpu", elsewhere=True)

    def __post_init__(self) -> None:
        """Refuse sizes that cannot train."""
        check_ranges(self)
        if self.blend and self.start is None:
            raise ConfigError(f"blend {self.blend} needs a start: it is right only with a start")


@dataclass(frozen=True, slots=True)
class FitConfig(LoopConfig):
    """A fit of the built-in kind: on the synthetic corpus."""

    steps: int = setting(4000, 1)
    """Optimiser steps, over which the learning rate falls; the same steps and seed give the same fit."""
    batch: int = setting(32, 1)
    """Crops per step."""
    optimiser: Literal["muon", "adamw"] = setting("muon")
    """muon: kernels of hidden layers by orthogonalised momentum, all else by AdamW; adamw: everything by AdamW."""
    crop: int = setting(192, 8)
    """Frames of 10 ms per crop."""
    width: float = setting(1.0, 0.05, 8.0, elsewhere=True)
    """Channels of the hidden layers relative to the network that ships."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How log odds become gates (seal, bite): sigmoid(sharpness * (odds + bias)).

    Chosen on the development recordings: a positive bias finds more closures and invents some, sharpness makes
    up a mind that is unsure.
    """

    sharpness: tuple[float, float] = (1.0, 1.0)
    """Of seal and bite; above 1 makes up a mind that is unsure."""
    bias: tuple[float, float] = (0.0, 0.0)
    """Log odds added to seal and bite; above 0 finds more closures and invents some."""

    def __post_init__(self) -> None:
        """Refuse what would turn a gate round."""
        if min(self.sharpness) <= 0:
            raise ConfigError(f"sharpness {self.sharpness} is out of range: right is above 0")


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """How a fit becomes a model pack."""

    actor: str = "builtin"
    """Name of the face in the pack."""
    version: str = "0.1"
    """Version that the pack says it has."""
    skin_shapes: int = setting(64, 1, 64)
    """Largest rank of the skin basis; a rank that explains every active shape exactly is enough."""
    saccade_seed: int = setting(3, 0)
    """Seed of the eyes' darts."""
    decision: Decision = Decision((1.5, 1.5), (1.5, 0.0))
    """How log odds become gates."""

    def __post_init__(self) -> None:
        """Refuse a rank that no pack can have."""
        check_ranges(self)

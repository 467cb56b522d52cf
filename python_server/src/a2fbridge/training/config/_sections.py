"""The sections of a configuration file for a dataset: what networks, fit, losses, evaluation and export can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import check_ranges, setting
from a2fbridge.training._config import LoopConfig

__all__ = [
    "CompactConfig",
    "DatasetEvaluateConfig",
    "DatasetExportConfig",
    "DatasetFitConfig",
    "LossConfig",
    "MutedConfig",
    "ReferenceConfig",
    "ReferenceExportConfig",
    "ReferenceFitConfig",
    "ReferenceLossConfig",
    "SampleConfig",
    "SpeechEvaluateConfig",
    "SpeechNetworkConfig",
]

Level = Literal["input", "peak"]


@dataclass(frozen=True, slots=True)
class SpeechNetworkConfig:
    """The compact network that answers with articulators."""

    width: float = setting(1.0, 0.05, 8.0)
    """Channels of the hidden layers relative to the network that ships."""

    def __post_init__(self) -> None:
        """Refuse a size that is none."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class CompactConfig:
    """The compact network with a linear answer of coefficients."""

    width: float = setting(1.0, 0.05, 8.0)
    """Channels of the hidden layers relative to the network that ships."""
    dropout: float = setting(0.1, 0.0, 0.9)
    """Share of the fifth layer's channels left out in training."""
    level: Level = setting("input")
    """input: the network hears the level it is given; peak: each window is divided by its peak first."""

    def __post_init__(self) -> None:
        """Refuse a size that is none."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class ReferenceConfig:
    """NVIDIA's regression architecture: autocorrelation features, time convolutions with emotion, two heads."""

    front_end: str = setting("none")
    """none, onnx:PATH or torchscript:PATH: a frozen network that turns 8320 samples into [25, 768] features."""
    front_end_shifts: int = setting(3, 1, 9)
    """Time shifts for which the front end's features are cached: the random time shift takes one of these."""
    implicit: int = setting(16, 1, 256)
    """Length of the learned row that absorbs what sound cannot explain."""
    spread: float = setting(1.4, 1.0, 4.0)
    """Of the multiplicative dropout: factors are spread^N(0, 1); 1 is none."""
    level: Level = setting("peak")
    """input: the network hears the level it is given; peak: each window is divided by its peak first."""

    def __post_init__(self) -> None:
        """Refuse a front end of no known kind."""
        check_ranges(self)
        if self.front_end != "none" and self.front_end.partition(":")[0] not in ("onnx", "torchscript"):
            raise ConfigError(f"front_end '{self.front_end}': right is none, onnx:PATH or torchscript:PATH")


@dataclass(frozen=True, slots=True)
class LossConfig:
    """Weights of the losses (formulas: docs/training.md); 0 switches one off."""

    mse: float = setting(1.0, 0.0)
    """Squared error of coefficients."""
    motion: float = setting(10.0, 0.0)
    """Squared error of their change from frame to frame."""
    lip_distance: float = setting(100.0, 0.0)
    """Error of the distance of the lips, most where they are near each other."""
    lip_distance_exp: float = setting(1.0, 0.0)
    """How fast that weight falls with the distance, per unit of the mesh."""
    lip_size: float = setting(0.0, 0.0)
    """Error of the heights of both lips."""
    stability: float = setting(100.0, 0.0)
    """Change that should not be where there is silence."""
    eye_gap: float = setting(0.35, 0.0)
    """Eyes whose lids are nearer than this are not learned (blinks are the player's); 0 learns them."""
    normalise: bool = setting(False)
    """Divide mse, motion, emotion and phoneme losses by a running root mean square of themselves."""
    anneal: bool = setting(False)
    """Raise these to the power 1 - step / steps: towards the end their gradient fades."""

    def __post_init__(self) -> None:
        """Refuse weights below zero."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class ReferenceLossConfig(LossConfig):
    """Weights of the losses of the reference network; 0 switches one off."""

    emotion: float = setting(1.0, 0.0)
    """Change of the implicit row from frame to frame, relative to its size."""
    phoneme: float = setting(0.0, 0.0)
    """Cross entropy of the phoneme head; needs ``phonemes``."""
    phoneme_motion: float = setting(0.0, 0.0)
    """Change of the phoneme head's answers."""
    phoneme_silence: float = setting(1.0, 0.0)
    """Weight of steps whose target is silence in the phoneme loss."""
    phonemes: str = setting("")
    """Folder of soft targets, TAKE.npy [steps of 20 ms, phonemes]; the first phoneme is silence."""

    def __post_init__(self) -> None:
        """Refuse a phoneme loss without targets."""
        check_ranges(self)
        if (self.phoneme or self.phoneme_motion) and not self.phonemes:
            raise ConfigError("a phoneme loss needs 'phonemes', a folder of soft targets")


@dataclass(frozen=True, slots=True)
class MutedConfig:
    """Takes made of a still face and no speech, so that the network learns to rest."""

    shots: tuple[str, ...] = setting(("auto",))
    """TAKE@FRAME of faces at rest; auto: of each emotion the frame with the least sound around it; [] makes none."""
    frames: int = setting(60, 2, 100_000)
    """Frames of each."""
    noise: Literal["mic", "silence"] = setting("mic")
    """mic: noise like a microphone's in half of them; silence: none."""
    scale: float = setting(0.1, 0.0, 1.0)
    """Largest scale of that noise."""
    rest: bool = setting(True)
    """A neutral muted take has zero skin coefficients instead of the frame's."""

    def __post_init__(self) -> None:
        """Refuse shots that name no frame."""
        check_ranges(self)
        for shot in self.shots:
            if shot != "auto" and not shot.rpartition("@")[2].isdigit():
                raise ConfigError(f"muted shot '{shot}': right is TAKE@FRAME or auto")


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How sound and frames become training samples."""

    sequence: int = setting(2, 2, 64)
    """Neighbouring frames per sample."""
    time_shift: float = setting(1.0, 0.0, 4.0)
    """Width in frames of the random shift of sound, which the target follows."""
    frame_time: float = setting(0.0, 0.0, 1.0)
    """Where in its time a frame's pose belongs: 0 at its start, as tools export; 0.5 as in NVIDIA's trainer."""
    loudest: float = setting(0.0, -60.0, 20.0)
    """Decibels of the loudest copy relative to a peak of 1."""
    softest: float = setting(-18.0, -60.0, 20.0)
    """Decibels of the softest copy."""
    other_voices: float = setting(0.5, 0.0, 1.0)
    """Share of samples heard in another of the take's voices, where it has any."""
    held_out_voices: tuple[str, ...] = setting(())
    """Voices that training never hears and validation does."""

    def __post_init__(self) -> None:
        """Refuse levels the wrong way round."""
        check_ranges(self)
        if self.softest > self.loudest:
            raise ConfigError(f"softest {self.softest} dB is louder than loudest {self.loudest} dB")


@dataclass(frozen=True, slots=True)
class DatasetFitConfig(LoopConfig):
    """A fit on a dataset."""

    batch: int = setting(32, 1)
    """Sequences per step."""
    learning_rate: float = setting(4e-3, 1e-9)
    """Largest learning rate."""
    optimiser: Literal["muon", "adamw"] = setting("muon")
    """muon: kernels of hidden layers by orthogonalised momentum, all else by AdamW; adamw: everything by AdamW."""
    weight_decay: float = setting(0.0, 0.0)
    """Decay of parameters; adamw with 0 is plain Adam."""
    average: float = setting(0.99, 0.0, 0.99999)
    """Decay of the running average of parameters, which is what is kept; 0 keeps the last ones."""
    validate_every: int = setting(250, 1)
    """Steps between two looks at validation data."""
    patience: int = setting(8, 0)
    """Validations without a better one after which the fit ends with the best parameters; 0 goes on to the end."""
    checkpoint_every: int = setting(250, 1)
    """Steps between two checkpoints."""
    sample: SampleConfig = SampleConfig()
    """How sound and frames become training samples."""
    losses: LossConfig = LossConfig()
    """Weights of the losses."""
    muted: MutedConfig = MutedConfig()
    """Takes made of a still face and no speech."""


@dataclass(frozen=True, slots=True)
class ReferenceFitConfig(DatasetFitConfig):
    """A fit of the reference network on a dataset."""

    implicit_rate: float = setting(0.1, 0.0, 1000.0)
    """Learning rate of the implicit rows relative to the network's."""
    implicit_spread: float = setting(0.01, 0.0, 10.0)
    """Standard deviation of the implicit rows at the start."""
    losses: ReferenceLossConfig = ReferenceLossConfig()
    """Weights of the losses."""


@dataclass(frozen=True, slots=True)
class SpeechEvaluateConfig:
    """Which speech a fit on the corpus is measured on."""

    voices: tuple[str, ...] = ("hibari", "ked")
    """Synthetic voices, sentences that training never heard."""
    sentences: int = setting(16, 1)
    """Sentences of each."""
    recordings: tuple[str, ...] = ()
    """Folders of NAME.wav with NAME.txt: people, aligned by words."""
    curves: int = setting(6, 1, 24)
    """Articulators drawn in the report."""

    def __post_init__(self) -> None:
        """Refuse sizes that measure nothing."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class DatasetEvaluateConfig:
    """Which takes are measured and drawn."""

    takes: Literal["validation", "all"] = setting("validation")
    """Takes that are measured."""
    curves: int = setting(6, 1, 24)
    """Coefficients drawn for each take, the liveliest of each part first."""
    drawn: int = setting(6, 0, 1000)
    """Takes drawn in the report."""
    silence_db: float = setting(-45.0, -120.0, 0.0)
    """Level below which sound counts as silence, relative to a peak of 1."""
    recordings: tuple[str, ...] = ()
    """Folders of NAME.wav with NAME.txt: people, aligned by words, measured through the exported pack."""

    def __post_init__(self) -> None:
        """Refuse sizes that measure nothing."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class DatasetExportConfig:
    """How a fit becomes a model pack."""

    actor: str = ""
    """Name of the face in the pack; empty takes the dataset's."""
    version: str = "0.1"
    """Version that the pack says it has."""
    saccade_seed: int = setting(3, 0)
    """Seed of the eyes' darts, where the dataset has none."""
    input_strength: float = setting(1.0, 0.0, 10.0)
    """Gain of the sound before the network."""
    lower_face_smoothing: float = setting(0.006, 0.0, 0.1)
    """Seconds by which the player smooths the lower face."""
    upper_face_smoothing: float = setting(0.001, 0.0, 0.1)
    """Seconds by which it smooths the upper face."""

    def __post_init__(self) -> None:
        """Refuse values that no player takes."""
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class ReferenceExportConfig(DatasetExportConfig):
    """How a fit of the reference network becomes a model pack."""

    source: str = ""
    """TAKE@FRAME whose implicit row the pack uses; empty takes the calmest neutral one."""

    def __post_init__(self) -> None:
        """Refuse a source that names no frame."""
        check_ranges(self)
        if self.source and not self.source.rpartition("@")[2].isdigit():
            raise ConfigError(f"source '{self.source}': right is TAKE@FRAME")

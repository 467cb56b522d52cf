"""``stylization_config.yaml`` of NIM 2.0 as dataclasses (spec: wire protocol, section 5.2).

A field's name is its key.  Tables hold only what the file names; everything else is the pack's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from a2fbridge._errors import ConfigError
from a2fbridge._settings import MAX_BYTES, parse_yaml, setting
from a2fbridge.face import PARAMETERS, check_parameters
from a2fbridge.shapes import EMOTION_ALIASES, EMOTION_NAMES, FACE_NAMES
from a2fbridge.timeline import parse_frame_rate

__all__ = ["PostProcessing", "Stylization", "read_stylization"]

_EMOTION_KEYS = {name: name for name in EMOTION_NAMES} | EMOTION_ALIASES
_SHAPE_KEYS = {name: name for name in FACE_NAMES}
_FACE_KEYS = {p.style_key: p.name for p in PARAMETERS.values()}


@dataclass(frozen=True)
class PostProcessing:
    emotion_contrast: float = setting(1.0, 0.3, 3)
    emotion_strength: float = setting(0.6, 0, 1)
    enable_preferred_emotion: bool = setting(True)
    live_blend_coef: float = setting(0.7, 0, 1)
    max_emotions: int = setting(3, 1, 6)
    preferred_emotion_strength: float = setting(0.5, 0, 1)


@dataclass(frozen=True)
class EmotionStyle:
    enabled: bool = setting(False)
    """Hear the emotion in the voices of all streams that do not ask otherwise (NVIDIA's default is true)."""
    live_transition_time: float = setting(0.5, 1e-9)
    post_processing_params: PostProcessing = field(default_factory=PostProcessing)


@dataclass(frozen=True)
class RegressionModel:
    inference_model_id: str = setting("")


@dataclass(frozen=True)
class DiffusionModel:
    inference_model_id: str = setting("")
    identity: str = setting("")
    """The face of streams that ask for none; empty: the pack's first."""
    constant_noise: bool = setting(True)
    """The same noise for every window; otherwise new noise, the same for every stream."""


@dataclass(frozen=True)
class PoseTables:
    enable_clamping_bs_weight: bool = setting(False)
    weight_multipliers: Mapping[str, float] = setting({}, -100, 100, keys=_SHAPE_KEYS)
    weight_offsets: Mapping[str, float] = setting({}, -100, 100, keys=_SHAPE_KEYS)
    active_poses: Mapping[str, int] = setting({}, 0, 1, keys=_SHAPE_KEYS)
    cancel_poses: Mapping[str, int] = setting({}, -1, 67, keys=_SHAPE_KEYS)
    symmetry_poses: Mapping[str, int] = setting({}, -1, 67, keys=_SHAPE_KEYS)


@dataclass(frozen=True)
class FaceStyle:
    inference_type: Literal["regression", "diffusion"] = setting("regression")
    regression_model: RegressionModel = field(default_factory=RegressionModel)
    diffusion_model: DiffusionModel = field(default_factory=DiffusionModel)
    enable_tongue_blendshapes: bool = setting(True)
    face_params: Mapping[str, float] = setting({}, keys=_FACE_KEYS)
    """Read into wire names (``skinStrength``)."""
    blendshape_params: PoseTables = field(default_factory=PoseTables)

    def __post_init__(self) -> None:
        check_parameters(self.face_params)

    @property
    def model_id(self) -> str:
        """The model that ``inference_type`` chooses."""
        chosen = self.diffusion_model if self.inference_type == "diffusion" else self.regression_model
        return chosen.inference_model_id


@dataclass(frozen=True)
class Bridge:
    """Our own section, ``a2fbridge:`` in stylization_config.yaml."""

    frame_rate: str = setting("")
    """Frames per second of streams that ask for none: ``60``, ``30000/1001``; empty: 30."""
    solver: Literal["", "bvls", "admm"] = setting("")
    """Empty: that of deployment_config.yaml."""
    mapping: str = setting("")
    """Table that clients use; the server does not map."""

    def __post_init__(self) -> None:
        if self.frame_rate:
            parse_frame_rate(self.frame_rate)


@dataclass(frozen=True)
class Stylization:
    default_beginning_emotions: Mapping[str, float] = setting({}, 0, 1, keys=_EMOTION_KEYS)
    a2e: EmotionStyle = field(default_factory=EmotionStyle)
    a2f: FaceStyle = field(default_factory=FaceStyle)
    a2fbridge: Bridge = field(default_factory=Bridge)


def read_stylization(content: bytes, name: str = "stylization_config.yaml") -> Stylization:
    """Read a file's content; raises ConfigError with ``name`` and line."""
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{name}: {len(content)} bytes; a configuration file has at most {MAX_BYTES}")
    return parse_yaml(Stylization, content, name)

"""What a stream may say about its automatic emotion: the post-processing of NVIDIA's service by its wire names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.packs import EmotionPost

__all__ = ["EMOTION_PARAMETERS", "EmotionSettings", "check_emotion_parameters"]

EMOTION_PARAMETERS: Final[dict[str, tuple[float, float]]] = {
    "emotion_contrast": (0.3, 3.0),
    "emotion_strength": (0.0, 1.0),
    "enable_preferred_emotion": (0.0, 1.0),
    "live_blend_coef": (0.0, 1.0),
    "live_transition_time": (0.0, math.inf),
    "max_emotions": (1.0, 6.0),
    "preferred_emotion_strength": (0.0, 1.0),
}
"""Name -> range, ends included (spec: wire protocol, sections 4.3 and 4.4); ``live_transition_time`` is in seconds."""
_WHOLE: Final = ("enable_preferred_emotion", "max_emotions")
_FLOAT32: Final = 1e-6
"""float32 on the wire: 0.3 arrives as 0.300000012."""


def check_emotion_parameters(values: Mapping[str, float]) -> dict[str, float]:
    """Return post-processing parameters; raises ParameterError for an unknown name or a value out of range."""
    checked = {}
    for name, value in values.items():
        if name not in EMOTION_PARAMETERS:
            known = ", ".join(EMOTION_PARAMETERS)
            raise ParameterError(
                f"unknown emotion parameter '{name}'{nearest(name, EMOTION_PARAMETERS)}; known are {known}"
            )
        low, high = EMOTION_PARAMETERS[name]
        whole = name in _WHOLE
        if (
            not low - _FLOAT32 <= value <= high + _FLOAT32
            or not math.isfinite(value)
            or (whole and value % 1)
        ):
            kind = "a whole number from " if whole else ""
            right = f"{low:g} or more" if high == math.inf else f"{kind}{low:g} to {high:g}"
            raise ParameterError(f"{name} is {value:g}; right is {right}")
        checked[name] = min(max(float(value), low), high)
    return checked


@dataclass(frozen=True, slots=True)
class EmotionSettings:
    """One stream's automatic emotion."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    """By name of EMOTION_PARAMETERS; what is left out is the pack's."""
    beginning: Mapping[str, float] = field(default_factory=dict)
    """Emotions 0..1 that the first frames start from (``beginning_emotion``)."""
    detail: bool = False
    """Let frames tell what was heard, too (:attr:`Frame.heard`)."""


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """The post-processing in force for one stream, in the chain's own terms."""

    contrast: float
    max_emotions: int
    live_blend: float
    enable_preferred: bool | None
    """None: as soon as there is a preferred emotion."""
    preferred_strength: float
    transition: float
    strength: float

    @classmethod
    def merge(cls, post: EmotionPost, parameters: Mapping[str, float]) -> ChainSettings:
        """Return a pack's values with a stream's put over them; raises ParameterError."""
        given = check_emotion_parameters(parameters)
        enable = given.get("enable_preferred_emotion", 1.0 if post.enable_preferred else None)
        return cls(
            contrast=given.get("emotion_contrast", post.contrast),
            max_emotions=int(given.get("max_emotions", post.max_emotions)),
            live_blend=given.get("live_blend_coef", post.live_blend),
            enable_preferred=None if enable is None else bool(enable),
            preferred_strength=given.get("preferred_emotion_strength", post.preferred_strength),
            transition=given.get("live_transition_time", post.transition),
            strength=given.get("emotion_strength", post.strength),
        )

    def in_force(self) -> dict[str, Any]:
        """Return the values by their wire names, fit for JSON."""
        values = dict(zip(_WIRE_NAMES, (getattr(self, f.name) for f in fields(self)), strict=True))
        if self.enable_preferred is None:
            values["enable_preferred_emotion"] = "when one is given"
        return values


_WIRE_NAMES: Final = (
    "emotion_contrast",
    "max_emotions",
    "live_blend_coef",
    "enable_preferred_emotion",
    "preferred_emotion_strength",
    "live_transition_time",
    "emotion_strength",
)
"""In the order of the fields of ChainSettings."""

"""The options of a clip, checked, in the words of the public API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from a2fbridge.timeline import parse_frame_rate

__all__ = ["ClipOptions", "clip_options"]

_EXTENSION: Final = "a2fbridge-"
_EMOTION: Final = {True: "auto", False: "client"}


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """What one clip may ask of a server."""

    face_parameters: Mapping[str, float] = field(default_factory=dict)
    multipliers: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    clamp: bool | None = None
    beginning_emotion: Mapping[str, float] = field(default_factory=dict)
    live_transition_time: float | None = None
    post_processing: Mapping[str, Any] = field(default_factory=dict)
    """Fields of EmotionPostProcessingParameters."""
    frame_rate: Fraction | None = None
    """None: the server's."""
    pack: str | None = None
    identity: str | None = None
    solver: str | None = None
    automatic_emotion: bool | None = None

    def extensions(self) -> list[tuple[str, str]]:
        """Return the request metadata for what NVIDIA's header cannot say."""
        rate = self.frame_rate
        values = {
            "frame-rate": None if rate is None else f"{rate.numerator}/{rate.denominator}",
            "pack": self.pack,
            "identity": self.identity,
            "solver": self.solver,
            "emotion": None if self.automatic_emotion is None else _EMOTION[self.automatic_emotion],
        }
        return [(_EXTENSION + name, value) for name, value in values.items() if value is not None]


def clip_options(
    *,
    parameters: Mapping[str, float] | None = None,
    multipliers: Mapping[str, float] | None = None,
    offsets: Mapping[str, float] | None = None,
    clamp: bool | None = None,
    beginning_emotion: Mapping[str, float] | None = None,
    live_transition_time: float | None = None,
    post_processing: Mapping[str, Any] | None = None,
    frame_rate: str | int | float | Fraction | None = None,
    pack: str | None = None,
    identity: str | None = None,
    solver: str | None = None,
    automatic_emotion: bool | None = None,
) -> ClipOptions:
    """Return the options of one clip; None everywhere means the server's own.

    parameters, multipliers, offsets
        Face parameters by wire name, weight gains and offsets by blend-shape name.
    clamp
        Clamp weights to 0..1 at the server.
    beginning_emotion, live_transition_time, post_processing
        As in NVIDIA's header; post_processing holds fields of EmotionPostProcessingParameters.
    frame_rate, pack, identity, solver, automatic_emotion
        Known to our server only; a plain NIM refuses them.  Automatic emotion is heard in the voice; emotions that are
        sent are then what is preferred.

    Raises ParameterError for a frame rate that is no number.
    """
    return ClipOptions(
        face_parameters=parameters or {},
        multipliers=multipliers or {},
        offsets=offsets or {},
        clamp=clamp,
        beginning_emotion=beginning_emotion or {},
        live_transition_time=live_transition_time,
        post_processing=post_processing or {},
        frame_rate=None if frame_rate is None else parse_frame_rate(frame_rate),
        pack=pack,
        identity=identity,
        solver=solver,
        automatic_emotion=automatic_emotion,
    )

"""Whether a stream's emotion is heard in its voice, and how: metadata, header and stylization merged."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from grpc import StatusCode

from a2fbridge._errors import ParameterError
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge.emotion import EmotionSettings, check_emotion_parameters
from a2fbridge.scheduler import Scheduler
from a2fbridge.service._refusal import Refusal
from a2fbridge.service._stylization import EmotionStyle, PostProcessing

__all__ = ["DETAIL_OPTION", "EMOTION_OPTION", "automatic_emotion"]

EMOTION_OPTION: Final = "a2fbridge-emotion"
"""Request metadata: ``auto`` hears the emotion, ``client`` takes it from the client alone; the server's default
otherwise."""
DETAIL_OPTION: Final = "a2fbridge-a2e-output"
"""Request metadata: ``1`` fills the aggregate's ``a2e_output``, at which NVIDIA's own client would stop."""
_SENT: Final = tuple(field.name for field in dataclasses.fields(PostProcessing))


def automatic_emotion(
    post: a2f.EmotionPostProcessingParameters,
    transition: float | None,
    metadata: Mapping[str, str],
    style: EmotionStyle,
    beginning: Mapping[str, float],
    scheduler: Scheduler,
) -> tuple[EmotionSettings | None, list[str]]:
    """Return the settings of automatic emotion, None when it is off, and the fields that are then not in force.

    ``post`` and ``transition`` (``live_transition_time``) are the client's, ``beginning`` is what the smoothing starts
    from.  Raises ParameterError for a bad value, Refusal where emotion cannot be heard.
    """
    sent = {name: float(getattr(post, name)) for name in _SENT if post.HasField(name)}
    if transition is not None:
        sent["live_transition_time"] = transition
    check_emotion_parameters(sent)
    if "live_transition_time" in sent and sent["live_transition_time"] <= 0:
        raise ParameterError(
            f"live_transition_time is {sent['live_transition_time']:g}; right is above 0 seconds"
        )
    if not _wanted(metadata, style):
        return None, list(sent)
    if scheduler.hearing is None:
        raise Refusal(StatusCode.NOT_FOUND, "automatic emotion is not served here: no emotion pack is loaded")
    return EmotionSettings(_defaults(style) | sent, beginning, _detailed(metadata)), []


def _detailed(metadata: Mapping[str, str]) -> bool:
    choice = metadata.get(DETAIL_OPTION, "0")
    if choice not in ("0", "1"):
        raise ParameterError(f"{DETAIL_OPTION} is {choice[:60]!a}; right is 0 or 1")
    return choice == "1"


def _wanted(metadata: Mapping[str, str], style: EmotionStyle) -> bool:
    choice = metadata.get(EMOTION_OPTION)
    if choice not in (None, "auto", "client"):
        raise ParameterError(f"{EMOTION_OPTION} is {choice[:60]!a}; right is auto or client")
    return style.enabled if choice is None else choice == "auto"


def _defaults(style: EmotionStyle) -> dict[str, float]:
    """Return the deployment's values.  Its preferred emotion takes part as soon as a client sends one: NVIDIA's own
    default would otherwise halve what is heard in the voices of all who send none."""
    values = {name: float(value) for name, value in dataclasses.asdict(style.post_processing_params).items()}
    if values["enable_preferred_emotion"]:
        del values["enable_preferred_emotion"]
    return values | {"live_transition_time": style.live_transition_time}

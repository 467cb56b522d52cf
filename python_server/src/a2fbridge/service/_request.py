"""What a client asks for in its header and its request metadata, checked and merged with the deployment's values.

Precedence: the pack's values < stylization < header.  Names that nobody knows are ignored and named in one
warning; bad values, unknown packs, solvers and options are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from grpc import StatusCode

from a2fbridge._errors import ParameterError, nearest
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.audio import v1_pb2 as audio
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.emotion import check_emotions
from a2fbridge.face import Face, FaceSettings, unknown_parameters
from a2fbridge.scheduler import Scheduler, StreamOptions
from a2fbridge.service._advanced import InputLimits
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._emotion import DETAIL_OPTION, EMOTION_OPTION, automatic_emotion
from a2fbridge.service._refusal import Refusal
from a2fbridge.service._stylization import Stylization
from a2fbridge.shapes import EMOTION_ALIASES
from a2fbridge.timeline import parse_frame_rate

__all__ = [
    "EXTENSIONS",
    "Request",
    "check_audio",
    "choose_scheduler",
    "face_of",
    "face_settings",
    "known_emotions",
    "read_request",
    "shown_names",
]

EXTENSIONS: Final = (
    DETAIL_OPTION,
    EMOTION_OPTION,
    "a2fbridge-frame-rate",
    "a2fbridge-identity",
    "a2fbridge-pack",
    "a2fbridge-solver",
)
_PREFIX: Final = "a2fbridge-"


@dataclass(slots=True)
class Request:
    """One stream as it was asked for."""

    scheduler: Scheduler
    face: Face
    options: StreamOptions
    not_in_force: list[str]
    """Post-processing that was sent and that only automatic emotion needs, which is off."""
    unknown: list[str] = field(default_factory=list)
    """Names that were ignored."""


def read_request(
    header: controller.AudioStreamHeader,
    metadata: Mapping[str, str],
    config: ServerConfig,
    schedulers: Sequence[Scheduler],
) -> Request:
    """Read a header; raises Refusal or ParameterError."""
    check_audio(header.audio_header, config.advanced.input_sanitization)
    scheduler = choose_scheduler(schedulers, metadata)
    style = config.stylization
    face = face_of(scheduler, metadata, config)
    unknown: list[str] = []
    settings = face_settings(style, face, header.face_params, header.blendshape_params, unknown)
    beginning = known_emotions(header.emotion_params.beginning_emotion, scheduler, unknown)
    beginning = beginning or known_emotions(style.default_beginning_emotions, scheduler, [])
    post, params = header.emotion_post_processing_params, header.emotion_params
    transition = params.live_transition_time if params.HasField("live_transition_time") else None
    automatic, not_in_force = automatic_emotion(post, transition, metadata, style.a2e, beginning, scheduler)
    rate = _frame_rate(metadata, config)
    common = config.deployment.common
    padding = common.silence_padding_duration_second if common.add_silence_padding_after_audio else 0.0
    options = StreamOptions(
        sample_rate=header.audio_header.samples_per_second,
        frame_rate=rate,
        face=settings,
        emotions={} if automatic else beginning,
        padding=padding,
        identity=face.identity.name,
        automatic=automatic,
    )
    return Request(scheduler, face, options, not_in_force, list(dict.fromkeys(unknown)))


def face_settings(
    style: Stylization,
    face: Face,
    face_params: a2f.FaceParameters,
    shapes: a2f.BlendShapeParameters,
    unknown: list[str],
) -> FaceSettings:
    """Return what was sent over what the deployment says; names that nobody knows are added to ``unknown``."""
    tables, sent = style.a2f.blendshape_params, face_params.float_params
    ignored = unknown_parameters(sent)
    unknown += [f"face parameter '{_shown(name)}'" for name in ignored]
    parameters = {name: value for name, value in sent.items() if name not in ignored}
    multipliers = _known_shapes(shapes.bs_weight_multipliers, face, unknown)
    offsets = _known_shapes(shapes.bs_weight_offsets, face, unknown)
    clamped = shapes.HasField("enable_clamping_bs_weight")
    return FaceSettings(
        parameters={**style.a2f.face_params, **parameters},
        multipliers={**_of(face, tables.weight_multipliers), **multipliers},
        offsets={**_of(face, tables.weight_offsets), **offsets},
        clamp=shapes.enable_clamping_bs_weight if clamped else tables.enable_clamping_bs_weight,
    )


def known_emotions(sent: Mapping[str, float], scheduler: Scheduler, unknown: list[str]) -> dict[str, float]:
    """Return the emotions that the pack knows, adding the others to ``unknown``; raises ParameterError."""
    names = scheduler.model.pack.info.emotions
    known = {}
    for name, value in sent.items():
        if EMOTION_ALIASES.get(name, name) in names:
            known[name] = value
        else:
            unknown.append(f"emotion '{_shown(name)}'")
    return check_emotions(known, names)


def check_audio(header: audio.AudioHeader, limits: InputLimits) -> None:
    problems = []
    if header.audio_format != audio.AudioHeader.AUDIO_FORMAT_PCM:
        problems.append(f"audio_format is {header.audio_format}; right is 0 (PCM)")
    if header.channel_count != 1:
        problems.append(f"channel_count is {header.channel_count}; right is 1 (mono)")
    if header.bits_per_sample != 16:
        problems.append(f"bits_per_sample is {header.bits_per_sample}; right is 16")
    low, high = limits.min_sample_rate, limits.max_sample_rate
    if not low <= header.samples_per_second <= high:
        problems.append(f"samples_per_second is {header.samples_per_second} Hz; right is {low} to {high}")
    if problems:
        raise Refusal(StatusCode.INVALID_ARGUMENT, "; ".join(problems))


def choose_scheduler(schedulers: Sequence[Scheduler], metadata: Mapping[str, str]) -> Scheduler:
    """Return the scheduler of the pack that the metadata asks for; nothing falls back."""
    for name in metadata:
        if name.startswith(_PREFIX) and name not in EXTENSIONS:
            raise ParameterError(f"unknown option '{_shown(name)}'{nearest(name, EXTENSIONS)}")
    pack = metadata.get("a2fbridge-pack")
    ids = [scheduler.model.pack.id for scheduler in schedulers]
    if pack is not None and pack not in ids:
        raise Refusal(
            StatusCode.NOT_FOUND,
            f"pack '{_shown(pack)}' is not served here{nearest(pack, ids)}: {', '.join(ids)}",
        )
    scheduler = schedulers[ids.index(pack) if pack is not None else 0]
    _require(metadata, "a2fbridge-solver", scheduler.model.solver, "solver", "is not the one of this server")
    return scheduler


def face_of(scheduler: Scheduler, metadata: Mapping[str, str], config: ServerConfig) -> Face:
    """Return the face that the metadata asks for, or the server's default for packs with several; raises Refusal."""
    model = scheduler.model
    default = config.identity_of(model.identities)
    wanted = metadata.get("a2fbridge-identity")
    try:
        return model.face(default if wanted is None else wanted)
    except ParameterError:
        served = ", ".join(f"'{name}'" for name in model.identities)
        text = f"identity '{_shown(wanted or default)}' is not in pack '{model.pack.id}': {served}"
        raise Refusal(StatusCode.NOT_FOUND, text) from None


def _require(metadata: Mapping[str, str], key: str, served: str, what: str, problem: str) -> None:
    wanted = metadata.get(key)
    if wanted is not None and wanted != served:
        raise Refusal(StatusCode.NOT_FOUND, f"{what} '{_shown(wanted)}' {problem}: '{served}'")


def _frame_rate(metadata: Mapping[str, str], config: ServerConfig) -> Fraction:
    default = config.stylization.a2fbridge.frame_rate or "30"
    rate = parse_frame_rate(metadata.get("a2fbridge-frame-rate", default))
    highest = config.deployment.a2fbridge.max_frame_rate
    if rate > highest:
        raise ParameterError(f"frame rate {rate} is above this server's limit of {highest}")
    return rate


def _known_shapes(sent: Mapping[str, float], face: Face, unknown: list[str]) -> dict[str, float]:
    names = face.names
    unknown += [f"blend shape '{_shown(name)}'" for name in sent if name not in names]
    return _of(face, sent)


def _of(face: Face, table: Mapping[str, float]) -> dict[str, float]:
    names = face.names
    return {name: value for name, value in table.items() if name in names}


def _shown(name: str) -> str:
    """Return a client's text fit for a message or a log line: short, printable ASCII."""
    return ascii(name[:60])[1:-1]


def shown_names(names: Iterable[str], limit: int = 12) -> str:
    """Return names joined, the rest of a long list counted."""
    listed = list(names)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more

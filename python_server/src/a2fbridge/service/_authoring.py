"""The authoring service: a clip is uploaded once, then asked for pose by pose (spec: wire protocol, 1.11).

Each pose is computed by itself, without smoothing over time, at the exact time asked for; the clip's inferences and a
diffusion network's states are kept between calls, so that turning a knob or scrubbing costs what it changes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import grpc

from a2fbridge._errors import ParameterError
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.a2f_authoring import v1_pb2 as authoring
from a2fbridge._proto.nvidia_ace.services.a2f_authoring import v1_pb2 as _service  # noqa: F401
from a2fbridge.animation import Frame
from a2fbridge.audio import pcm16_to_float
from a2fbridge.emotion import EmotionSettings
from a2fbridge.scheduler import Scheduler
from a2fbridge.service._clips import Clip, ClipStore
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._emotion import automatic_emotion
from a2fbridge.service._refusal import Refusal, refusal_of
from a2fbridge.service._request import (
    check_audio,
    choose_scheduler,
    face_of,
    face_settings,
    known_emotions,
    shown_names,
)
from a2fbridge.service._settings import SETTINGS_KEY, as_header
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import InteractiveClip, StreamOptions

__all__ = ["SERVICE", "Authoring"]

SERVICE: Final = "nvidia_ace.services.a2f_authoring.v1.A2FAuthoringService"
_MAX_SESSIONS: Final = 8
_ROW_BYTES: Final = 32 << 20
"""The network's values kept for one clip."""
_LOOK_BACK: Final = 4
"""Windows of a diffusion network that a pose far from any other is computed from: two seconds of past."""
_LATE: Final = 1 / 30
"""Seconds beyond the end that still mean the last pose: clients count frames up."""
_NEAR: Final = 0.05
"""Samples by which a time may miss the sample that it means: it comes as float32.  A frame's time gives the sample that
a stream's frame has."""

_log = logging.getLogger("a2fbridge.service")
Handler = Callable[[Any, Any], Awaitable[Any]]


class Authoring:
    """Serves UploadAudioClip and GetAvatarFacePose."""

    def __init__(self, config: ServerConfig, schedulers: Sequence[Scheduler]) -> None:
        self._config, self._schedulers = config, schedulers
        bridge = config.deployment.a2fbridge
        clock = asyncio.get_running_loop().time
        self._clips = ClipStore(bridge.authoring_total_mib << 20, bridge.authoring_ttl_second, clock)
        self._most = bridge.authoring_clip_mib << 20
        self._poses = {scheduler: _Poses(scheduler) for scheduler in schedulers}
        self._warned: set[str] = set()

    def handler(self) -> grpc.GenericRpcHandler[Any, Any]:
        """Return the handler to register."""
        methods: dict[str, tuple[Handler, Any, Any]] = {
            "UploadAudioClip": (self._upload, authoring.AudioClip, authoring.AudioClipHandle),
            "GetAvatarFacePose": (self._pose, authoring.FacePoseRequest, authoring.BlendShapeData),
        }
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(
                    _explaining(call),
                    request_deserializer=request.FromString,
                    response_serializer=response.SerializeToString,
                )
                for name, (call, request, response) in methods.items()
            },
        )

    async def _upload(self, request: Any, context: Any) -> Any:
        check_audio(request.audio_header, self._config.advanced.input_sanitization)
        content = request.content
        if not content or len(content) % 2:
            raise ParameterError(
                f"the clip has {len(content)} bytes; right is whole 16-bit samples, at least one"
            )
        if len(content) > self._most:
            raise ParameterError(f"the clip has {len(content)} bytes; right is at most {self._most}")
        scheduler, metadata = self._chosen(context)
        face = face_of(scheduler, metadata, self._config)
        automatic, _ = self._automatic(a2f.EmotionPostProcessingParameters(), scheduler, metadata)
        key = hashlib.sha256(content).hexdigest()
        self._clips.add(Clip(key, content, request.audio_header.samples_per_second))
        settings = {
            "pack": scheduler.model.pack.id,
            "identity": face.identity.name,
            "automatic_emotion": automatic is not None,
        }
        await context.send_initial_metadata(((SETTINGS_KEY, as_header(settings)),))
        return authoring.AudioClipHandle(audio_clip_id=key, blendshape_names=face.names)

    async def _pose(self, request: Any, context: Any) -> Any:
        clip = self._clips.get(request.audio_hash)
        if clip is None:
            text = (
                f"clip '{ascii(request.audio_hash[:64])[1:-1]}' is not, or no longer, here; upload it again"
            )
            raise Refusal(grpc.StatusCode.NOT_FOUND, text)
        scheduler, metadata = self._chosen(context)
        face = face_of(scheduler, metadata, self._config)
        unknown: list[str] = []
        settings = face_settings(
            self._config.stylization, face, request.face_params, request.blendshape_params, unknown
        )
        emotions = known_emotions(request.preferred_emotions, scheduler, unknown)
        automatic, not_in_force = self._automatic(request.emotion_pp_params, scheduler, metadata)
        self._warn("because unknown", unknown)
        self._warn("because automatic emotion is off", not_in_force)
        if automatic is None and not emotions:
            emotions = self._beginning(scheduler)
        seconds = _checked_time(request.time_stamp, clip)
        options = StreamOptions(
            sample_rate=clip.sample_rate,
            frame_rate=Fraction(scheduler.model.pack.info.sample_rate),
            face=settings,
            emotions=emotions,
            identity=face.identity.name,
            automatic=automatic,
        )
        poses = self._poses[scheduler]
        frame = await scheduler.call(lambda: poses.pose(clip, options, seconds))
        return authoring.BlendShapeData(
            blendshapes=frame.weights.tolist(),
            time_code=request.time_stamp,
            emotions=dict(zip(EMOTION_NAMES, frame.emotions.tolist(), strict=True)),
        )

    def _chosen(self, context: Any) -> tuple[Scheduler, Mapping[str, str]]:
        sent = context.invocation_metadata() or ()
        metadata = {key: value for key, value in sent if isinstance(value, str)}
        return choose_scheduler(self._schedulers, metadata), metadata

    def _automatic(
        self, post: a2f.EmotionPostProcessingParameters, scheduler: Scheduler, metadata: Mapping[str, str]
    ) -> tuple[EmotionSettings | None, list[str]]:
        style = self._config.stylization.a2e
        return automatic_emotion(post, None, metadata, style, self._beginning(scheduler), scheduler)

    def _beginning(self, scheduler: Scheduler) -> dict[str, float]:
        return known_emotions(self._config.stylization.default_beginning_emotions, scheduler, [])

    def _warn(self, why: str, ignored: Sequence[str]) -> None:
        new = [name for name in dict.fromkeys(ignored) if name not in self._warned]
        if new and len(self._warned) < 1000:
            self._warned.update(new)
            _log.warning("authoring: ignored, %s: %s", why, shown_names(new))


class _Poses:
    """The clips of one model that are at work.  Belongs to the scheduler's worker."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._model, self._hearing = scheduler.model, scheduler.hearing
        self._open: OrderedDict[tuple[str, int, str], InteractiveClip] = OrderedDict()

    def pose(self, clip: Clip, options: StreamOptions, seconds: float) -> Frame:
        """Return the pose at a time; raises ParameterError, BackendError."""
        key = (clip.id, clip.sample_rate, options.identity)
        session = self._open.get(key)
        if session is None:
            session = self._begin(key, clip, options)
        self._open.move_to_end(key)
        face, automatic = options.face, options.automatic
        session.set(
            parameters=face.parameters,
            multipliers=face.multipliers,
            offsets=face.offsets,
            clamp=face.clamp,
            emotions=options.emotions,
            automatic_emotion=automatic is not None,
            beginning_emotion=automatic.beginning if automatic else None,
            post_processing=automatic.parameters if automatic else None,
        )
        sample = math.floor(seconds * session.clock.sample_rate + _NEAR)
        return session.frame(min(sample, len(session) - 1))

    def _begin(self, key: tuple[str, int, str], clip: Clip, options: StreamOptions) -> InteractiveClip:
        while len(self._open) >= _MAX_SESSIONS:
            self._open.popitem(last=False)[1].close()
        samples = pcm16_to_float(clip.pcm)
        session = InteractiveClip(
            self._model,
            samples,
            options,
            hearing=lambda: self._hearing,
            look_back=_LOOK_BACK,
            cache_bytes=_ROW_BYTES,
        )
        self._open[key] = session
        return session


def _checked_time(seconds: float, clip: Clip) -> float:
    duration = len(clip.pcm) / 2 / clip.sample_rate
    if not (math.isfinite(seconds) and 0 <= seconds <= duration + _LATE):
        raise Refusal(
            grpc.StatusCode.OUT_OF_RANGE,
            f"time_stamp is {seconds:g} s; right is 0 to {duration:g} s, the clip's end",
        )
    return seconds


def _explaining(call: Handler) -> Handler:
    """Return a call whose errors reach the client as status and text."""

    async def explained(request: Any, context: Any) -> Any:
        try:
            return await call(request, context)
        except Exception as error:
            refusal = refusal_of(error)
        return await context.abort(refusal.code, refusal.text, refusal.trailing_metadata)

    return explained

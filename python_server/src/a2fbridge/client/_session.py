"""One animated clip on the wire, without the wire: what to send, and what received messages mean.

Shared by the blocking and the asyncio client (spec: wire protocol, sections 2 and 4).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from a2fbridge._errors import ParameterError, ServerError
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.audio import v1_pb2 as audio
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.animation import Animation, Frame
from a2fbridge.client._decode import read_emotions, read_settings
from a2fbridge.client._options import ClipOptions
from a2fbridge.emotion import check_emotion_time, check_emotions
from a2fbridge.timeline import FrameClock, parse_frame_rate

__all__ = [
    "SETTINGS_KEY",
    "EmotionKeys",
    "Emotions",
    "RefusedError",
    "Session",
    "emotion_processing",
    "plain_nim_error",
]

EmotionKeys = Sequence[tuple[float, Mapping[str, float]]]
Emotions = Mapping[str, float] | EmotionKeys

_log = logging.getLogger("a2fbridge.client")
SETTINGS_KEY: Final = "a2fbridge-settings"
_NIM_RATE: Final = Fraction(30)
_KEYS_PER_MESSAGE: Final = 500


class RefusedError(ServerError):
    """The server sent an ERROR status; the call's own status, which says the kind, is still to come."""


class Session:
    """Builds the requests of one clip and reads the answers in order."""

    def __init__(self, sample_rate: int, options: ClipOptions, target: str) -> None:
        """Raises ParameterError for post-processing fields that the protocol does not have."""
        self._sample_rate = sample_rate
        self._options = options
        self._target = target
        self._clock = FrameClock(options.frame_rate or _NIM_RATE)
        self._names: tuple[str, ...] | None = None
        self._rate = 16000
        self._count = 0
        self._echo: list[bytes] = []
        self.keep_audio = True
        """Keep the sound that comes back; live streams of hours do not."""
        self._finished = False
        self.settings: dict[str, Any] = {}
        """What the server said is in force; empty for a plain NIM."""
        self.warnings: list[str] = []
        """WARNING statuses of the server."""
        self._header = self._make_header()

    @property
    def extensions(self) -> list[tuple[str, str]]:
        """The request metadata for what NVIDIA's header cannot say."""
        return self._options.extensions()

    # --- to the server ------------------------------------------------------------------------------------------

    @property
    def header(self) -> controller.AudioStream:
        """The first message."""
        return self._header

    def _make_header(self) -> controller.AudioStream:
        options = self._options
        header = controller.AudioStreamHeader(
            audio_header=audio.AudioHeader(
                audio_format=audio.AudioHeader.AUDIO_FORMAT_PCM,
                channel_count=1,
                samples_per_second=self._sample_rate,
                bits_per_sample=16,
            ),
            face_params=a2f.FaceParameters(float_params=options.face_parameters),
            blendshape_params=a2f.BlendShapeParameters(
                bs_weight_multipliers=options.multipliers, bs_weight_offsets=options.offsets
            ),
            emotion_params=a2f.EmotionParameters(beginning_emotion=options.beginning_emotion),
        )
        if options.clamp is not None:
            header.blendshape_params.enable_clamping_bs_weight = options.clamp
        if options.live_transition_time is not None:
            header.emotion_params.live_transition_time = options.live_transition_time
        header.emotion_post_processing_params.MergeFrom(emotion_processing(options.post_processing))
        return controller.AudioStream(audio_stream_header=header)

    def chunks(
        self, pcm: bytes, keys: EmotionKeys = (), seconds: float = 1.0
    ) -> Iterator[controller.AudioStream]:
        """Return sound in messages of at most ``seconds``, emotion keys ahead of it; at least one message.

        Raises ParameterError for a bad emotion or time.
        """
        checked = [(check_emotion_time(time), check_emotions(values)) for time, values in keys]
        return self._chunks(pcm, checked, 2 * max(1, int(self._sample_rate * seconds)))

    @staticmethod
    def _chunks(pcm: bytes, keys: EmotionKeys, size: int) -> Iterator[controller.AudioStream]:
        for at in range(_KEYS_PER_MESSAGE, len(keys), _KEYS_PER_MESSAGE):
            yield _chunk(b"", keys[at : at + _KEYS_PER_MESSAGE])
        for at in range(0, max(len(pcm), 1), size):
            yield _chunk(pcm[at : at + size], () if at else keys[:_KEYS_PER_MESSAGE])

    @staticmethod
    def end() -> controller.AudioStream:
        """Return the message that ends the sound."""
        return controller.AudioStream(end_of_audio=controller.AudioStream.EndOfAudio())

    def clip(
        self, pcm: bytes, emotions: Emotions | None, seconds: float = 1.0
    ) -> Iterator[controller.AudioStream]:
        """Return every message of a whole clip, its sound ``seconds`` at a time.  Raises ParameterError."""
        if not emotions:
            keys: EmotionKeys = ()  # an empty key would be a wish for a neutral face
        else:
            keys = [(0.0, emotions)] if isinstance(emotions, Mapping) else emotions
        return itertools.chain([self.header], self.chunks(pcm, keys, seconds), [self.end()])

    # --- from the server ----------------------------------------------------------------------------------------

    def accept_metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        """Read the server's initial metadata.  Raises ServerError for a frame rate in force that is none."""
        for name, value in metadata:
            if name == SETTINGS_KEY:
                self.settings = read_settings(value)
        if rate := self.settings.get("frame_rate"):
            self._clock = FrameClock(self._rate_in_force(rate))

    def _rate_in_force(self, rate: Any) -> Fraction:
        try:
            return parse_frame_rate(str(rate))
        except ParameterError as error:
            raise ServerError(f"{self._target} answered: {error}", "INTERNAL") from None

    def accept(self, message: controller.AnimationDataStream) -> Frame | None:
        """Read one message; a frame when it was one.

        Raises ServerError for an ERROR status, a broken order, or a plain NIM that was asked for our options.
        """
        part = message.WhichOneof("stream_part")
        if part == "animation_data_stream_header":
            self._accept_header(message.animation_data_stream_header)
            return None
        if part == "status":
            self._accept_status(message.status)
            return None
        if part == "animation_data":
            return self._frame(message)
        return None

    def _accept_header(self, header: controller.AnimationDataStreamHeader) -> None:
        # Only a server that serves the stream can be told to be a NIM: one that refuses sends no settings either.
        if not self.settings and (asked := self._options.extensions()):
            raise plain_nim_error(self._target, asked)
        self._names = tuple(header.skel_animation_header.blend_shapes)
        self._rate = header.audio_header.samples_per_second or 16000
        self._clock = FrameClock(self._clock.frame_rate, self._rate)

    def _accept_status(self, received: status.Status) -> None:
        if received.code == status.Status.ERROR:
            raise RefusedError(f"{self._target}: {received.message}")
        if received.code == status.Status.WARNING:
            self.warnings.append(received.message)
            _log.warning("%s: %s", self._target, received.message)
        self._finished = self._finished or received.code == status.Status.SUCCESS

    def _frame(self, message: controller.AnimationDataStream) -> Frame | None:
        data = message.animation_data
        if self._names is None:
            raise ServerError(f"{self._target} sent a frame before its header", "INTERNAL")
        if self.keep_audio:
            self._echo.append(data.audio.audio_buffer)
        if not data.skel_animation.blend_shape_weights:
            return None
        entry = data.skel_animation.blend_shape_weights[0]
        weights = np.fromiter(entry.values, np.float32, len(entry.values))
        if len(weights) != len(self._names):
            raise ServerError(
                f"{self._target} sent {len(weights)} weights for {len(self._names)} names at {entry.time_code:.3f} s",
                "INTERNAL",
            )
        index, self._count = self._count, self._count + 1
        return Frame(index, self._clock.sample_of(index), entry.time_code, weights, read_emotions(data))

    @property
    def names(self) -> tuple[str, ...]:
        """Weight names; raises ServerError when the server sent no header."""
        if self._names is None:
            raise ServerError(f"{self._target} ended the stream without a header", "INTERNAL")
        return self._names

    def check_finished(self) -> None:
        """Raise ServerError unless the server ended the clip with SUCCESS."""
        if not self._finished:
            raise ServerError(
                f"{self._target} ended the stream after {self._count} frames without a status", "INTERNAL"
            )

    def animation(self, frames: Sequence[Frame]) -> Animation:
        """Join the frames and the echoed sound into a clip."""
        sound = b"".join(self._echo)
        return Animation.from_frames(
            frames,
            self.names,
            self._clock.frame_rate,
            audio=np.frombuffer(sound[: len(sound) // 2 * 2], "<i2").astype(np.int16),
            settings={**self.settings, "server": self._target},
        )


def emotion_processing(values: Mapping[str, Any]) -> a2f.EmotionPostProcessingParameters:
    """Return NVIDIA's message of these fields; raises ParameterError for one that it does not have."""
    try:
        return a2f.EmotionPostProcessingParameters(**values)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"emotion post-processing: {error}") from None


def plain_nim_error(target: str, asked: Sequence[tuple[str, str]]) -> ServerError:
    """Return what to say when a plain NIM was asked for options (request metadata) of ours."""
    names = ", ".join(name for name, _ in asked)
    return ServerError(
        f"{target} is a plain Audio2Face-3D NIM, which does not know {names}; leave those options out",
        "FAILED_PRECONDITION",
    )


def _chunk(pcm: bytes, keys: EmotionKeys) -> controller.AudioStream:
    message = controller.AudioStream(audio_with_emotion=a2f.AudioWithEmotion(audio_buffer=pcm))
    for time_code, values in keys:
        message.audio_with_emotion.emotions.add(time_code=time_code, emotion=values)
    return message

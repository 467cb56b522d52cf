"""The client's half of a stream: checks the order and the contents of its messages and hands them on.

No sockets and no waiting: messages in, calls of the stream's handle out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from grpc import StatusCode

from a2fbridge._errors import ParameterError
from a2fbridge._proto.nvidia_ace.a2f import v1_pb2 as a2f
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.emotion import check_emotion_time
from a2fbridge.scheduler import StreamHandle
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._refusal import Refusal
from a2fbridge.service._request import Request, known_emotions, shown_names

__all__ = ["Intake"]

_MAX_KEYS: Final = 1024
"""Emotion keys in one message."""
_MAX_ECHO: Final = 4096
"""Emotion keys waiting to be sent back; the oldest are dropped."""
_MAX_WARNED: Final = 100
_FREE_KEYS: Final = 20_000
_KEYS_PER_SECOND: Final = 240
"""Emotion keys that a stream may bring: some at once, then no denser than frames can use."""


class Intake:
    """Takes the messages that follow a stream's header."""

    def __init__(self, handle: StreamHandle, request: Request, config: ServerConfig) -> None:
        self._handle = handle
        self._request = request
        self._limits = config.advanced.input_sanitization
        self._byte_rate = 2 * request.options.sample_rate
        self._odd = b""
        self._bytes = 0
        self._keys = 0
        self._warned = set(request.unknown)
        self.ended = False
        """True when all audio is in."""
        self.remarks: list[str] = []
        """Warnings for the client; the sender takes them away."""
        self._echo: deque[tuple[float, dict[str, float]]] = deque(maxlen=_MAX_ECHO)

    @property
    def received_seconds(self) -> float:
        """Audio that came in."""
        return self._bytes / self._byte_rate

    def take(self, message: controller.AudioStream) -> None:
        """Take one message; raises Refusal or ParameterError."""
        part = message.WhichOneof("stream_part")
        if self.ended:
            self._remark("messages after the end of the audio were ignored")
        elif part == "audio_with_emotion":
            self._take_audio(message.audio_with_emotion)
        elif part == "end_of_audio":
            self.end()
        elif part == "audio_stream_header":
            raise Refusal(StatusCode.FAILED_PRECONDITION, "a second header was sent; one call is one clip")
        else:
            self._remark("messages of an unknown kind were ignored")

    def end(self) -> None:
        """All audio is in; raises Refusal when a byte is left over.  Twice is harmless."""
        if self.ended:
            return
        if self._odd:
            raise Refusal(
                StatusCode.INVALID_ARGUMENT,
                f"the audio has an odd number of bytes ({self._bytes}); 16-bit samples have two each",
            )
        self.ended = True
        self._handle.end()

    def take_echo(self) -> list[tuple[float, dict[str, float]]]:
        """Return the client's emotion keys that have not been sent back yet."""
        keys = list(self._echo)
        self._echo.clear()
        return keys

    def _take_audio(self, message: a2f.AudioWithEmotion) -> None:
        if message.emotions:
            self._take_emotions(message)
        data = message.audio_buffer
        self._check_size(len(data))
        self._bytes += len(data)
        data = self._odd + data
        even = len(data) & ~1
        self._odd = data[even:]
        if even:
            self._handle.push_audio(data[:even])

    def _check_size(self, size: int) -> None:
        longest = self._limits.max_audio_buffer_size_second
        if size > longest * self._byte_rate:
            raise Refusal(
                StatusCode.INVALID_ARGUMENT,
                f"a message holds {size / self._byte_rate:g} s of audio; right is at most {longest} s",
            )
        clip = self._limits.max_audio_clip_size_second
        if clip and self._bytes + size > clip * self._byte_rate:
            raise Refusal(StatusCode.RESOURCE_EXHAUSTED, f"the clip is longer than this server's {clip} s")

    def _take_emotions(self, message: a2f.AudioWithEmotion) -> None:
        if len(message.emotions) > _MAX_KEYS:
            raise ParameterError(
                f"a message holds {len(message.emotions)} emotions; right is at most {_MAX_KEYS}"
            )
        self._keys += len(message.emotions)
        if self._keys > _FREE_KEYS + _KEYS_PER_SECOND * self.received_seconds:
            raise ParameterError(
                f"{self._keys} emotions came with {self.received_seconds:.1f} s of audio: too many"
            )
        unknown: list[str] = []
        keys = []
        for entry in message.emotions:
            emotions = known_emotions(entry.emotion, self._request.scheduler, unknown)
            keys.append((check_emotion_time(entry.time_code), emotions))
            self._echo.append((entry.time_code, _echoed(entry.emotion)))
        self._handle.push_emotions(keys)
        new = [name for name in dict.fromkeys(unknown) if name not in self._warned]
        if new and len(self._warned) < _MAX_WARNED:
            self._warned.update(new)
            self.remarks.append(f"ignored, because unknown: {shown_names(new)}")

    def _remark(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self.remarks.append(text)


def _echoed(emotion: Mapping[str, float]) -> dict[str, float]:
    return dict(list(emotion.items())[:32])

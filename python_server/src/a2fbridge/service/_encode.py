"""Frames as bytes of the wire.

All frames of a stream have the same shape, so protobuf encodes one of them with marker values, once per length of
audio slice; every further frame is a copy with its numbers written over the markers: less than half the cost of
filling a message per frame.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.emotion_aggregate import v1_pb2 as emotion_aggregate
from a2fbridge.scheduler import OutputFrame
from a2fbridge.shapes import EMOTION_NAMES

__all__ = ["FrameEncoder", "encode_frame"]

EmotionKeys = Sequence[tuple[float, Mapping[str, float]]]

_MAX_TEMPLATES: Final = 8
_SHORTEST_MARK: Final = 16
"""Bytes of audio below which the marker could be mistaken for something else."""
_TIME: Final = struct.Struct("<d")
_VALUE: Final = struct.Struct("<f")
_TIME_MARK: Final = -1.2345678901234567e-89
_EMOTION_MARKS: Final = tuple(-1.2345e-29 * (1 + i / 16) for i in range(len(EMOTION_NAMES)))


def encode_frame(output: OutputFrame, input_emotions: EmotionKeys = ()) -> bytes:
    """Encode one frame by protobuf, with the client's emotion keys when there are any to echo."""
    frame = output.frame
    emotions, heard = _named(frame.emotions), None if frame.heard is None else _named(frame.heard)
    message = _message(frame.time_code, frame.weights.tolist(), output.audio, emotions, input_emotions, heard)
    return message.SerializeToString()


def _named(emotions: NDArray[np.float32]) -> dict[str, float]:
    return dict(zip(EMOTION_NAMES, emotions.tolist(), strict=True))


class FrameEncoder:
    """Encodes the frames of one stream."""

    def __init__(self, weights: int) -> None:
        self._weights = weights
        self._templates: dict[int, _Template] = {}

    def encode(self, output: OutputFrame) -> bytes:
        """Return the AnimationDataStream message of a frame."""
        size = len(output.audio)
        if size < _SHORTEST_MARK:
            return encode_frame(output)
        template = self._templates.get(size)
        if template is None:
            if len(self._templates) == _MAX_TEMPLATES:
                self._templates.clear()
            template = self._templates[size] = _Template(self._weights, size)
        return template.fill(output)


class _Template:
    """The bytes of a frame with one length of audio, and where its numbers lie."""

    def __init__(self, weights: int, audio_size: int) -> None:
        marks = np.arange(1, weights + 1, dtype="<f4") * np.float32(-1.7e-27)
        audio = _audio_mark(audio_size)
        emotions = dict(zip(EMOTION_NAMES, _EMOTION_MARKS, strict=True))
        self._bytes = _message(_TIME_MARK, marks.tolist(), audio, emotions, ()).SerializeToString()
        self._times = [self._find(_TIME.pack(_TIME_MARK), nth) for nth in range(3)]
        self._weights = self._find(marks.tobytes())
        self._audio = self._find(audio)
        self._emotions = [self._find(_VALUE.pack(mark)) for mark in _EMOTION_MARKS]

    def _find(self, mark: bytes, nth: int = 0) -> int:
        at = self._bytes.index(mark)
        for _ in range(nth):
            at = self._bytes.index(mark, at + 1)
        return at

    def fill(self, output: OutputFrame) -> bytes:
        frame = output.frame
        out = bytearray(self._bytes)
        for at in self._times:
            _TIME.pack_into(out, at, frame.time_code)
        weights = frame.weights.astype("<f4", copy=False).tobytes()
        out[self._weights : self._weights + len(weights)] = weights
        out[self._audio : self._audio + len(output.audio)] = output.audio
        for at, value in zip(self._emotions, frame.emotions.tolist(), strict=True):
            _VALUE.pack_into(out, at, value)
        return bytes(out)


def _message(
    time_code: float,
    weights: Sequence[float],
    audio: bytes,
    emotions: Mapping[str, float],
    input_emotions: EmotionKeys,
    heard: Mapping[str, float] | None = None,
) -> controller.AnimationDataStream:
    message = controller.AnimationDataStream()
    data = message.animation_data
    data.skel_animation.blend_shape_weights.add(time_code=time_code, values=weights)
    data.audio.time_code = time_code
    data.audio.audio_buffer = audio
    aggregate = emotion_aggregate.EmotionAggregate()
    aggregate.a2f_smoothed_output.add(time_code=time_code, emotion=emotions)
    if heard is not None:
        aggregate.a2e_output.add(time_code=time_code, emotion=heard)
    for key_time, values in input_emotions:
        aggregate.input_emotions.add(time_code=key_time, emotion=values)
    data.metadata["emotion_aggregate"].Pack(aggregate)
    return message


def _audio_mark(size: int) -> bytes:
    return bytes((i * 167 + 13) % 251 for i in range(size))

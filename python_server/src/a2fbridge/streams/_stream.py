"""One animated stream: push audio and emotions, pull frames.  No sockets, no threads, no clock of the machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import BackendError, ParameterError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.audio import AudioBuffer, StreamResampler, float_to_pcm16
from a2fbridge.emotion import EmotionTrack, check_emotion_time
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.timeline import FrameClock, WindowSpec

__all__ = ["MAX_SAMPLE_RATE", "MIN_SAMPLE_RATE", "Stream", "StreamOptions", "run_batch", "settings_in_force"]

MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 384_000
_PULL_ROWS = 32


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What one stream may choose; everything else is the model's."""

    sample_rate: int = 16000
    """Hz of the audio that will be pushed; other rates than the model's are resampled."""
    frame_rate: Fraction = Fraction(30)
    face: FaceSettings = field(default_factory=FaceSettings)
    emotions: Mapping[str, float] = field(default_factory=dict)
    """Emotions in force from the start, 0..1 by name."""
    padding: float = 0.0
    """Seconds of silence after the end of a sound; within the first half of them the emotion returns to neutral."""


class Stream:
    """Audio in, frames out, in order.  The numbers do not depend on how the audio is cut into pushes."""

    def __init__(self, model: FaceModel, options: StreamOptions | None = None) -> None:
        """Raises ParameterError for a bad option."""
        options = options or StreamOptions()
        if not MIN_SAMPLE_RATE <= options.sample_rate <= MAX_SAMPLE_RATE:
            raise ParameterError(
                f"sample rate is {options.sample_rate} Hz; right is {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz"
            )
        info = model.pack.info
        self.options = options
        self.names = model.names
        self.clock = FrameClock(options.frame_rate, info.sample_rate)
        self._model = model
        self._window = WindowSpec(info.window, info.offset)
        self._buffer = AudioBuffer()
        self._resampler = StreamResampler(options.sample_rate, info.sample_rate)
        self._emotions = EmotionTrack(info.emotions)
        if options.emotions:
            self._emotions.add(0, options.emotions)
        self._slot = model.open(options.face, self.clock.period)
        self._next = 0
        self._closed = False
        self._ended = False

    @property
    def model(self) -> FaceModel:
        """The model that this stream runs on."""
        return self._model

    @property
    def slot(self) -> int:
        """The stream's row in the model's state."""
        return self._slot

    @property
    def next_frame(self) -> int:
        """Index of the next frame to come."""
        return self._next

    @property
    def finished(self) -> bool:
        """True when the audio has ended and every frame has been taken."""
        return self._ended and self.ready() == 0

    @property
    def samples(self) -> int:
        """Samples received, at the model's rate."""
        return len(self._buffer)

    @property
    def held_samples(self) -> int:
        """Samples kept in memory."""
        return len(self._buffer) - self._buffer.first

    def push(self, samples: NDArray[np.float32]) -> None:
        """Append mono float audio in -1..1 at the stream's sample rate.  Raises StreamError after the end."""
        if self._ended:
            raise StreamError(
                "audio was pushed after the end of the stream; open a new stream for the next clip"
            )
        self._buffer.append(self._resampler.push(samples))

    def push_emotions(self, time_code: float, emotions: Mapping[str, float]) -> None:
        """Set the emotions from ``time_code`` (seconds) on; linear between keys.  Raises ParameterError."""
        self._emotions.add(int(check_emotion_time(time_code) * self.clock.sample_rate), emotions)

    def end(self) -> None:
        """Say that no audio follows; what lies beyond the end is silence.  Twice is harmless."""
        if not self._ended:
            self._buffer.append(self._resampler.flush())
            if self.samples:
                self._pad(round(self.options.padding * self.clock.sample_rate))
            self._buffer.close()
            self._ended = True

    def _pad(self, count: int) -> None:
        if count:
            self._emotions.fade(self.samples, self.samples + count // 2)
            self._buffer.append(np.zeros(count, np.float32))

    def close(self) -> None:
        """Give the stream's place in the model back.  Twice is harmless."""
        if not self._closed:
            self._closed = True
            self._model.close(self._slot)
            self._buffer = AudioBuffer(1)  # whoever still holds the stream does not hold its sound

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def ready(self) -> int:
        """Return how many frames can be computed now."""
        if self._closed:
            return 0
        length = len(self._buffer)
        if self._ended:
            return self.clock.frames_in(length) - self._next
        whole = self.clock.frames_in(length + 1) - 1  # frames whose own slice of audio is complete
        return max(0, min(self._window.ready_frames(self.clock, length, False), whole) - self._next)

    def pull(self, limit: int | None = None) -> list[Frame]:
        """Compute and return the frames that are ready (at most ``limit``).

        Raises StreamError on a closed stream, BackendError when the network failed.
        """
        if self._closed:
            raise StreamError("frames were pulled from a closed stream")
        frames: list[Frame] = []
        left = self.ready() if limit is None else min(limit, self.ready())
        while left > 0:
            rows = min(left, _PULL_ROWS, self._model.backend.max_batch)
            batch = run_batch(self._model, [(self, rows)])[0]
            if isinstance(batch, BackendError):
                raise batch
            frames += batch
            left -= rows
        self.forget()
        return frames

    def audio_of(self, first: int, count: int) -> list[bytes]:
        """Return the PCM16 of ``count`` frames just computed, ``first`` on.

        A frame's sound goes from its sample to the next frame's; after the end come zeros.
        """
        starts = [self.clock.sample_of(first + i) for i in range(count + 1)]
        pcm = float_to_pcm16(self._buffer.window(starts[0], starts[-1] - starts[0]))
        places = [2 * (start - starts[0]) for start in starts]
        return [pcm[start:stop] for start, stop in pairwise(places)]

    def forget(self) -> None:
        """Drop audio and emotion keys that no coming frame needs; called by whoever took the frames' audio."""
        start = self.clock.sample_of(self._next)
        self._buffer.drop_before(max(0, min(start - self._window.offset, start)))
        self._emotions.drop_before(start)

    def fill(self, audio: NDArray[np.float32], emotion: NDArray[np.float32]) -> None:
        """Write the inputs of the next rows: audio [R, window], emotion [R, implicit + E]."""
        implicit = self._model.pack.info.implicit_length
        starts = [self.clock.sample_of(self._next + row) for row in range(len(audio))]
        self._buffer.gather([s - self._window.offset for s in starts], self._window.size, audio)
        strength = self._model.input_strength(self._slot)
        if strength != 1.0:
            audio *= np.float32(strength)
        emotion[:, :implicit] = self._model.pack.implicit_emotion
        for row, start in enumerate(starts):
            emotion[row, implicit:] = self._emotions.at(start)

    def accept(
        self,
        weights: NDArray[np.float32],
        emotions: NDArray[np.float32],
        jaw: Sequence[NDArray[np.float32] | None],
        eyes: Sequence[NDArray[np.float32] | None],
    ) -> list[Frame]:
        """Name the rows that were computed and move on."""
        frames = []
        for row, values in enumerate(weights):
            k = self._next + row
            frames.append(
                Frame(
                    k,
                    self.clock.sample_of(k),
                    self.clock.time_of(k),
                    values,
                    emotions[row],
                    jaw[row],
                    eyes[row],
                )
            )
        self._next += len(weights)
        return frames

    def settings(self) -> dict[str, Any]:
        """Return what is in force, fit for JSON."""
        return settings_in_force(self._model, self.options)


def settings_in_force(model: FaceModel, options: StreamOptions) -> dict[str, Any]:
    """Return what is in force for a stream with these options, fit for JSON; raises ParameterError for a bad one."""
    face, rate, info = options.face, options.frame_rate, model.pack.info
    return {
        "pack": model.pack.id,
        "actor": info.actor,
        "look_ahead": WindowSpec(info.window, info.offset).look_ahead / info.sample_rate,
        "solver": model.solver,
        "backend": model.backend.name,
        "frame_rate": f"{rate.numerator}/{rate.denominator}",
        "sample_rate": options.sample_rate,
        "face_parameters": model.check(face),
        "multipliers": dict(face.multipliers),
        "offsets": dict(face.offsets),
        "clamp": face.clamp,
        "emotions": dict(options.emotions),
        "padding": options.padding,
    }


def run_batch(model: FaceModel, rows: Iterable[tuple[Stream, int]]) -> list[list[Frame] | BackendError]:
    """Compute ``n`` ready frames of each stream in one inference; streams of one model, each named once.

    Returns frames per stream, in order; a stream whose rows were not finite gets a BackendError instead, and the
    others are unharmed.  Raises BackendError when the whole inference failed.
    """
    taken = list(rows)
    total = sum(n for _, n in taken)
    info = model.pack.info
    audio = np.empty((total, info.window), np.float32)
    emotion = np.empty((total, info.implicit_length + len(info.emotions)), np.float32)
    slots = np.empty(total, np.intp)
    at = 0
    for stream, n in taken:
        stream.fill(audio[at : at + n], emotion[at : at + n])
        slots[at : at + n] = stream.slot
        at += n
    result = model.run(audio, emotion, slots)
    explicit = _named_emotions(emotion[:, info.implicit_length :], info.emotions)
    delivered: list[list[Frame] | BackendError] = []
    at = 0
    for stream, n in taken:
        span = range(at, at + n)
        if result.ok[at : at + n].all():
            jaw, eyes = [result.jaw.get(r) for r in span], [result.eyes.get(r) for r in span]
            delivered.append(stream.accept(result.weights[at : at + n], explicit[at : at + n], jaw, eyes))
        else:
            delivered.append(
                BackendError(
                    f"the network gave values that are not finite at frame {stream.next_frame}; is the pack damaged?"
                )
            )
        at += n
    return delivered


def _named_emotions(explicit: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
    """Return [R, 10] in canonical order from a pack's own order; emotions the pack does not know are 0."""
    if names == shapes.EMOTION_NAMES:
        return explicit
    out = np.zeros((len(explicit), len(shapes.EMOTION_NAMES)), np.float32)
    for i, name in enumerate(shapes.EMOTION_NAMES):
        if name in names:
            out[:, i] = explicit[:, names.index(name)]
    return out

"""One animated stream: push audio and emotions, pull frames.  No sockets, no threads, no clock of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import A2FBridgeError, ParameterError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.audio import AudioBuffer, StreamResampler, float_to_pcm16
from a2fbridge.emotion import EmotionModel, EmotionSettings, check_emotion_time
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.streams._batch import run_batch
from a2fbridge.streams._emotions import EmotionSource, emotion_source, named_emotions, required
from a2fbridge.streams._retiming import Retiming
from a2fbridge.timeline import FrameClock

__all__ = [
    "MAX_SAMPLE_RATE",
    "MIN_SAMPLE_RATE",
    "Stream",
    "StreamOptions",
    "settings_in_force",
]

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
    identity: str = ""
    """Which face of the pack, upper and lower case alike; empty for its first."""
    automatic: EmotionSettings | None = None
    """Hear the emotion in the voice; ``emotions`` and what the client sends are then what is preferred."""


class Stream:
    """Audio in, frames out, in order.  The numbers do not depend on how the audio is cut into pushes."""

    def __init__(
        self, model: FaceModel, options: StreamOptions | None = None, hearing: EmotionModel | None = None
    ) -> None:
        """``hearing`` hears the emotion where the options ask for that.  Raises ParameterError for a bad option."""
        options = options or StreamOptions()
        if not MIN_SAMPLE_RATE <= options.sample_rate <= MAX_SAMPLE_RATE:
            raise ParameterError(
                f"sample rate is {options.sample_rate} Hz; right is {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz"
            )
        info = model.pack.info
        self.options = options
        self.clock = FrameClock(options.frame_rate, info.sample_rate)
        self.windows = info.windows(options.frame_rate)
        """The windows that the stream is inferred in; it moves on by whole windows."""
        self._model = model
        self._emotions = emotion_source(model.pack, options.automatic, hearing)
        try:
            if options.emotions:
                self._emotions.add(0, options.emotions)
            self._slot = model.open(options.face, self.clock.period, options.identity)
        except ParameterError:
            self._emotions.close()
            raise
        self._hearing = hearing
        self.names = model.face_of(self._slot).names
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._buffer = AudioBuffer()
        self._emotions.begin(self._buffer)
        self._resampler = StreamResampler(self.options.sample_rate, self.clock.sample_rate)
        self._retiming = Retiming(self.windows, self.clock)
        self._waiting: list[Frame] = []
        self._window = 0
        self._next = 0
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

    @property
    def held_rows(self) -> int:
        """Rows of the network kept for frames to come."""
        return self._retiming.kept

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
            self._emotions.close()
            self._buffer = AudioBuffer(1)  # whoever still holds the stream does not hold its sound

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def reset(self) -> None:
        """Begin again: sound, frames and state of the past are forgotten, settings and emotions stay.

        Raises StreamError on a closed stream.
        """
        if self._closed:
            raise StreamError("a closed stream was reset")
        self._model.reset(self._slot)
        self._begin()

    def ready_windows(self) -> int:
        """Return how many windows can be inferred now; none once every frame is computed."""
        if self._closed:
            return 0
        length = len(self._buffer)
        if self._ended and self._next == self.clock.frames_in(length):
            return 0
        count = self.windows.ready(length, self._ended)
        if self._emotions.known_to is not None:
            count = min(count, self.windows.known(self._emotions.known_to))
        return max(0, count - self._window)

    def ready(self) -> int:
        """Return how many frames can be had now."""
        windows = self.ready_windows()
        due = self._due(self._window + windows) - self._next if windows else 0
        return due + len(self._waiting)

    def _due(self, windows: int) -> int:
        """Return how many frames in all can be delivered once ``windows`` windows are computed."""
        length = len(self._buffer)
        if self._ended:
            total = self.clock.frames_in(length)
            if windows >= self.windows.ready(length, True):
                return total
        else:
            total = self.clock.frames_in(length + 1) - 1  # frames whose own slice of audio is complete
        return max(self._next, min(total, self._retiming.reach(windows * self.windows.frames)))

    def pull(self, limit: int | None = None) -> list[Frame]:
        """Compute and return the frames that are ready (at most ``limit``).

        Raises StreamError on a closed stream, BackendError when the network failed.
        """
        if self._closed:
            raise StreamError("frames were pulled from a closed stream")
        network = self._model.network
        left = self.ready() if limit is None else min(limit, self.ready())
        while len(self._waiting) < left:
            most = min(self.ready_windows(), _PULL_ROWS, network.consecutive, network.max_batch)
            batch = run_batch(self._model, [(self, min(most, left - len(self._waiting)))])[0]
            if isinstance(batch, A2FBridgeError):
                raise batch
            self._waiting += batch
        frames, self._waiting = self._waiting[:left], self._waiting[left:]
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
        """Drop audio and emotions that no coming frame needs; called by whoever took the frames' audio."""
        start = min(self.windows.start_of(self._window), self.clock.sample_of(self._next))
        if self._emotions.first_needed is not None:
            start = min(start, self._emotions.first_needed)
        self._buffer.drop_before(max(0, start))
        self._emotions.drop_before(max(0, self.windows.target_of(self._window * self.windows.frames)))

    def hearing_of(self, windows: int) -> tuple[EmotionSource, int]:
        """Return whom to ask for the emotions of the next windows, and the last sample that will be asked for."""
        return self._emotions, self.windows.target_of((self._window + windows) * self.windows.frames - 1)

    def fill(self, audio: NDArray[np.float32], emotion: NDArray[np.float32]) -> None:
        """Write the inputs of the next windows: audio [n, W], emotion [n, F, E]."""
        starts = [self.windows.start_of(self._window + row) for row in range(len(audio))]
        self._buffer.gather(starts, self.windows.size, audio)
        strength = self._model.face_of(self._slot).input_strength(self._slot)
        if strength != 1.0:
            audio *= np.float32(strength)
        first = self._window * self.windows.frames
        for frame, row in enumerate(emotion.reshape(-1, emotion.shape[-1]), first):
            row[:] = self._emotions.at(self.windows.target_of(frame))

    def advance(self, rows: NDArray[np.float64], windows: int) -> NDArray[np.float64]:
        """Take the rows [n * F, C] of the windows that were inferred; returns those of the frames now due [m, C]."""
        self._window += windows
        self._retiming.add(rows)
        return self._retiming.take(self._next, self._due(self._window) - self._next)

    def accept(self, weights: NDArray[np.float32], rows: NDArray[np.float64]) -> list[Frame]:
        """Name the frames of rows that are due, given their weights, and move on."""
        face, slot = self._model.face_of(self._slot), self._slot
        projected, emotion, raw = self._split(rows)
        emotions = named_emotions(emotion.astype(np.float32), self._model.pack.info.emotions)
        jaw, eyes = face.rig(projected, slot) if len(rows) else (None, None)
        skin, tongue = face.geometry(raw, slot) if len(rows) else (None, None)
        frames = [
            Frame(
                index=self._next + i,
                sample_index=self.clock.sample_of(self._next + i),
                time_code=self.clock.time_of(self._next + i),
                weights=weights[i],
                emotions=emotions[i],
                jaw=None if jaw is None else jaw[i],
                eyes=None if eyes is None else eyes[i],
                skin=None if skin is None else skin[i],
                tongue=None if tongue is None else tongue[i],
                heard=self._emotions.heard_at(self.clock.sample_of(self._next + i)),
            )
            for i in range(len(rows))
        ]
        self._next += len(rows)
        return frames

    def _split(
        self, rows: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
        """Return projected rows, emotions, and the network's rows (none unless geometry was asked for)."""
        end = self._model.width
        emotions = end + len(self._model.pack.info.emotions)
        return rows[:, :end], rows[:, end:emotions], rows[:, emotions:].astype(np.float32)

    def settings(self) -> dict[str, Any]:
        """Return what is in force, fit for JSON."""
        return settings_in_force(self._model, self.options, self._hearing)


def settings_in_force(
    model: FaceModel, options: StreamOptions, hearing: EmotionModel | None = None
) -> dict[str, Any]:
    """Return what is in force for a stream with these options, fit for JSON; raises ParameterError for a bad one."""
    automatic = {}
    if options.automatic is not None:
        automatic = {"automatic_emotion": required(hearing).settings(options.automatic)}
    settings, rate, face = options.face, options.frame_rate, model.face(options.identity)
    noise = {"constant": model.noise.constant, "seed": model.noise.seed}
    return {
        "pack": model.pack.id,
        "actor": model.pack.info.actor,
        "identity": face.identity.name,
        "look_ahead": model.pack.info.windows(rate).look_ahead / model.pack.info.sample_rate,
        "solver": model.solver,
        "backend": model.backend.name,
        "frame_rate": f"{rate.numerator}/{rate.denominator}",
        "sample_rate": options.sample_rate,
        "face_parameters": face.check(settings),
        "multipliers": dict(settings.multipliers),
        "offsets": dict(settings.offsets),
        "clamp": settings.clamp,
        "skip": list(settings.skip),
        "emotions": dict(options.emotions),
        "padding": options.padding,
        **({"noise": noise} if model.pack.info.kind == "diffusion" else {}),
        **automatic,
    }

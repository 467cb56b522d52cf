"""An emotion pack on one backend: windows of many streams' sound in, ten emotions a frame out.

Emotion frames have a rate of their own (30 a second, whatever the face's), because the post-processing works frame
by frame; ``interval`` of them share one inference (spec: diffusion and emotion, sections B.3 and B.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import ParameterError
from a2fbridge.backends import Backend, finite_rows
from a2fbridge.emotion._chain import EmotionChain
from a2fbridge.emotion._keys import check_emotions
from a2fbridge.emotion._settings import ChainSettings, EmotionSettings
from a2fbridge.packs import EmotionPack
from a2fbridge.timeline import FrameClock

if TYPE_CHECKING:
    from a2fbridge.emotion._automatic import AutomaticEmotion

__all__ = ["EmotionModel", "EmotionTiming", "default_timing"]

Floats = NDArray[np.float32]
INPUT: Final = "input_values"
OUTPUT: Final = "output"


@dataclass(frozen=True, slots=True)
class EmotionTiming:
    """When the classifier looks at what."""

    window: int
    """Samples of one inference."""
    look_ahead: int
    """Samples of them that lie after the frame; NVIDIA's executor has it at half of the window."""
    interval: int = 10
    """Emotion frames per inference (``inference_interval``; the SDK's ``inferencesToSkip`` is one less)."""
    frame_rate: Fraction = Fraction(30)
    sample_rate: int = 16000

    def __post_init__(self) -> None:
        """Raises ParameterError for values that NVIDIA's scheduler refuses as well."""
        if not 1 <= self.look_ahead <= self.window:
            raise ParameterError(
                f"look-ahead of {self.look_ahead} samples; right is 1 to the window's {self.window}"
            )
        if self.interval < 1 or self.stride > self.window:
            longest = int(self.window * self.frame_rate / self.sample_rate)
            raise ParameterError(f"an inference every {self.interval} frames; right is 1 to {longest}")

    @property
    def stride(self) -> Fraction:
        """Samples between inferences."""
        return Fraction(self.sample_rate * self.interval) / self.frame_rate

    @property
    def clock(self) -> FrameClock:
        """The clock of the emotion frames."""
        return FrameClock(self.frame_rate, self.sample_rate)

    def target_of(self, inference: int) -> int:
        """Return the sample of the first frame of an inference."""
        return inference * self.stride.numerator // self.stride.denominator

    def start_of(self, inference: int) -> int:
        """Return the first sample of an inference's window; silence lies before the sound."""
        return self.target_of(inference) - (self.window - self.look_ahead)

    def inferences(self, samples: int, closed: bool) -> int:
        """Return how many inferences can be made of the first ``samples`` samples.

        Open sound: windows that end within it.  Closed sound: windows whose first frame lies within it.
        """
        reach = samples if closed else samples - self.look_ahead + 1
        return max(0, -(-reach * self.stride.denominator // self.stride.numerator))


class EmotionModel:
    """Runs the classifier for batches of streams and keeps their post-processing; one thread owns it."""

    def __init__(self, pack: EmotionPack, backend: Backend, timing: EmotionTiming) -> None:
        """Raises ParameterError when the pack's emotions are not the ten of a face."""
        if pack.sliders != len(shapes.EMOTION_NAMES):
            raise ParameterError(
                f"emotion pack '{pack.id}' gives {pack.sliders} emotions; right are the {len(shapes.EMOTION_NAMES)} "
                "of a face"
            )
        self.pack, self.backend, self.timing = pack, backend, timing
        self.chain = EmotionChain(pack.correspondence, pack.sliders, float(1 / timing.frame_rate))

    def settings(self, stream: EmotionSettings) -> dict[str, Any]:
        """Return what is in force for a stream, fit for JSON; raises ParameterError for a bad setting."""
        check_emotions(stream.beginning)
        return {
            "pack": self.pack.id,
            "backend": self.backend.name,
            "window": self.timing.window / self.timing.sample_rate,
            "look_ahead": self.timing.look_ahead / self.timing.sample_rate,
            "interval": self.timing.interval,
            "beginning": dict(stream.beginning),
            "parameters": ChainSettings.merge(self.pack.post, stream.parameters).in_force(),
        }

    def advance(self, wanted: Sequence[tuple[AutomaticEmotion, int]]) -> None:
        """Bring streams so far that each knows its emotion at a sample, in as few inferences as possible.

        Raises BackendError when an inference failed; a stream whose logits are not finite is marked and gets none.
        """
        due = [(stream, k) for stream, sample in wanted for k in stream.due(sample)]
        for at in range(0, len(due), self.backend.max_batch):
            self._infer(due[at : at + self.backend.max_batch])
        self._post_process([stream for stream, _ in wanted])

    def _infer(self, due: Sequence[tuple[AutomaticEmotion, int]]) -> None:
        audio = np.empty((len(due), self.timing.window), np.float32)
        for row, (stream, k) in zip(audio, due, strict=True):
            stream.fill(k, row)
        logits = self.backend.run({INPUT: audio})[OUTPUT].copy()
        for (stream, _), row, good in zip(due, logits, finite_rows(logits), strict=True):
            stream.hear(row, bool(good))

    def _post_process(self, streams: Sequence[AutomaticEmotion]) -> None:
        """Frame by frame, because each builds on the last; all streams that have one go together."""
        while ready := [stream for stream in streams if stream.waiting]:
            logits = np.stack([stream.waiting[0] for stream in ready])
            slots = np.array([stream.slot for stream in ready])
            wishes = [stream.preferred() for stream in ready]
            preferred = np.stack([wish for wish, _ in wishes])
            blended, final = self.chain.step(logits, slots, preferred, np.array([used for _, used in wishes]))
            for stream, heard, emotion in zip(ready, blended, final, strict=True):
                stream.accept(heard, emotion)


def default_timing(
    pack: EmotionPack,
    window: float | None = None,
    look_ahead: float | None = None,
    interval: int = 10,
) -> EmotionTiming:
    """Return the timing of a pack; ``window`` and ``look_ahead`` in seconds.

    By default what the pack says, else the longest window that its engines take and half of it, as in NVIDIA's
    samples.  Raises ParameterError.
    """
    rate = pack.sample_rate
    low, high = pack.window.low[1], pack.window.high[1]
    size = (pack.usual_window or high) if window is None else round(window * rate)
    if not low <= size <= high:
        raise ParameterError(
            f"emotion window of {size / rate:g} s; right is {low / rate:g} to {high / rate:g} s for '{pack.id}'"
        )
    usual = size // 2 if pack.usual_look_ahead is None else min(pack.usual_look_ahead, size)
    ahead = usual if look_ahead is None else round(look_ahead * rate)
    return EmotionTiming(size, ahead, interval, Fraction(30), rate)

"""The emotion of one stream heard from its sound: what a stream asks instead of its emotion keys.

The client's emotions become NVIDIA's *preferred* emotion (architecture, section 3).  Lazy: nothing is inferred before a
frame of the face needs it, so that whole files, streams of any chunking and batches give the same numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.audio import AudioBuffer
from a2fbridge.emotion._keys import EmotionTrack, check_emotions
from a2fbridge.emotion._model import EmotionModel
from a2fbridge.emotion._settings import ChainSettings, EmotionSettings

__all__ = ["AutomaticEmotion", "Logits", "hear"]

Floats = NDArray[np.float32]
Logits = tuple[Floats, bool]
"""[C] of one inference, and whether they are finite."""
_NOTHING: Final = -(1 << 40)
"""Before any sample that is ever asked for."""


class AutomaticEmotion:
    """Emotion of a stream at any sample index, in frame order; has the methods of :class:`EmotionTrack`."""

    def __init__(
        self,
        model: EmotionModel,
        names: tuple[str, ...],
        settings: EmotionSettings,
        memory: list[Logits] | None = None,
    ) -> None:
        """``names`` [E] is the order of the vectors that come out: the face pack's.

        ``memory`` keeps what the classifier said of a closed sound, an entry an inference: with another one of the same
        sound and memory it is not asked again, whatever the settings.  Raises ParameterError.
        """
        self._model = model
        self._memory = memory
        self._clock = model.timing.clock
        known = shapes.EMOTION_NAMES
        self._columns = np.array([known.index(name) if name in known else -1 for name in names], np.intp)
        self._wishes = EmotionTrack(known)
        self._wished = False
        self._detail = settings.detail
        self._settings = ChainSettings.merge(model.pack.post, settings.parameters)
        beginning = check_emotions(settings.beginning, known)
        start = np.array([beginning.get(name, 0.0) for name in known], np.float32)
        self.slot = model.chain.open(self._settings, start)
        self.waiting: deque[Floats] = deque()
        """[C] logits of emotion frames that have not been post-processed."""
        self._frames: deque[tuple[int, Floats, Floats]] = deque()
        """(sample, blended, final) of the frames that may still be asked for."""
        self._closed = False
        self.begin(AudioBuffer(1))

    def begin(self, sound: AudioBuffer) -> None:
        """Begin anew with a sound; what the client said stays."""
        self._buffer = sound
        self._model.chain.reset(self.slot)
        self.waiting.clear()
        self._frames.clear()
        self._inferred = self._made = 0
        self._fade: tuple[int, int] | None = None
        self._broken = False

    def add(self, sample: int, emotions: Mapping[str, float]) -> None:
        """Set the preferred emotion from ``sample`` on; as :meth:`EmotionTrack.add`."""
        self._wishes.add(sample, emotions)
        self._wished = True

    def fade(self, start: int, end: int) -> None:
        """Let the emotion go from sample ``start``, to neutral at ``end``."""
        self._fade = (start, end)

    @property
    def known_to(self) -> int | None:
        """Last sample whose emotion can be had from the sound received; None when that is complete."""
        if self._buffer.closed:
            return None
        timing = self._model.timing
        frames = timing.inferences(len(self._buffer), False) * timing.interval
        return self._clock.sample_of(frames - 1) if frames else _NOTHING

    def at(self, sample: int) -> Floats:
        """Return [E] at a sample index, linear between emotion frames; :func:`hear` goes before.

        Not a number when the classifier gave none for this stream, which alone must fail.
        """
        return self._faced(self._between(sample, 2), sample)

    def heard_at(self, sample: int) -> Floats | None:
        """Return [10] before transition and strength, blended with what is preferred; None when not asked for."""
        return self._between(sample, 1) if self._detail else None

    def drop_before(self, sample: int) -> None:
        """Forget what no sample from ``sample`` on needs."""
        while len(self._frames) > 1 and self._frames[1][0] <= sample:
            self._frames.popleft()
        self._wishes.drop_before(min(sample, self._clock.sample_of(self._made)))

    @property
    def first_needed(self) -> int:
        """The earliest sample of the sound that a coming inference looks at."""
        return max(0, self._model.timing.start_of(self._inferred))

    def close(self) -> None:
        """Give the place in the model back.  Twice is harmless."""
        if not self._closed:
            self._closed = True
            self._model.chain.close(self.slot)

    @property
    def model(self) -> EmotionModel:
        """The model that hears the emotion."""
        return self._model

    # What the model calls:

    def due(self, sample: int) -> range:
        """Return the inferences that must be made before the emotion at ``sample`` is known."""
        timing = self._model.timing
        frame = max(0, self._clock.frames_in(sample))  # the first frame at or after the sample
        wanted = frame // timing.interval + 1
        if self._buffer.closed:
            wanted = min(wanted, timing.inferences(len(self._buffer), True))
        for logits, good in (self._memory or ())[self._inferred : wanted]:
            self._take(logits, good)
        return range(self._inferred, max(wanted, self._inferred))

    def fill(self, inference: int, row: Floats) -> None:
        """Write the window of an inference, silence where there is no sound."""
        self._buffer.gather((self._model.timing.start_of(inference),), len(row), row[None])

    def hear(self, logits: Floats, good: bool) -> None:
        """Take what the next inference gave."""
        if self._memory is not None:
            self._memory.append((logits.copy(), good))
        self._take(logits, good)

    def _take(self, logits: Floats, good: bool) -> None:
        self._broken |= not good
        self._inferred += 1
        self.waiting += [logits] * self._model.timing.interval

    def preferred(self) -> tuple[Floats, bool]:
        """Return the preferred emotion [10] at the next emotion frame, and whether it takes part."""
        enabled = self._settings.enable_preferred
        used = self._wished if enabled is None else enabled
        if not self._wished:
            return np.array(self._model.pack.post.preferred, np.float32), used
        return self._wishes.at(self._clock.sample_of(self._made)), used

    def accept(self, blended: Floats, final: Floats) -> None:
        """Take the next emotion frame."""
        self.waiting.popleft()
        self._frames.append((self._clock.sample_of(self._made), blended, final))
        self._made += 1

    def _between(self, sample: int, part: int) -> Floats:
        if self._broken:
            return np.full(len(shapes.EMOTION_NAMES), np.nan, np.float32)
        if not self._frames:
            return np.zeros(len(shapes.EMOTION_NAMES), np.float32)
        first = self._made - len(self._frames)
        at = max(
            self._clock.frames_in(sample + 1) - 1 - first, 0
        )  # the last frame that is not after the sample
        before = self._frames[min(at, len(self._frames) - 1)]
        if at + 1 >= len(self._frames) or before[0] > sample:  # after the last frame, or before the first
            return np.asarray(before[part], np.float32)
        after = self._frames[at + 1]
        u = np.float32((sample - before[0]) / (after[0] - before[0]))
        a, b = np.asarray(before[part], np.float32), np.asarray(after[part], np.float32)
        return np.asarray(u * b + (a - u * a), np.float32)

    def _faced(self, emotion: Floats, sample: int) -> Floats:
        """Return the ten emotions in the face pack's order, faded where the stream says so."""
        out = np.where(self._columns >= 0, emotion[self._columns], np.float32(0))
        if self._fade and sample > self._fade[0]:
            start, end = self._fade
            out *= np.float32(max(0.0, (end - sample) / (end - start)))
        return np.asarray(out, np.float32)


def hear(wanted: Iterable[tuple[object, int]]) -> None:
    """Make the emotion of several streams known at a sample each, in as few inferences as possible.

    ``wanted`` holds a stream's source of emotions, of any kind, and the last sample that will be asked for.  Raises
    BackendError when an inference failed.
    """
    models: dict[EmotionModel, list[tuple[AutomaticEmotion, int]]] = {}
    for source, sample in wanted:
        if isinstance(source, AutomaticEmotion):
            models.setdefault(source.model, []).append((source, sample))
    for model, streams in models.items():
        model.advance(streams)

"""A whole clip at hand: any frame on its own, and again after a parameter was changed (spec: diffusion, C.6).

What authoring tools need: scrub, turn a knob, look at the frame.  Results are kept as long as nothing they depend on
has changed; a diffusion network's memory is kept for every window, so that any window can be run again alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, StreamError
from a2fbridge.animation import Animation, Frame
from a2fbridge.audio import AudioBuffer, float_to_pcm16, resample
from a2fbridge.emotion import EmotionModel, EmotionSettings, Logits, check_emotion_time, hear
from a2fbridge.face import Face, FaceModel, PoseSettings
from a2fbridge.streams._clip_rows import ClipRows
from a2fbridge.streams._emotions import EmotionSource, emotion_source, named_emotions
from a2fbridge.streams._layers import Layer, layer_of, spread
from a2fbridge.streams._retiming import Retiming
from a2fbridge.streams._stream import StreamOptions, settings_in_force
from a2fbridge.timeline import FrameClock

__all__ = ["InteractiveClip"]

Floats = NDArray[np.float32]
Keys = tuple[tuple[float, Mapping[str, float]], ...]
_STILL: Final = {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0}
_CACHE_BYTES: Final = 256 << 20


class InteractiveClip:
    """One closed clip on one face.  Belongs to its model's thread; only :meth:`interrupt` may come from another."""

    def __init__(
        self,
        model: FaceModel,
        samples: Floats,
        options: StreamOptions | None = None,
        emotions: Keys = (),
        *,
        hearing: Callable[[], EmotionModel | None] = lambda: None,
        look_back: int | None = None,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        """``samples`` [n] mono in -1..1 at the options' sample rate, the whole clip.

        ``look_back``: of a diffusion network, a single frame runs at most this many windows where its past is not
        computed yet, which is close to the exact value and no more; None is exact.  ``cache_bytes`` bounds what is
        kept of the network's values.  ``hearing`` is asked for what hears the emotion when that is needed.  Raises
        ParameterError.
        """
        options = options or StreamOptions()
        if look_back is not None and look_back < 1:
            raise ParameterError(f"look_back is {look_back}; right is 1 or more windows, or None")
        info = model.pack.info
        self._model, self._options = model, options
        self.clock = FrameClock(options.frame_rate, info.sample_rate)
        self._windows = info.windows(options.frame_rate)
        self._sound = resample(samples, options.sample_rate, info.sample_rate)
        self._buffer = AudioBuffer(len(self._sound))
        self._buffer.append(self._sound)
        self._buffer.close()
        self._keys, self._hearing, self._heard = emotions, hearing, list[Logits]()
        self._emotions = self._source(options, emotions)
        try:
            self._slot = model.open(options.face, self.clock.period, options.identity)
        except ParameterError:
            self._emotions.close()
            raise
        self._faces = model.face_of(self._slot), model.still_face(options.identity)
        self._closed = False
        self._rows = ClipRows(
            model,
            self._slot,
            self._buffer,
            self._windows,
            self._emotions_at,
            look_back=look_back,
            cache_bytes=cache_bytes,
        )
        self._invalid = Layer.ALL
        self._timed = np.empty((0, 0))
        self._weights = np.empty((0, 0), np.float32)
        self._jaw: Floats | None = None
        self._eyes: Floats | None = None

    def __len__(self) -> int:
        """Frames of the clip."""
        return self.clock.frames_in(len(self._sound))

    def __enter__(self) -> InteractiveClip:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Weight names in frame order."""
        return self._faces[0].names

    @property
    def settings(self) -> dict[str, Any]:
        """What is in force, fit for JSON."""
        return settings_in_force(self._model, self._options, self._ears(self._options))

    def close(self) -> None:
        """Give the clip's place in the model back.  Twice is harmless."""
        if not self._closed:
            self._closed = True
            self._faces[1].close(self._slot)
            self._model.close(self._slot)
            self._emotions.close()
            self._rows.clear()

    # --- what can be changed ----------------------------------------------------------------------------------

    def set(
        self,
        *,
        parameters: Mapping[str, float] | None = None,
        multipliers: Mapping[str, float] | None = None,
        offsets: Mapping[str, float] | None = None,
        clamp: bool | None = None,
        emotions: Mapping[str, float] | Keys | None = None,
        automatic_emotion: bool | None = None,
        beginning_emotion: Mapping[str, float] | None = None,
        post_processing: Mapping[str, float] | None = None,
        poses: PoseSettings | None = None,
    ) -> Layer:
        """Change what is given; each table replaces the one before.  Returns the layers that this made invalid.

        With ``automatic_emotion`` the emotion is heard in the voice: ``emotions`` are then what is preferred,
        ``beginning_emotion`` what the first frames start from, ``post_processing`` what is made of it.
        Setting what is in force already makes nothing invalid.  Raises ParameterError and changes nothing then.
        """
        before = self._options.face
        face = replace(
            before,
            parameters=before.parameters if parameters is None else parameters,
            multipliers=before.multipliers if multipliers is None else multipliers,
            offsets=before.offsets if offsets is None else offsets,
            clamp=before.clamp if clamp is None else clamp,
        )
        old, new = self._faces[0].check(before), self._faces[0].check(face)
        changed = Layer.NONE
        for name, value in new.items():
            if value != old[name]:
                changed |= layer_of(name)
        gains = ("multipliers", "offsets", "clamp")
        if any(getattr(face, name) != getattr(before, name) for name in gains):
            changed |= Layer.WEIGHTS
        faces = self._faces if poses is None else self._make_faces(poses)
        if poses is not None:
            self._faces[1].close(self._slot)
            changed |= Layer.SKIN | Layer.TONGUE
        changed |= self._set_emotions(emotions, automatic_emotion, beginning_emotion, post_processing)
        self._options = replace(self._options, face=face)
        self._faces = faces
        self.invalidate(changed)
        return spread(changed)

    def _set_emotions(
        self,
        emotions: Mapping[str, float] | Keys | None,
        on: bool | None,
        beginning: Mapping[str, float] | None,
        post: Mapping[str, float] | None,
    ) -> Layer:
        constant, keys = self._options.emotions, self._keys
        if emotions is not None:
            constant, keys = (dict(emotions), ()) if isinstance(emotions, Mapping) else ({}, tuple(emotions))
        automatic = _automatic(self._options.automatic, on, beginning, post)
        options = replace(self._options, emotions=constant, automatic=automatic)
        same = constant == self._options.emotions and keys == self._keys
        if same and self._heard_alike(options):
            return Layer.NONE
        source = self._source(options, keys)
        self._emotions.close()
        self._emotions, self._keys, self._options = source, keys, options
        return Layer.EMOTION

    def _heard_alike(self, options: StreamOptions) -> bool:
        """Tell whether other options make the same of what is heard."""
        now, then = self._options.automatic, options.automatic
        ears = self._ears(options)
        if now is None or then is None or ears is None:
            return now is then
        return ears.settings(now) == ears.settings(then)

    def invalidate(self, layer: Layer) -> None:
        """Forget what a layer holds, and what is computed from it."""
        gone = spread(layer)
        self._invalid |= gone
        if gone & Layer.INFERENCE:
            self._rows.clear()
        if layer & Layer.HEARING and self._heard:
            self._heard.clear()
            self._emotions.begin(self._buffer)

    def valid(self, layer: Layer) -> bool:
        """Tell whether :meth:`animate` holds results of all these layers that nothing has changed since."""
        return not self._invalid & layer

    def interrupt(self) -> None:
        """Let the computation that runs now end with a StreamError; from any thread."""
        self._rows.interrupt()

    # --- frames -------------------------------------------------------------------------------------------------

    def frame(self, index: int) -> Frame:
        """Return one frame by itself: no smoothing over time, the eyes where they are at that time.

        Raises ParameterError for a frame outside the clip, StreamError when interrupted or closed, BackendError.
        """
        self._begin()
        if not 0 <= index < len(self):
            raise ParameterError(f"frame {index} is outside the clip; right is 0 to {len(self) - 1}")
        still = self._faces[1]
        settings = replace(
            self._options.face, parameters={**self._options.face.parameters, **_STILL}, rig=True
        )
        still.open(self._slot, settings, self.clock.period)
        still.seek(self._slot, index)
        values, rows, emotion = self._values_at(index, still)
        jaw, eyes = still.rig(values, self._slot)
        skin, tongue = still.geometry(rows, self._slot)
        return Frame(
            index=index,
            sample_index=self.clock.sample_of(index),
            time_code=self.clock.time_of(index),
            weights=still.animate(values, self._slots(1))[0],
            emotions=named_emotions(emotion, self._model.pack.info.emotions)[0],
            jaw=_only(jaw),
            eyes=_only(eyes),
            skin=_only(skin),
            tongue=_only(tongue),
        )

    def animate(self, on_progress: Callable[[int, int], None] | None = None) -> Animation:
        """Return the whole clip, as a stream gives it; what is still valid is not computed again.

        Raises StreamError when interrupted or closed, BackendError.
        """
        self._begin()
        face = self._faces[0]
        if self._invalid & (Layer.INFERENCE | Layer.SKIN):  # the mask of the skin lies in what is kept
            face.open(self._slot, replace(self._options.face, rig=True), self.clock.period)
            self._timed = self._all_values(face, on_progress)
            self._invalid &= ~Layer.INFERENCE
        face.open(self._slot, replace(self._options.face, rig=True), self.clock.period)
        count = len(self)
        values, emotions = self._timed[:, : face.width], self._timed[:, face.width :]
        if self._invalid & (Layer.SKIN | Layer.TONGUE | Layer.WEIGHTS):
            self._weights = (
                face.animate(values, self._slots(count))
                if count
                else np.zeros((0, len(self.names)), np.float32)
            )
        if self._invalid & (Layer.TEETH | Layer.EYES) and count:
            self._jaw, self._eyes = face.rig(values, self._slot)
        self._invalid = Layer.NONE
        return Animation(
            names=self.names,
            convention="a2f",
            frame_rate=self.clock.frame_rate,
            weights=self._weights.copy(),
            sample_indices=np.array([self.clock.sample_of(k) for k in range(count)], np.int64),
            emotions=named_emotions(emotions.astype(np.float32), self._model.pack.info.emotions),
            sample_rate=self.clock.sample_rate,
            audio=np.frombuffer(float_to_pcm16(self._sound), np.int16),
            settings=self.settings,
            jaw=self._jaw,
            eyes=self._eyes,
        )

    def _begin(self) -> None:
        if self._closed:
            raise StreamError("the clip is closed")
        self._rows.begin()
        self._rows.input_strength = self._faces[0].check(self._options.face)["inputStrength"]

    def _values_at(self, index: int, face: Face) -> tuple[NDArray[np.float64], Floats, Floats]:
        """Return projected values [1, M], the network's row [1, D] and the emotion [1, E] of one frame."""
        place = self._windows.place_of(Fraction(index * self.clock.sample_rate) / self.clock.frame_rate)
        last = self._rows.total * self._windows.frames - 1
        low = min(int(place), last)
        share = float(place - low) if low < last else 0.0
        frames = [low] if share == 0.0 else [low, low + 1]
        gains = np.array([1.0 - share, share][: len(frames)])
        rows = np.stack([self._rows.row(frame) for frame in frames])
        emotion = self._emotions_at([self._windows.target_of(frame) for frame in frames])
        values = gains @ face.project(rows, self._slots(len(frames)))
        return (
            values[None],
            (gains @ rows).astype(np.float32)[None],
            (gains @ emotion).astype(np.float32)[None],
        )

    def _all_values(self, face: Face, on_progress: Callable[[int, int], None] | None) -> NDArray[np.float64]:
        """Return projected values and emotions [N, M + E] of all frames."""
        total, most, count = self._rows.total, self._model.network.consecutive, len(self)
        width = face.width + len(self._model.pack.info.emotions)
        retiming, made, done = Retiming(self._windows, self.clock), [np.empty((0, width))], 0
        for first in range(0, total, most):
            n = min(most, total - first)
            flat = self._rows.batch(first, n).reshape(n * self._windows.frames, -1)
            emotion = self._rows.emotions(first, n).reshape(len(flat), -1)
            retiming.add(np.concatenate([face.project(flat, self._slots(len(flat))), emotion], axis=1))
            reach = retiming.reach((first + n) * self._windows.frames)
            due = count if first + n == total else min(count, max(done, reach))
            made.append(retiming.take(done, due - done))
            done = due
            if on_progress:
                on_progress(done, count)
        return np.concatenate(made)

    def _slots(self, rows: int) -> NDArray[np.intp]:
        return np.full(rows, self._slot, np.intp)

    def _make_faces(self, poses: PoseSettings) -> tuple[Face, Face]:
        """Return the face of whole clips, and that of single frames, whose solver has no past."""
        identity, info = self._faces[0].identity, self._model.pack.info
        solver = self._model.solver
        return Face(identity, info, solver, poses), Face(
            identity, info, solver, replace(poses, temporal=False)
        )

    def _ears(self, options: StreamOptions) -> EmotionModel | None:
        return self._hearing() if options.automatic else None

    def _source(self, options: StreamOptions, keys: Keys) -> EmotionSource:
        """Return the emotions under other options; raises ParameterError."""
        source = emotion_source(self._model.pack, options.automatic, self._ears(options), self._heard)
        try:
            source.begin(self._buffer)
            if options.emotions:
                source.add(0, options.emotions)
            for time_code, values in keys:
                source.add(int(check_emotion_time(time_code) * self.clock.sample_rate), values)
        except ParameterError:
            source.close()
            raise
        return source

    def _emotions_at(self, samples: Sequence[int]) -> Floats:
        """Return [n, E] at samples of the clip."""
        hear([(self._emotions, max(samples))])
        return np.stack([self._emotions.at(sample) for sample in samples])


def _only(rows: Floats | None) -> Floats | None:
    """Return the one frame of an array of frames."""
    return None if rows is None else rows[0]


def _automatic(
    now: EmotionSettings | None,
    on: bool | None,
    beginning: Mapping[str, float] | None,
    post: Mapping[str, float] | None,
) -> EmotionSettings | None:
    """Return the settings of automatic emotion after a change; raises ParameterError where it is off."""
    if on is None:
        on = now is not None
    if not on:
        if beginning or post:
            raise ParameterError("post-processing of emotions takes automatic_emotion=True")
        return None
    settings = now or EmotionSettings()
    return replace(
        settings,
        parameters=settings.parameters if post is None else dict(post),
        beginning=settings.beginning if beginning is None else dict(beginning),
    )

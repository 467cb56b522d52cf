"""The local engine: a pack, ready to animate on this machine."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError
from a2fbridge.animation import Animation, Frame
from a2fbridge.audio import AudioSource, float_to_pcm16, read_audio, resample
from a2fbridge.backends import Backend, open_backend
from a2fbridge.emotion import EmotionModel, EmotionSettings, default_timing
from a2fbridge.face import FaceModel, FaceSettings, Noise
from a2fbridge.packs import (
    DEFAULT_EMOTION_PACK,
    DiffusionInfo,
    Identity,
    NetworkSpec,
    RegressionInfo,
    load,
    load_emotion,
)
from a2fbridge.streams import InteractiveClip, Stream, StreamOptions
from a2fbridge.timeline import parse_frame_rate

__all__ = [
    "DEFAULT_PACK",
    "Emotions",
    "Engine",
    "animate",
    "animate_async",
    "inspect_pack",
]

DEFAULT_PACK = "builtin"

Emotions = Mapping[str, float] | Sequence[tuple[float, Mapping[str, float]]]
"""Emotions from the start, or keys of (seconds, emotions), linear in between; values 0..1 by name."""

_PROGRESS_FRAMES = 32
_T = TypeVar("_T")


class Engine:
    """One pack on this machine's CPU or GPU.  Not thread-safe: one thread, or one engine per thread."""

    def __init__(self, model: FaceModel, hearing: Callable[[], EmotionModel] | None = None) -> None:
        self._model = model
        self._open_hearing = hearing
        self._hearing: EmotionModel | None = None
        self._worker = ThreadPoolExecutor(1, "a2fbridge-engine")

    @classmethod
    def open(
        cls,
        pack: str | Path = DEFAULT_PACK,
        *,
        solver: str = "bvls",
        backend: str = "auto",
        threads: int | None = None,
        constant_noise: bool = True,
        noise_seed: int = 0,
        emotion_pack: str | Path = DEFAULT_EMOTION_PACK,
        emotion_window: float | None = None,
        emotion_look_ahead: float | None = None,
        emotion_interval: int = 10,
        device: int | None = None,
        fp16: bool | None = None,
        on_build: Callable[[str, float], None] | None = None,
    ) -> Engine:
        """Load a pack by id or folder.

        ``solver`` is ``bvls`` (exact) or ``admm`` (NVIDIA's four steps).  A diffusion network's noise is the same for
        every window, or new for each (``constant_noise=False``), in both cases decided by ``noise_seed`` and alike for
        all streams.

        ``emotion_pack`` hears the emotion of streams with ``automatic_emotion``; it is loaded with the first of them.
        It looks at ``emotion_window`` seconds, ``emotion_look_ahead`` of them after the frame (by default the pack's
        own), once in ``emotion_interval`` thirtieths of a second.

        ``backend`` is ``auto`` (the best of this machine, logged with the reason), ``onnxruntime`` (CPU),
        ``onnxruntime-cuda``, ``onnxruntime-tensorrt`` or ``tensorrt``; ``device`` the GPU, by default the emptiest;
        ``fp16`` half precision, by default what the pack says; ``on_build(phase, done)`` is told how far an engine
        is.  Raises PackError, BackendError, ConfigError, ParameterError.
        """
        loaded, noise = load(pack), Noise(constant_noise, noise_seed)

        def opened(network: NetworkSpec, half: bool | None) -> Backend:
            return open_backend(network, backend, threads, device=device, fp16=half, on_build=on_build)

        def hearing() -> EmotionModel:
            heard = load_emotion(emotion_pack)
            timing = default_timing(heard, emotion_window, emotion_look_ahead, emotion_interval)
            return EmotionModel(heard, opened(heard.network(timing.window), None), timing)

        return cls(FaceModel(loaded, opened(loaded.network, fp16), solver, noise=noise), hearing)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the inference engine."""
        self._worker.shutdown()
        self._model.backend.close()
        if self._hearing:
            self._hearing.backend.close()

    @property
    def pack(self) -> str:
        """Id of the pack."""
        return self._model.pack.id

    @property
    def names(self) -> tuple[str, ...]:
        """Weight names in frame order."""
        return self._model.face().names

    @property
    def identities(self) -> tuple[str, ...]:
        """Names of the pack's faces, the default one first."""
        return self._model.identities

    @property
    def parameters(self) -> dict[str, float]:
        """The default face's parameters by wire name."""
        return dict(self._model.face().parameters)

    def stream(
        self,
        *,
        sample_rate: int = 16000,
        frame_rate: str | int | float | Fraction = 30,
        parameters: Mapping[str, float] | None = None,
        multipliers: Mapping[str, float] | None = None,
        offsets: Mapping[str, float] | None = None,
        clamp: bool = False,
        rig: bool = False,
        geometry: bool = False,
        skip: Collection[str] = (),
        emotions: Mapping[str, float] | None = None,
        identity: str = "",
        automatic_emotion: bool = False,
        beginning_emotion: Mapping[str, float] | None = None,
        live_transition_time: float | None = None,
        post_processing: Mapping[str, float] | None = None,
    ) -> Stream:
        """Open a stream: push audio of ``sample_rate``, pull frames.

        ``rig`` adds jaw and eyes to the frames, ``geometry`` these and the vertices of skin and tongue; ``skip`` names
        parts (``skin``, ``tongue``, ``jaw``, ``eyes``) that are not computed; ``identity`` is one of
        :attr:`identities`.

        ``automatic_emotion`` hears the emotion in the voice; ``emotions`` is then what is preferred,
        ``beginning_emotion`` what the first frames start from, ``live_transition_time`` (seconds) and
        ``post_processing`` (NVIDIA's EmotionPostProcessingParameters by name) what is made of it.
        Raises ParameterError; PackError and BackendError for the emotion pack.
        """
        rig = rig or geometry  # the tongue's vertices mean nothing without the jaw
        face = FaceSettings(parameters or {}, multipliers or {}, offsets or {}, clamp, rig, geometry, skip)
        rate = parse_frame_rate(frame_rate)
        automatic = _automatic(automatic_emotion, beginning_emotion, live_transition_time, post_processing)
        options = StreamOptions(
            sample_rate, rate, face, emotions or {}, identity=identity, automatic=automatic
        )
        return Stream(self._model, options, self._ears() if automatic else None)

    def _ears(self) -> EmotionModel | None:
        """Return what hears emotions, loaded when it is first asked for."""
        if self._hearing is None and self._open_hearing:
            self._hearing = self._open_hearing()
        return self._hearing

    def animate(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        emotions: Emotions | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Animation:
        """Animate a whole clip; ``options`` are those of :meth:`stream`.

        ``on_progress(frames_done, frames)`` is called now and then.  Raises AudioError, ParameterError, BackendError.
        """
        samples, rate = read_audio(audio, sample_rate)
        initial, keys = _split_emotions(emotions)
        with self.stream(sample_rate=rate, emotions=initial, **options) as stream:
            for time_code, values in keys:
                stream.push_emotions(time_code, values)
            stream.push(samples)
            stream.end()
            total = stream.ready()
            frames: list[Frame] = []
            while made := stream.pull(_PROGRESS_FRAMES):
                frames += made
                if on_progress:
                    on_progress(len(frames), total)
            return Animation.from_frames(
                frames,
                stream.names,
                stream.clock.frame_rate,
                audio=np.frombuffer(
                    float_to_pcm16(resample(samples, rate, stream.clock.sample_rate)), np.int16
                ),
                settings=stream.settings(),
            )

    def clip(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        emotions: Emotions | None = None,
        frame_rate: str | int | float | Fraction = 30,
        identity: str = "",
        automatic_emotion: bool = False,
        beginning_emotion: Mapping[str, float] | None = None,
        live_transition_time: float | None = None,
        post_processing: Mapping[str, float] | None = None,
        look_back: int | None = None,
        **face: Any,
    ) -> InteractiveClip:
        """Take a whole clip to work on: single frames in any order, and again after an edit.

        ``face`` and what concerns emotion are the options of :meth:`stream`; ``look_back`` as for InteractiveClip.
        Raises AudioError, ParameterError; PackError and BackendError for the emotion pack.
        """
        samples, rate = read_audio(audio, sample_rate)
        initial, keys = _split_emotions(emotions)
        settings = FaceSettings(**{"rig": True, **face})
        automatic = _automatic(automatic_emotion, beginning_emotion, live_transition_time, post_processing)
        options = StreamOptions(
            rate, parse_frame_rate(frame_rate), settings, initial, identity=identity, automatic=automatic
        )
        return InteractiveClip(
            self._model, samples, options, tuple(keys), hearing=self._ears, look_back=look_back
        )

    async def stream_async(
        self, chunks: AsyncIterable[NDArray[np.float32]], **options: Any
    ) -> AsyncIterator[Frame]:
        """Animate audio chunks as they come; ``options`` are those of :meth:`stream`.

        Inference runs in the engine's worker thread, which several of these share in turn; use nothing else of the
        engine meanwhile.
        """
        opening = self._worker.submit(functools.partial(self.stream, **options))
        try:
            stream = await asyncio.wrap_future(opening)
            async for chunk in chunks:
                stream.push(chunk)
                while frames := await self._in_worker(stream.pull, _PROGRESS_FRAMES):
                    for frame in frames:
                        yield frame
            stream.end()
            while frames := await self._in_worker(stream.pull, _PROGRESS_FRAMES):
                for frame in frames:
                    yield frame
        finally:
            # After a pull that a cancelled caller has left running, and waited for: the stream's place in the model
            # must not go to another stream while that runs.
            await asyncio.shield(self._in_worker(_close_opened, opening))

    async def _in_worker(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)


def _automatic(
    on: bool,
    beginning: Mapping[str, float] | None,
    transition: float | None,
    post: Mapping[str, float] | None,
) -> EmotionSettings | None:
    """Return the settings of automatic emotion, None when it is off; raises ParameterError for settings without it."""
    given = dict(post or {}) | ({} if transition is None else {"live_transition_time": transition})
    if not on and (given or beginning):
        raise ParameterError("post-processing of emotions takes automatic_emotion=True")
    return EmotionSettings(given, beginning or {}) if on else None


def _close_opened(opening: Future[Stream]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def animate(
    audio: AudioSource,
    sample_rate: int | None = None,
    *,
    pack: str | Path = DEFAULT_PACK,
    solver: str = "bvls",
    backend: str = "auto",
    threads: int | None = None,
    constant_noise: bool = True,
    noise_seed: int = 0,
    emotion_pack: str | Path = DEFAULT_EMOTION_PACK,
    device: int | None = None,
    fp16: bool | None = None,
    on_build: Callable[[str, float], None] | None = None,
    **options: Any,
) -> Animation:
    """Animate one clip on this machine; ``options`` are those of :meth:`Engine.animate`."""
    with Engine.open(
        pack,
        solver=solver,
        backend=backend,
        threads=threads,
        constant_noise=constant_noise,
        noise_seed=noise_seed,
        emotion_pack=emotion_pack,
        device=device,
        fp16=fp16,
        on_build=on_build,
    ) as engine:
        return engine.animate(audio, sample_rate, **options)


async def animate_async(audio: AudioSource, sample_rate: int | None = None, **options: Any) -> Animation:
    """:func:`animate` for asyncio: runs in a thread, the event loop stays free."""
    return await asyncio.to_thread(animate, audio, sample_rate, **options)


def _split_emotions(
    emotions: Emotions | None,
) -> tuple[Mapping[str, float], Sequence[tuple[float, Mapping[str, float]]]]:
    if emotions is None:
        return {}, ()
    if isinstance(emotions, Mapping):
        return emotions, ()
    return {}, emotions


def inspect_pack(pack: str | Path = DEFAULT_PACK) -> dict[str, dict[str, Any]]:
    """Return what a pack holds, by section, fit for JSON; raises PackError when it cannot be loaded."""
    loaded = load(pack)
    info = loaded.info
    first = loaded.identities[0]
    return {
        "pack": {
            "id": loaded.id,
            "path": str(loaded.root),
            "kind": info.kind,
            "actor": info.actor,
            "version": info.version,
            "identities": [identity.name for identity in loaded.identities],
        },
        "network": _network_summary(info),
        "mesh": {"skin_vertices": info.skin_vertices, "tongue_vertices": info.tongue_vertices},
        "parameters": dict(first.parameters),
        "solver": _solver_summary(first),
    }


def _network_summary(info: RegressionInfo | DiffusionInfo) -> dict[str, Any]:
    common: dict[str, Any] = {
        "window": info.window,
        "sample_rate": info.sample_rate,
        "emotions": list(info.emotions),
        "row_size": info.row_size,
    }
    if isinstance(info, RegressionInfo):
        return common | {
            "offset": info.offset,
            "implicit_length": info.implicit_length,
            "skin_shapes": info.skin_shapes,
            "tongue_shapes": info.tongue_shapes,
        }
    return common | {
        "frame_rate": str(info.frame_rate),
        "frames": [info.left, info.center, info.right],
        "diffusion_steps": info.steps,
        "state": info.steps * info.layers * info.latent,
    }


def _solver_summary(identity: Identity) -> dict[str, Any]:
    parts = {"skin": identity.skin, "tongue": identity.tongue}
    return {
        name: {
            "poses": len(poses.names),
            "active": sum(poses.config.active),
            "vertices": len(poses.neutral) if poses.mask is None else len(poses.mask),
            "l1": poses.config.l1,
            "l2": poses.config.l2,
            "temporal": poses.config.temporal,
            "symmetry": poses.config.symmetry,
        }
        for name, poses in parts.items()
        if poses
    }

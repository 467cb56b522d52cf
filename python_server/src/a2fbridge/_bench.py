"""The benchmark cases of NVIDIA's SDK on this machine (spec: diffusion and emotion, E.4).

A case is NVIDIA's: some tracks with the same four seconds of sound, the face at 60 frames per second, offline (all
sound there at once) or streamed in chunks, with or without Audio2Emotion.  Names, parameters and counters are theirs,
so that rows compare one to one; each case runs after a warm-up to the first frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, ConfigError
from a2fbridge.audio import AudioSource, read_audio, resample
from a2fbridge.backends import open_backend
from a2fbridge.emotion import EmotionModel, EmotionSettings, default_timing, hear
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.packs import DEFAULT_EMOTION_PACK, load, load_emotion
from a2fbridge.streams import Stream, StreamOptions, run_batch

__all__ = ["BenchmarkCase", "BenchmarkResult", "benchmark_cases", "run_benchmark"]

_SKIPPED: Final = {"None": ("skin", "tongue"), "Skin": ("tongue",), "Tongue": ("skin",), "SkinTongue": ()}
"""Execution option -> parts left out; NVIDIA's number of an option is its place here."""
_RATE: Final = Fraction(60)
_SECONDS: Final = 4.0
_WINDOW: Final = 3.75
"""Seconds of Audio2Emotion's window: 60000 samples."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BenchmarkCase:
    """One row of the grid."""

    tracks: int
    chunk: int = 0
    """Samples a push; 0 is offline."""
    options: str = "SkinTongue"
    """What is solved for: ``None``, ``Skin``, ``Tongue`` or ``SkinTongue``."""
    skip: int | None = None
    """Emotion frames of Audio2Emotion without an inference of their own; None is without Audio2Emotion."""
    precompute: bool = False
    """Emotions of the whole clip before the face (offline only)."""
    fp16: bool = False
    identity: int = 0

    def name(self, kind: str, solver: str) -> str:
        """Return the case as NVIDIA's benchmarks print it; ``kind`` is Regression or Diffusion.

        Theirs have no case without Audio2Emotion (``off``), and their ADMM runs on the GPU (ours is told at the end).
        """
        skipped = f"A2ESkipInference:{'off' if self.skip is None else self.skip}"
        if self.chunk:
            mode, sound = "Streaming", f"{skipped}/AudioChunkSize:{self.chunk}"
        else:
            mode, sound = "Offline", f"A2EPrecompute:{int(self.precompute)}/{skipped}"
        option = list(_SKIPPED).index(self.options)
        return (
            f"BM_{kind}BlendshapeSolveExecutor{mode}/FP16:{int(self.fp16)}/UseGPU:0/Identity:{self.identity}/"
            f"ExecutionOption:{option}/{sound}/NbTracks:{self.tracks}"
            + ("" if solver == "bvls" else f"/Solver:{solver}")
        )


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """What a case took; milliseconds unless it says otherwise."""

    name: str
    case: BenchmarkCase
    frames: int
    """Per track."""
    a2e_total: float
    """Emotions computed beforehand; 0 where they are computed along with the face."""
    a2f_total: float
    multi_track_frame: float
    """All tracks, per frame."""
    per_track_frame: float
    items_per_second: float
    """Frames of all tracks."""
    live_tracks: float
    """How many live tracks at 60 frames per second this speed would carry."""


def benchmark_cases(
    tracks: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    chunks: Sequence[int] = (0, 8000),
    options: Sequence[str] = ("SkinTongue",),
    skips: Sequence[int | None] = (None,),
    fp16: Sequence[bool] = (False,),
    identities: Sequence[int] = (0,),
    precompute: bool = False,
) -> list[BenchmarkCase]:
    """Return a grid of cases; chunk 0 is offline.  Raises ConfigError for a value that makes no case."""
    for name in options:
        if name not in _SKIPPED:
            raise ConfigError(f"execution option '{name}'; right are {', '.join(_SKIPPED)}")
    if (
        min(tracks, default=0) < 1
        or min(chunks, default=-1) < 0
        or min((s or 0 for s in skips), default=-1) < 0
    ):
        raise ConfigError(
            "right are 1 track or more, chunks of 0 (offline) or more samples, skips of 0 or more"
        )
    grid = product(fp16, identities, chunks, options, skips, tracks)
    return [
        BenchmarkCase(n, chunk, option, skip, precompute and not chunk and skip is not None, half, identity)
        for half, identity, chunk, option, skip, n in grid
    ]


def run_benchmark(
    cases: Iterable[BenchmarkCase],
    *,
    pack: str | Path = "builtin",
    emotion_pack: str | Path = DEFAULT_EMOTION_PACK,
    audio: AudioSource | None = None,
    backend: str = "auto",
    device: int | None = None,
    threads: int | None = None,
    solver: str = "bvls",
    on_build: Callable[[str, float], None] | None = None,
) -> Iterator[BenchmarkResult]:
    """Run cases one after the other and yield each one's result.

    ``audio`` is cut or repeated to four seconds; noise where it is left out.  ``solver`` ``admm`` is the method of
    NVIDIA's GPU solver.  Raises PackError, BackendError, ConfigError, AudioError.
    """
    loaded = load(pack)
    clip = _clip(audio, loaded.info.sample_rate)
    models: dict[bool, FaceModel] = {}
    hearings: dict[int, EmotionModel] = {}
    for case in cases:
        if case.fp16 not in models:
            engine = open_backend(
                loaded.network, backend, threads, device=device, fp16=case.fp16, on_build=on_build
            )
            models[case.fp16] = FaceModel(loaded, engine, solver)
        if case.skip is not None and case.skip not in hearings:
            hearings[case.skip] = _hearing(case.skip, emotion_pack, backend, device, threads)
        model = models[case.fp16]
        if case.identity >= len(model.identities):
            found = len(model.identities)
            raise ConfigError(
                f"there is no identity {case.identity} in pack '{loaded.id}'; right is below {found}"
            )
        yield _run(case, model, None if case.skip is None else hearings[case.skip], clip)


def _hearing(
    skip: int, pack: str | Path, backend: str, device: int | None, threads: int | None
) -> EmotionModel:
    loaded = load_emotion(pack)
    timing = default_timing(loaded, _WINDOW, _WINDOW / 2, skip + 1)
    engine = open_backend(loaded.network(timing.window), backend, threads, device=device)
    return EmotionModel(loaded, engine, timing)


def _clip(audio: AudioSource | None, rate: int) -> Floats:
    count = round(_SECONDS * rate)
    if audio is None:
        return np.random.default_rng(0).normal(scale=0.05, size=count).astype(np.float32)
    samples, source_rate = read_audio(audio)
    return np.resize(resample(samples, source_rate, rate), count).astype(np.float32)


def _run(
    case: BenchmarkCase, model: FaceModel, hearing: EmotionModel | None, clip: Floats
) -> BenchmarkResult:
    streams = [_open(case, model, hearing) for _ in range(case.tracks)]
    try:
        _warm_up(model, streams, clip)
        run = _streaming if case.chunk else _offline
        emotion, face = run(case, model, streams, clip)
        frames = streams[0].next_frame
    finally:
        for stream in streams:
            stream.close()
    per_frame = 1e3 * (emotion + face) / frames
    speed = case.tracks * frames / (emotion + face)
    return BenchmarkResult(
        name=case.name(model.pack.info.kind.capitalize(), model.solver),
        case=case,
        frames=frames,
        a2e_total=1e3 * emotion,
        a2f_total=1e3 * face,
        multi_track_frame=per_frame,
        per_track_frame=per_frame / case.tracks,
        items_per_second=speed,
        live_tracks=speed / float(_RATE),
    )


def _open(case: BenchmarkCase, model: FaceModel, hearing: EmotionModel | None) -> Stream:
    options = StreamOptions(
        model.pack.info.sample_rate,
        _RATE,
        FaceSettings(skip=_SKIPPED[case.options]),
        identity=model.identities[case.identity],
        automatic=None if hearing is None else EmotionSettings(),
    )
    return Stream(model, options, hearing)


def _warm_up(model: FaceModel, streams: Sequence[Stream], clip: Floats) -> None:
    """Run until every track has given its first frame, then begin again."""
    for stream in streams:
        stream.push(clip)
        stream.end()
    while any(stream.next_frame == 0 for stream in streams):
        _step(model, streams)
    for stream in streams:
        stream.reset()


def _offline(
    case: BenchmarkCase, model: FaceModel, streams: Sequence[Stream], clip: Floats
) -> tuple[float, float]:
    """Return the seconds of the emotions beforehand and of the rest."""
    for stream in streams:
        stream.push(clip)
        stream.end()
    start = time.perf_counter()
    if case.precompute:
        hear(stream.hearing_of(stream.ready_windows()) for stream in streams)
    begun = time.perf_counter()
    _drain(model, streams)
    return begun - start, time.perf_counter() - begun


def _streaming(
    case: BenchmarkCase, model: FaceModel, streams: Sequence[Stream], clip: Floats
) -> tuple[float, float]:
    start = time.perf_counter()
    for at in range(0, len(clip), case.chunk):
        for stream in streams:
            stream.push(clip[at : at + case.chunk])
        _drain(model, streams)
        for stream in streams:
            stream.forget()
    for stream in streams:
        stream.end()
    _drain(model, streams)
    return 0.0, time.perf_counter() - start


def _drain(model: FaceModel, streams: Sequence[Stream]) -> None:
    while _step(model, streams):
        pass


def _step(model: FaceModel, streams: Sequence[Stream]) -> int:
    """Infer what is ready, as many windows as one batch takes, shared out among the tracks."""
    network, batch, left = model.network, [], model.network.max_batch
    for at, stream in enumerate(streams):
        share = max(1, left // (len(streams) - at))
        windows = min(stream.ready_windows(), network.consecutive, share, left)
        if windows:
            batch.append((stream, windows))
            left -= windows
    for frames in run_batch(model, batch) if batch else ():
        if isinstance(frames, BackendError):
            raise frames
    return len(batch)

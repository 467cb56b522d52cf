"""What NVIDIA's SDK tests of its executors and animators, held here too (spec: regression, 7.1; diffusion, section E).

Parsing is in test_packs_*, windows in test_timeline, interactive execution in test_interactive, the solver and rigid
animators in test_sdk_solver; whole pipelines in test_regression and test_diffusion; company in test_batches_exact.
"""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np
import pytest
from in_memory import speechlike
from numpy.typing import NDArray
from pack_edits import edit_json
from scipy.spatial.transform import Rotation
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import write_pack

from a2fbridge._errors import PackError, ParameterError
from a2fbridge.animation import Frame
from a2fbridge.audio import AudioBuffer
from a2fbridge.backends import open_backend
from a2fbridge.emotion import EmotionTrack
from a2fbridge.face import (
    PARAMETERS,
    FaceModel,
    FaceSettings,
    Noise,
    check_parameters,
    fit_jaw,
    half_life_gain,
)
from a2fbridge.face._animators import Smoother
from a2fbridge.packs import load
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import Stream, StreamOptions, run_batch
from a2fbridge.timeline import Windows

SIXTY = Fraction(60)
SOUND = speechlike(1.2)[:19000]
PARTS = ("skin", "tongue", "jaw", "eyes")


@pytest.fixture(scope="module", params=["regression", "diffusion"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    write = write_pack if request.param == "regression" else write_diffusion_pack
    return write(tmp_path_factory.mktemp("packs") / request.param)


@pytest.fixture
def model(folder: Path) -> FaceModel:
    pack = load(folder)
    return FaceModel(pack, open_backend(pack.network, threads=1), noise=Noise(constant=False))


class Gated(EmotionTrack):
    """Emotions that are known up to a sample only, as a classifier gives them."""

    known_to: int | None = None  # type: ignore[assignment]

    def at(self, sample: int) -> NDArray[np.float32]:
        assert self.known_to is None or sample <= self.known_to
        return np.full(10, np.clip(sample / 64000, 0, 1), np.float32)


def test_execution_limited_by_emotions(model: FaceModel) -> None:
    """Windows wait exactly until the last of their frames has its emotion."""
    targets = [model.pack.info.windows(SIXTY).target_of(g) for g in range(200)]
    frames = model.pack.info.windows(SIXTY).frames
    source = Gated(EMOTION_NAMES)
    stream = Stream(model, StreamOptions(frame_rate=SIXTY))
    stream._emotions = source
    stream.push(speechlike(4.0))
    for windows in range(1, 5):
        last = targets[windows * frames - 1]
        for known, expected in ((last - 1, windows - 1), (last, windows), (last + 1, windows)):
            source.known_to = known
            assert stream.ready_windows() == expected
    source.known_to = targets[4 * frames - 1]
    made = stream.pull()
    assert len(made) == (4 if model.pack.info.kind == "regression" else 75)
    # The emotions that were used come back with every frame, unchanged.
    np.testing.assert_allclose(
        [f.emotions[0] for f in made], [np.float32(f.sample_index / 64000) for f in made], atol=1e-7
    )
    assert stream.pull() == []
    source.known_to = None
    assert stream.ready_windows() > 0


def test_tracks_agree_whatever_the_chunks_the_emotions_and_the_resets(model: FaceModel) -> None:
    """Eight tracks of one sound: fed in random pieces, some reset in mid run, batched in random company."""
    rng = np.random.default_rng(5)
    tracks = [Stream(model, StreamOptions(frame_rate=SIXTY)) for _ in range(8)]
    taken: list[list[Frame]] = [[] for _ in tracks]
    fed = [0] * 8
    resets = {1: 9000, 4: 12000, 6: 18000}
    for stream in tracks:
        stream.push_emotions(0.5, {"joy": 1.0})
    while not all(stream.finished for stream in tracks):
        for i, stream in enumerate(tracks):
            size = int(rng.integers(0, 10)) * 1600
            if fed[i] < len(SOUND):
                stream.push(SOUND[fed[i] : fed[i] + size])
                fed[i] = min(len(SOUND), fed[i] + size)
                if fed[i] == len(SOUND):
                    if i in resets:
                        resets.pop(i)
                        stream.reset()
                        stream.push_emotions(0.5, {"joy": 1.0})
                        fed[i], taken[i] = 0, []
                    else:
                        stream.end()
        most = model.network.consecutive
        batch = [(s, min(n, most, int(rng.integers(1, 5)))) for s in tracks if (n := s.ready_windows())]
        if batch:
            for (stream, _), frames in zip(batch, run_batch(model, batch), strict=True):
                assert isinstance(frames, list)
                taken[tracks.index(stream)] += frames
                stream.forget()  # dropping what was consumed is safe after every step
    expected = [f.weights for f in taken[0]]
    assert len(expected) == -(-len(SOUND) * 60 // 16000)
    for frames in taken[1:]:
        np.testing.assert_array_equal([f.weights for f in frames], expected)


def test_eight_tracks_of_four_seconds(model: FaceModel) -> None:
    """240 frames a track at the times of the query, whatever the model; dropping before each frame is safe."""
    tracks = [Stream(model, StreamOptions(frame_rate=SIXTY)) for _ in range(8)]
    for i, stream in enumerate(tracks):
        stream.push(speechlike(4.0, seed=i))
        stream.end()
    found: list[list[Frame]] = [[] for _ in tracks]
    while any(not stream.finished for stream in tracks):
        batch = [
            (s, min(4, model.network.consecutive, s.ready_windows())) for s in tracks if s.ready_windows()
        ]
        for (stream, _), frames in zip(batch, run_batch(model, batch), strict=True):
            assert isinstance(frames, list)
            found[tracks.index(stream)] += frames
            stream.forget()
    for frames in found:
        assert [f.sample_index for f in frames] == [k * 16000 // 60 for k in range(240)]
        assert [f.time_code for f in frames] == [k / 60 for k in range(240)]
    assert model.pack.info.windows(SIXTY).frames == (30 if model.pack.info.kind == "diffusion" else 1)


def test_a_thread_that_writes_and_one_that_reads() -> None:
    """160000 samples in tens, windows of 16000 every 4000: every window in order, its content exact."""
    windows, sound = Windows(16000, 0, Fraction(0), Fraction(4000), 1), np.arange(160000, dtype=np.float32)
    queue: SimpleQueue[NDArray[np.float32] | None] = SimpleQueue()

    def write() -> None:
        for at in range(0, len(sound), 10):
            queue.put(sound[at : at + 10])
        queue.put(None)

    Thread(target=write).start()
    buffer, done = AudioBuffer(), 0
    while not buffer.closed:
        piece = queue.get()
        if piece is None:
            buffer.close()
        else:
            buffer.append(piece)
        while done < windows.ready(len(buffer), buffer.closed):
            right = np.zeros(16000, np.float32)
            here = sound[4000 * done : 4000 * done + 16000]
            right[: len(here)] = here
            assert (buffer.window(windows.start_of(done), 16000) == right).all()
            done += 1
            buffer.drop_before(4000 * done)
    assert done == 40


def test_keys_of_an_emotion_are_sampled_on_the_line_between() -> None:
    """Keys at 2 and 6; the SDK's [1, 2, 3] and [5, 10, 15], as fifteenths."""
    track = EmotionTrack(("a", "b", "c"))
    track.add(2, {"a": 1 / 15, "b": 2 / 15, "c": 3 / 15})
    track.add(6, {"a": 5 / 15, "b": 10 / 15, "c": 15 / 15})
    for sample, right in (
        (-9, [1, 2, 3]),
        (2, [1, 2, 3]),
        (4, [3, 6, 9]),
        (6, [5, 10, 15]),
        (99, [5, 10, 15]),
    ):
        np.testing.assert_allclose(15 * track.at(sample), right, atol=1e-5)


def test_twice_any_size_of_a_network_is_refused(folder: Path, tmp_path: Path) -> None:
    """The files and the network contradict it, and say which."""
    info = json.loads((folder / "network_info.json").read_text("utf-8"))
    sizes = [key for key, value in info["params"].items() if isinstance(value, int)]
    assert len(sizes) >= 7
    for key in sizes:
        broken = shutil.copytree(folder, tmp_path / key)
        edit_json(broken / "network_info.json", **{f"params__{key}": 2 * info["params"][key]})
        with pytest.raises(PackError, match="right is"):
            load(broken)


def test_counters_from_empty_to_the_end(model: FaceModel) -> None:
    """Executor queries: diffusion has a window before any sound, 0 frames with the first, 15 with the second."""
    stream = Stream(model, StreamOptions(frame_rate=SIXTY))
    diffusion = model.pack.info.kind == "diffusion"
    assert stream.ready_windows() == (1 if diffusion else 0)
    stream.push(SOUND[:8000])
    if diffusion:
        assert [len(run_batch(model, [(stream, 1)])[0]) for _ in range(2)] == [0, 15]
    else:
        assert [len(run_batch(model, [(stream, n)])[0]) for n in (1, 2)] == [1, 2]
    stream.end()
    rest = stream.ready()
    assert stream.next_frame + rest == 30
    assert len(stream.pull()) == rest
    assert stream.finished
    stream.reset()
    assert (stream.next_frame, stream.ready_windows(), stream.finished) == (0, 1 if diffusion else 0, False)


@pytest.mark.parametrize("rig", [False, True])
@pytest.mark.parametrize("geometry", [False, True])
def test_every_combination_of_parts(model: FaceModel, rig: bool, geometry: bool) -> None:
    """SDK: Executor.ExecutionOption, 16 x 16 (rig and geometry are what was asked for at creation)."""

    def first(**face: object) -> Frame:
        stream = Stream(model, StreamOptions(frame_rate=SIXTY, face=FaceSettings(**face)))
        stream.push(SOUND[:9000])
        frame = stream.pull()[7]
        stream.close()
        return frame

    full = first(rig=True, geometry=True)
    asked = {"jaw": rig, "eyes": rig, "skin": geometry, "tongue": geometry}
    for skip in (parts for n in range(5) for parts in combinations(PARTS, n)):
        some = first(rig=rig, geometry=geometry, skip=skip)
        for part, span in (("skin", slice(0, 52)), ("tongue", slice(52, 68))):
            expected = 0.0 if part in skip else full.weights[span]
            np.testing.assert_allclose(some.weights[span], expected, atol=1e-6)
        for part in PARTS:
            value = getattr(some, part)
            assert (value is not None) == (asked[part] and part not in skip)
            if value is not None:
                np.testing.assert_allclose(value, getattr(full, part), atol=1e-6)


def test_unknown_parts_cannot_be_skipped(model: FaceModel) -> None:
    with pytest.raises(ParameterError, match=r"'tonge' cannot be skipped \(did you mean 'tongue'\?\)"):
        Stream(model, StreamOptions(face=FaceSettings(skip=["tonge"])))


def test_interpolator_against_the_recurrence() -> None:
    """Two stages, periods that change: 300 values to 1e-6."""
    rng = np.random.default_rng(0)
    smoother, stages = None, None
    for dt in (0.0, 0.1, 0.3, 0.2, 0.65):
        value = rng.normal(size=300)
        gain = half_life_gain(dt, 0.2)
        if smoother is None:
            smoother = Smoother(gain)
            stages = [value, value]
        else:
            smoother._gain = gain
            alpha = 1 - 0.5 ** (dt / 0.2)
            stages[0] = stages[0] + alpha * (value - stages[0])
            stages[1] = stages[1] + alpha * (stages[0] - stages[1])
        np.testing.assert_allclose(smoother(value), stages[1], atol=1e-6)


def test_teeth_recover_every_rigid_motion() -> None:
    """A hundred sets of 3 to 10 points, a hundred motions each: 1e-4."""
    rng = np.random.default_rng(1)
    for _ in range(100):
        points = rng.uniform(-10, 10, (rng.integers(3, 11), 3)).astype(np.float32)
        turns = Rotation.random(100, random_state=rng).as_matrix()
        shifts = rng.uniform(-10, 10, (100, 3))
        moved = np.einsum("bij,nj->bni", turns, points) + shifts[:, None]
        found = fit_jaw(points, moved)
        back = np.einsum("bij,nj->bni", found[:, :3, :3], points) + found[:, None, :3, 3]
        np.testing.assert_allclose(back, moved, atol=1e-4)
        if np.linalg.svd(points - points.mean(0))[1][1] > 1.0:  # not nearly on one line
            np.testing.assert_allclose(found[:, :3, :3], turns, atol=1e-4)


def test_parameters_are_refused_out_of_range_and_as_nan_and_nothing_changes() -> None:
    for name, parameter in PARAMETERS.items():
        assert check_parameters({name: parameter.low}) == {name: parameter.low}
        assert check_parameters({name: parameter.high}) == {name: parameter.high}
        for bad in (parameter.low - 0.01, parameter.high + 0.01, float("nan"), float("inf")):
            with pytest.raises(ParameterError, match=name):
                check_parameters({name: bad})

"""Regression packs from file to frame, against the specification written out naively (naive_face)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from in_memory import speechlike
from naive_face import Track, regression
from numpy.typing import NDArray
from pack_edits import forgetful
from synthetic_packs import KINDS, write_pack

from a2fbridge.animation import Frame
from a2fbridge.backends import open_backend
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.packs import load
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import InteractiveClip, Stream, StreamOptions, run_batch

SOUND = speechlike(0.8)[:12345]
RATE = Fraction(30000, 1001)
OPTIONS = StreamOptions(frame_rate=RATE, face=FaceSettings(rig=True))


@pytest.fixture(scope="module", params=["tiny", "cancel"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = replace(KINDS["tiny"], cancel=request.param == "cancel")
    return write_pack(tmp_path_factory.mktemp("packs") / request.param, spec)


@pytest.fixture
def model(folder: Path) -> FaceModel:
    pack = load(folder)
    return FaceModel(pack, open_backend(pack.network, threads=1))


def _emotion(sample: int) -> NDArray[np.float64]:
    return np.array([np.interp(sample, [0, 8000], [0, 1]) if n == "joy" else 0.0 for n in EMOTION_NAMES])


@pytest.fixture(scope="module")
def naive(folder: Path) -> Track:
    return regression(folder, SOUND.astype(float), RATE, _emotion)


def _open(model: FaceModel) -> Stream:
    stream = Stream(model, OPTIONS)
    _feel(stream)
    return stream


def _feel(stream: Stream) -> None:
    stream.push_emotions(0.0, {})
    stream.push_emotions(0.5, {"joy": 1.0})


def _play(stream: Stream, chunk: int) -> list[Frame]:
    frames = []
    for at in range(0, len(SOUND), chunk):
        stream.push(SOUND[at : at + chunk])
        frames += stream.pull()
    stream.end()
    return frames + stream.pull()


def _check(frames: list[Frame], track: Track) -> None:
    assert len(frames) == 24
    assert [f.sample_index for f in frames] == track.timestamps
    assert [f.time_code for f in frames] == [k * 1001 / 30000 for k in range(24)]
    np.testing.assert_allclose([f.weights for f in frames], track.weights, atol=1e-4)
    np.testing.assert_allclose([f.jaw for f in frames], track.jaw, atol=1e-4)
    np.testing.assert_allclose([f.eyes for f in frames], track.eyes, atol=1e-4)
    np.testing.assert_allclose(
        [f.emotions for f in frames], [_emotion(t) for t in track.timestamps], atol=1e-4
    )


@pytest.mark.parametrize("chunk", [12345, 160, 1600])
def test_whole_and_streamed(model: FaceModel, naive: Track, chunk: int) -> None:
    assert naive.weights[:, :52].std() > 0.02
    _check(_play(_open(model), chunk), naive)


def test_among_streams_at_other_places(model: FaceModel, naive: Track) -> None:
    mine, other = _open(model), Stream(model, StreamOptions(frame_rate=Fraction(60)))
    other.push(speechlike(3.0, seed=4))
    run_batch(model, [(other, 7)])
    mine.push(SOUND)
    mine.end()
    frames = []
    while ready := mine.ready_windows():
        made = run_batch(model, [(other, 3), (mine, min(ready, 2))])[1]
        assert isinstance(made, list)
        frames += made
    _check(frames, naive)


def test_after_a_reset(model: FaceModel, naive: Track) -> None:
    stream = _open(model)
    stream.push(speechlike(0.5, seed=3))
    stream.pull()
    stream.reset()
    _feel(stream)
    _check(_play(stream, 3000), naive)


def test_after_a_seek(folder: Path, model: FaceModel, tmp_path: Path) -> None:
    """Any frame alone, as the oracle has it without a past: no smoothing, no memory of the solver."""
    without = forgetful(folder, tmp_path / "egg")
    still = {"upper_face_smoothing": 0.0, "lower_face_smoothing": 0.0}
    right = regression(without, SOUND.astype(float), RATE, _emotion, still)
    keys = ((0.0, {}), (0.5, {"joy": 1.0}))
    with InteractiveClip(model, SOUND, OPTIONS, keys) as clip:
        assert len(clip) == len(right.timestamps)
        for k in (17, 3, 23, 0):
            frame = clip.frame(k)
            assert (frame.index, frame.sample_index) == (k, right.timestamps[k])
            assert frame.time_code == k * 1001 / 30000
            np.testing.assert_allclose(frame.weights, right.weights[k], atol=1e-4)
            np.testing.assert_allclose(frame.jaw, right.jaw[k], atol=1e-4)
            np.testing.assert_allclose(frame.eyes, right.eyes[k], atol=1e-4)


def test_geometry(folder: Path, model: FaceModel, naive: Track) -> None:
    with Stream(model, replace(OPTIONS, face=FaceSettings(geometry=True))) as stream:
        _feel(stream)
        frames = _play(stream, 4000)
    np.testing.assert_allclose([f.skin for f in frames], naive.skin, atol=1e-4)
    np.testing.assert_allclose([f.tongue for f in frames], naive.tongue, atol=1e-4)

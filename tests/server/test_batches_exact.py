"""Company changes no bit: a stream alone, frame by frame, in batches of any make-up and after a reset."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from in_memory import speechlike
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import write_pack

from a2fbridge._errors import A2FBridgeError
from a2fbridge.animation import Frame
from a2fbridge.backends import open_backend
from a2fbridge.face import FaceModel, FaceSettings
from a2fbridge.packs import FacePack, load
from a2fbridge.streams import Stream, StreamOptions, run_batch

PACKS: dict[str, Callable[[Path], FacePack]] = {
    "the pack that ships": lambda folder: load(),
    "regression": lambda folder: load(write_pack(folder)),
    "diffusion": lambda folder: load(write_diffusion_pack(folder)),
}
COUNT = 6


@pytest.fixture(params=PACKS.values(), ids=PACKS.keys())
def model(request: pytest.FixtureRequest, tmp_path: Path) -> FaceModel:
    pack = request.param(tmp_path / "pack")
    return FaceModel(pack, open_backend(pack.network, "onnxruntime", 1))


def opened(model: FaceModel, i: int) -> Stream:
    """One of six streams that differ in everything that a batch may mix."""
    face = FaceSettings(
        {"lowerFaceSmoothing": 0.05 * (i % 2), "faceMaskLevel": 0.6 - 0.1 * (i % 3)},
        rig=True,
        geometry=i == 1,
    )
    rate = (Fraction(60), Fraction(30000, 1001))[i % 2]
    identity = model.identities[i % len(model.identities)]
    stream = Stream(model, StreamOptions(frame_rate=rate, face=face, identity=identity))
    heard(stream, i)
    return stream


def heard(stream: Stream, i: int) -> None:
    stream.push_emotions(0, {"joy": 0.1 * i})
    stream.push(speechlike(0.9, seed=i))
    stream.end()


def one_by_one(stream: Stream) -> list[Frame]:
    return list(chain.from_iterable(iter(lambda: stream.pull(1), [])))


def together(streams: list[Stream]) -> list[list[Frame]]:
    """Play streams in random company, each at its own pace."""
    rng, frames = np.random.default_rng(5), [list[Frame]() for _ in streams]
    while any(stream.ready_windows() for stream in streams):
        chosen = [i for i, s in enumerate(streams) if s.ready_windows() and rng.random() < 0.7]
        most = min(streams[0].model.network.consecutive, 9)
        plan = [(streams[i], min(streams[i].ready_windows(), int(rng.integers(1, most + 1)))) for i in chosen]
        for i, made in zip(chosen, run_batch(streams[0].model, plan) if plan else [], strict=True):
            assert not isinstance(made, A2FBridgeError)
            frames[i] += made
    return frames


def same(found: list[Frame], right: list[Frame]) -> None:
    assert [f.sample_index for f in found] == [f.sample_index for f in right]
    for name in ("weights", "jaw", "eyes", "emotions", "skin", "tongue"):
        for a, b in zip(found, right, strict=True):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_company_changes_no_bit(model: FaceModel) -> None:
    alone = []
    for i in range(COUNT):
        with opened(model, i) as stream:
            alone.append(stream.pull())
    streams = [opened(model, i) for i in range(COUNT)]
    for found, right in zip(together(streams), alone, strict=True):
        assert len(found) > 25
        same(found, right)
    for i, stream in enumerate(streams):
        stream.reset()
        heard(stream, i)
        same(one_by_one(stream), alone[i])

"""Single frames and whole clips after edits: the numbers of a stream, and no more work than a change needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, speechlike
from synthetic_diffusion import write_diffusion_pack

from a2fbridge._errors import ParameterError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.backends import Backend, open_backend
from a2fbridge.face import FaceModel, FaceSettings, Noise, PoseSettings
from a2fbridge.packs import load
from a2fbridge.streams import InteractiveClip, Layer, Stream, StreamOptions

SOUND = speechlike(1.9)[:30001]
KEYS = ((0.0, {}), (1.0, {"joy": 1.0}))
STILL = {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0}


class Counted:
    """A backend that counts its windows."""

    def __init__(self, backend: Backend) -> None:
        self._backend, self.windows = backend, 0

    def __getattr__(self, name: str):
        return getattr(self._backend, name)

    def run(self, feeds, *slots):
        self.windows += len(next(iter(feeds.values())))
        return self._backend.run(feeds, *slots)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_diffusion_pack(tmp_path_factory.mktemp("packs") / "multi")


@pytest.fixture(params=["regression", "diffusion"])
def model(request: pytest.FixtureRequest, folder: Path) -> Iterator[FaceModel]:
    """Without the solver's memory, so that frames of a stream can be compared with single ones."""
    poses = PoseSettings(temporal=False)
    if request.param == "regression":
        pack = make_pack()
        yield FaceModel(pack, Counted(RandomNetwork(pack)), poses=poses)
        return
    pack = load(folder)
    backend = Counted(open_backend(pack.network, threads=1))
    yield FaceModel(pack, backend, poses=poses, noise=Noise(constant=False, seed=3))
    backend.close()


def _options(rate: int = 60, **face) -> StreamOptions:
    return StreamOptions(frame_rate=Fraction(rate), face=FaceSettings(rig=True, **face))


def _streamed(model: FaceModel, options: StreamOptions) -> list[Frame]:
    with Stream(model, options) as stream:
        for time, values in KEYS:
            stream.push_emotions(time, values)
        stream.push(SOUND)
        stream.end()
        return stream.pull()


@pytest.mark.parametrize("rate", [60, 30, 24])
def test_all_frames_are_the_streams(model: FaceModel, rate: int) -> None:
    expected = _streamed(model, _options(rate))
    with InteractiveClip(model, SOUND, _options(rate), KEYS) as clip:
        animation = clip.animate()
        assert len(animation) == len(clip) == len(expected) == -(-len(SOUND) * rate // 16000)
        np.testing.assert_allclose(animation.weights, [f.weights for f in expected], atol=1e-6)
        np.testing.assert_allclose(animation.jaw, [f.jaw for f in expected], atol=1e-6)
        np.testing.assert_allclose(animation.eyes, [f.eyes for f in expected], atol=1e-5)
        np.testing.assert_allclose(animation.emotions, [f.emotions for f in expected], atol=1e-6)
        assert animation.sample_indices.tolist() == [f.sample_index for f in expected]


def test_single_frames_in_any_order_are_those_of_a_stream_without_smoothing(model: FaceModel) -> None:
    expected = _streamed(model, _options(60, parameters=STILL))
    with InteractiveClip(model, SOUND, _options(60), KEYS) as clip:
        for k in (100, 3, 99, 0, len(expected) - 1, 16, 15, 14, 60):
            frame, right = clip.frame(k), expected[k]
            assert (frame.index, frame.sample_index, frame.time_code) == (
                k,
                right.sample_index,
                right.time_code,
            )
            np.testing.assert_allclose(frame.weights, right.weights, atol=1e-5)
            np.testing.assert_allclose(frame.jaw, right.jaw, atol=1e-6)
            np.testing.assert_allclose(frame.eyes, right.eyes, atol=1e-4)
            np.testing.assert_allclose(frame.emotions, right.emotions, atol=1e-6)


def test_a_single_frame_needs_no_more_windows_than_it_must(model: FaceModel) -> None:
    recurrent = model.network.recurrent
    with InteractiveClip(model, SOUND, _options(60)) as clip:
        backend = model.backend
        before = backend.windows
        clip.frame(100)
        assert backend.windows - before == (5 if recurrent else 1)
        clip.frame(100)
        clip.set(parameters={"skinStrength": 0.7})
        clip.frame(100)
        assert backend.windows - before == (5 if recurrent else 1)
        clip.frame(3)
        assert backend.windows - before == (5 if recurrent else 2)


def test_a_bounded_memory_of_rows_changes_no_number(folder: Path) -> None:
    pack = load(folder)
    model = FaceModel(pack, Counted(open_backend(pack.network, threads=1)), noise=Noise(constant=False))
    with InteractiveClip(model, SOUND, _options(60)) as full:
        expected = [full.frame(k).weights for k in range(0, 100, 9)]
    with InteractiveClip(model, SOUND, _options(60), cache_bytes=1) as clip:
        clip.frame(99)
        before = model.backend.windows
        got = [clip.frame(k).weights for k in reversed(range(0, 100, 9))]
        assert model.backend.windows - before <= 6  # one for each window gone back to
    np.testing.assert_array_equal(got[::-1], expected)


def test_looking_back_is_close_and_cheap(folder: Path) -> None:
    pack = load(folder)
    model = FaceModel(pack, Counted(open_backend(pack.network, threads=1)))
    with (
        InteractiveClip(model, SOUND, _options(60)) as exact,
        InteractiveClip(model, SOUND, _options(60), look_back=2) as quick,
    ):
        right = exact.frame(111).weights
        before = model.backend.windows
        near = quick.frame(111).weights
        assert model.backend.windows - before == 2
        assert 0 < np.abs(near - right).max() < 0.3
        quick.animate()  # knows every state from now on
        np.testing.assert_allclose(quick.frame(111).weights, right, atol=1e-6)


Change = Callable[[InteractiveClip], Layer]
NETWORK = Layer.ALL & ~(Layer.EMOTION | Layer.HEARING)
CHANGES: dict[str, tuple[Change, Layer]] = {
    "skin": (lambda c: c.set(parameters={"skinStrength": 0.5}), Layer.SKIN | Layer.WEIGHTS),
    "mask": (lambda c: c.set(parameters={"faceMaskLevel": 0.5}), Layer.SKIN | Layer.WEIGHTS),
    "tongue": (lambda c: c.set(parameters={"tongueStrength": 0.5}), Layer.TONGUE | Layer.WEIGHTS),
    "teeth": (lambda c: c.set(parameters={"lowerTeethHeightOffset": 0.5}), Layer.TEETH),
    "eyes": (lambda c: c.set(parameters={"saccadeStrength": 0.5}), Layer.EYES),
    "seed": (lambda c: c.set(parameters={"eyeSaccadeSeed": 5.0}), Layer.EYES),
    "look": (lambda c: c.set(parameters={"leftEyeRotXOffset": 5.0}), Layer.EYES),
    "gain": (lambda c: c.set(multipliers={"JawOpen": 0.5}), Layer.WEIGHTS),
    "offset": (lambda c: c.set(offsets={"JawOpen": 0.5}), Layer.WEIGHTS),
    "clamp": (lambda c: c.set(clamp=True), Layer.WEIGHTS),
    "input": (lambda c: c.set(parameters={"inputStrength": 0.5}), NETWORK),
    "emotion": (lambda c: c.set(emotions={"joy": 0.5}), NETWORK | Layer.EMOTION),
    "poses": (
        lambda c: c.set(poses=PoseSettings(active={"JawOpen": False})),
        Layer.SKIN | Layer.TONGUE | Layer.WEIGHTS,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_makes_its_own_layers_invalid_and_the_numbers_right(model: FaceModel, change: str) -> None:
    """Spec: diffusion, C.6, and regression, 6.7."""
    edit, layers = CHANGES[change]
    with (
        InteractiveClip(model, SOUND, _options(60)) as clip,
        InteractiveClip(model, SOUND, _options(60)) as fresh,
    ):
        assert not clip.valid(Layer.INFERENCE)
        first = clip.animate()
        assert clip.valid(Layer.ALL)
        assert edit(clip) == layers
        for layer in Layer.ALL:
            assert clip.valid(layer) == (layer not in layers)
        assert edit(clip) == Layer.NONE or change == "poses"  # what is in force already makes nothing invalid
        edit(fresh)
        got, right = clip.animate(), fresh.animate()
        np.testing.assert_allclose(got.weights, right.weights, atol=1e-6)
        np.testing.assert_allclose(got.jaw, right.jaw, atol=1e-6)
        np.testing.assert_allclose(got.eyes, right.eyes, atol=1e-6)
        differs = [
            np.abs(a - b).max() > 1e-4
            for a, b in ((got.weights, first.weights), (got.jaw, first.jaw), (got.eyes, first.eyes))
        ]
        assert differs[0] == bool(layers & Layer.WEIGHTS) or change == "clamp"
        assert differs[1] == bool(layers & Layer.TEETH)
        assert differs[2] == bool(layers & Layer.EYES)


def test_post_processing_again_does_not_run_the_network(model: FaceModel) -> None:
    with InteractiveClip(model, SOUND, _options(60)) as clip:
        clip.animate()
        before = model.backend.windows
        for name in ("skin", "mask", "tongue", "teeth", "eyes", "gain", "poses"):
            CHANGES[name][0](clip)
            clip.animate()
        assert model.backend.windows == before
        clip.invalidate(Layer.INFERENCE)
        clip.animate()
        assert model.backend.windows > before


def test_it_can_be_interrupted_and_goes_on(model: FaceModel) -> None:
    with InteractiveClip(model, SOUND, _options(60)) as clip:
        with pytest.raises(StreamError, match="interrupted"):
            clip.animate(lambda done, total: threading.Thread(target=clip.interrupt).run())
        assert not clip.valid(Layer.INFERENCE)
        assert len(clip.animate()) == len(clip)
        assert clip.valid(Layer.ALL)


def test_bad_requests_change_nothing(model: FaceModel) -> None:
    clip = InteractiveClip(model, SOUND, _options(60))
    clip.animate()
    with pytest.raises(ParameterError, match="0 to 2"):
        clip.set(parameters={"skinStrength": 3.0}, clamp=True)
    with pytest.raises(ParameterError, match="unknown emotion"):
        clip.set(clamp=True, emotions={"yoy": 1.0})
    assert clip.valid(Layer.ALL)
    for index in (-1, len(clip)):
        with pytest.raises(ParameterError, match=f"frame {index} is outside"):
            clip.frame(index)
    clip.close()
    clip.close()
    with pytest.raises(StreamError, match="closed"):
        clip.frame(0)


def test_an_empty_clip_has_no_frames(model: FaceModel) -> None:
    with InteractiveClip(model, SOUND[:0], _options(60)) as clip:
        assert len(clip.animate()) == len(clip) == 0


def test_geometry_of_a_single_frame(model: FaceModel) -> None:
    options = _options(60, parameters=STILL, geometry=True)
    expected = _streamed(model, options)
    with InteractiveClip(model, SOUND, options, KEYS) as clip:
        frame = clip.frame(42)
    np.testing.assert_allclose(frame.skin, expected[42].skin, atol=1e-4)
    np.testing.assert_allclose(frame.tongue, expected[42].tongue, atol=1e-4)


@pytest.mark.parametrize("most", [1, 7, 32])
def test_the_batch_size_changes_no_number(model: FaceModel, most: int) -> None:
    """SDK: InteractiveExecutor.BatchSize, 1e-4."""
    with InteractiveClip(model, SOUND, _options(60), KEYS) as clip:
        expected = clip.animate()
    backend = Counted(model.backend)
    backend.max_batch = most
    smaller = FaceModel(model.pack, backend, poses=PoseSettings(temporal=False), noise=model.noise)
    with InteractiveClip(smaller, SOUND, _options(60), KEYS) as clip:
        np.testing.assert_allclose(clip.animate().weights, expected.weights, atol=1e-4)
        with InteractiveClip(model, SOUND, _options(60), KEYS) as other:
            np.testing.assert_allclose(clip.frame(77).weights, other.frame(77).weights, atol=1e-4)


GEOMETRY = Layer.SKIN | Layer.TONGUE | Layer.TEETH | Layer.EYES | Layer.WEIGHTS
INVALIDATED = {
    Layer.NONE: Layer.NONE,
    Layer.ALL: Layer.ALL,
    Layer.HEARING: Layer.ALL,
    Layer.EMOTION: Layer.EMOTION | Layer.INFERENCE | GEOMETRY,
    Layer.INFERENCE: Layer.INFERENCE | GEOMETRY,
    Layer.SKIN: Layer.SKIN | Layer.WEIGHTS,
    Layer.TONGUE: Layer.TONGUE | Layer.WEIGHTS,
    Layer.TEETH: Layer.TEETH,
    Layer.EYES: Layer.EYES,
    Layer.WEIGHTS: Layer.WEIGHTS,
}


@pytest.mark.parametrize("layer", INVALIDATED)
def test_invalidating_a_layer_takes_what_is_computed_from_it(model: FaceModel, layer: Layer) -> None:
    """SDK: InteractiveExecutor.Invalidation, on its clip of 1000 silent samples; none is valid before the first run."""
    with InteractiveClip(model, np.zeros(1000, np.float32), _options(60)) as clip:
        assert not any(clip.valid(one) for one in Layer.ALL)
        clip.frame(0)
        assert not any(clip.valid(one) for one in Layer.ALL)  # a single frame makes no layer valid
        clip.animate()
        assert clip.valid(Layer.ALL)
        clip.invalidate(layer)
        assert [one for one in Layer.ALL if not clip.valid(one)] == list(INVALIDATED[layer])
        clip.animate()
        assert clip.valid(Layer.ALL)


@pytest.mark.parametrize("skip", [("skin",), ("tongue",), ("jaw",), ("eyes",), ("skin", "jaw", "eyes")])
def test_parts_are_left_out_of_a_clip_too(model: FaceModel, skip: tuple[str, ...]) -> None:
    with (
        InteractiveClip(model, SOUND, _options(60, skip=skip)) as clip,
        InteractiveClip(model, SOUND, _options(60)) as whole,
    ):
        for got, full in ((clip.frame(50), whole.frame(50)), (clip.animate(), whole.animate())):
            for part in ("jaw", "eyes"):
                value = getattr(got, part)
                assert (value is None) == (part in skip)
                if value is not None:
                    np.testing.assert_allclose(value, getattr(full, part), atol=1e-6)
            for part, span in (("skin", slice(0, 52)), ("tongue", slice(52, 68))):
                right = 0.0 if part in skip else full.weights[..., span]
                np.testing.assert_allclose(got.weights[..., span], right, atol=1e-6)

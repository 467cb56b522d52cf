"""Automatic emotion of a clip to work on: a stream's numbers, the classifier asked once, its chain after an edit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from in_memory import RandomNetwork, make_pack, speechlike
from synthetic_emotion import write_emotion_pack

import a2fbridge
from a2fbridge._errors import ParameterError
from a2fbridge._resources import data_dir
from a2fbridge.backends import open_backend
from a2fbridge.emotion import EmotionModel, EmotionSettings, EmotionTiming
from a2fbridge.face import FaceModel, FaceSettings, PoseSettings
from a2fbridge.packs import EmotionPack, load_emotion
from a2fbridge.streams import InteractiveClip, Layer, Stream, StreamOptions

TIMING = EmotionTiming(window=16000, look_ahead=8000, interval=10)
SOUND = speechlike(3.0)
KEYS = ((0.0, {}), (1.0, {"joy": 1.0}))
STILL = {"upperFaceSmoothing": 0.0, "lowerFaceSmoothing": 0.0}
HEAR = EmotionSettings()
HEARD = Layer.ALL & ~Layer.HEARING


class Counted:
    """A backend that counts its rows."""

    def __init__(self, backend: Any) -> None:
        self._backend, self.rows = backend, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def run(self, feeds: Any, *slots: Any) -> Any:
        self.rows += len(next(iter(feeds.values())))
        return self._backend.run(feeds, *slots)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> EmotionPack:
    return load_emotion(write_emotion_pack(tmp_path_factory.mktemp("packs") / "feeling"))


@pytest.fixture
def hearing(pack: EmotionPack) -> EmotionModel:
    return hearing_of(pack)


def hearing_of(pack: EmotionPack, interval: int = 10, most: int | None = None) -> EmotionModel:
    timing = EmotionTiming(TIMING.window, TIMING.look_ahead, interval)
    backend = Counted(open_backend(pack.network(timing.window), threads=1))
    if most:
        backend.max_batch = most
    return EmotionModel(pack, backend, timing)


@pytest.fixture
def model() -> FaceModel:
    face = make_pack()
    return FaceModel(face, Counted(RandomNetwork(face)), poses=PoseSettings(temporal=False))


def options(automatic: EmotionSettings | None = HEAR, **face: Any) -> StreamOptions:
    return StreamOptions(frame_rate=Fraction(60), face=FaceSettings(**face), automatic=automatic)


def streamed(model: FaceModel, hearing: EmotionModel, chosen: StreamOptions) -> tuple[Any, Any]:
    with Stream(model, chosen, hearing) as stream:
        for time, values in KEYS:
            stream.push_emotions(time, values)
        stream.push(SOUND)
        stream.end()
        frames = stream.pull()
    return np.array([f.weights for f in frames]), np.array([f.emotions for f in frames])


@pytest.mark.parametrize(
    "settings",
    [
        EmotionSettings(),
        EmotionSettings(
            {"emotion_strength": 0.9, "max_emotions": 2, "live_transition_time": 0.1}, {"pain": 0.4}
        ),
    ],
)
@pytest.mark.parametrize(("interval", "most"), [(1, None), (10, 1), (15, 32)])
def test_whole_clips_and_single_frames_are_the_streams(
    model: FaceModel, pack: EmotionPack, settings: EmotionSettings, interval: int, most: int | None
) -> None:
    """SDK: InteractiveExecutor Correctness, BatchSize, InferencesToSkip."""
    hearing = hearing_of(pack, interval, most)
    weights, emotions = streamed(model, hearing, options(settings, parameters=STILL))
    assert np.ptp(emotions, axis=0).max() > 0.05
    chosen = options(settings, parameters=STILL)
    with InteractiveClip(model, SOUND, chosen, KEYS, hearing=lambda: hearing) as clip:
        for k in (100, 3, 179, 0, 60, 100):
            frame = clip.frame(k)
            np.testing.assert_allclose(frame.emotions, emotions[k], atol=1e-6)
            np.testing.assert_allclose(frame.weights, weights[k], atol=1e-5)
        animation = clip.animate()
    np.testing.assert_allclose(animation.emotions, emotions, atol=1e-6)
    np.testing.assert_allclose(animation.weights, weights, atol=1e-5)
    assert animation.settings["automatic_emotion"]["pack"] == hearing.pack.id


EDITS: dict[str, tuple[dict[str, Any], Layer]] = {
    "preferred": ({"emotions": {"anger": 0.7}}, HEARD),
    "strength": ({"post_processing": {"emotion_strength": 0.9}}, HEARD),
    "contrast": ({"post_processing": {"emotion_contrast": 2.0}}, HEARD),
    "beginning": ({"beginning_emotion": {"pain": 0.6}}, HEARD),
    "off": ({"automatic_emotion": False}, HEARD),
    "input": ({"parameters": {"inputStrength": 0.5}}, HEARD & ~Layer.EMOTION),
    "skin": ({"parameters": {"skinStrength": 0.5}}, Layer.SKIN | Layer.WEIGHTS),
    "gain": ({"multipliers": {"JawOpen": 0.5}}, Layer.WEIGHTS),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_costs_what_it_changes(model: FaceModel, hearing: EmotionModel, edit: str) -> None:
    """The classifier hears a clip once; the face's network runs again for one frame, or not at all."""
    change, layers = EDITS[edit]
    with (
        InteractiveClip(model, SOUND, options(), hearing=lambda: hearing) as clip,
        InteractiveClip(model, SOUND, options(), hearing=lambda: hearing) as fresh,
    ):
        clip.animate()
        clip.frame(90)
        heard, inferred = hearing.backend.rows, model.backend.rows
        assert clip.set(**change) == layers
        assert clip.set(**change) == Layer.NONE
        for layer in Layer.ALL:
            assert clip.valid(layer) == (layer not in layers)
        got = clip.frame(90)
        assert hearing.backend.rows == heard
        assert model.backend.rows - inferred == (1 if Layer.INFERENCE in layers else 0)
        fresh.set(**change)
        right = fresh.frame(90)
        np.testing.assert_allclose(got.weights, right.weights, atol=1e-6)
        np.testing.assert_allclose(got.emotions, right.emotions, atol=1e-6)
        inferred = model.backend.rows
        whole = clip.animate()
        assert model.backend.rows - inferred == (len(clip) if Layer.INFERENCE in layers else 0)
        np.testing.assert_allclose(whole.weights, fresh.animate().weights, atol=1e-6)


def test_a_frame_near_the_start_asks_the_classifier_for_no_more_than_it_needs(
    model: FaceModel, hearing: EmotionModel
) -> None:
    with InteractiveClip(model, SOUND, options(), hearing=lambda: hearing) as clip:
        clip.frame(0)
        assert hearing.backend.rows == 1
        clip.animate()
        asked = hearing.backend.rows
        assert asked == hearing.timing.inferences(len(SOUND), True)
        clip.invalidate(Layer.HEARING)
        assert not clip.valid(Layer.HEARING)
        clip.animate()
        assert hearing.backend.rows == 2 * asked


def test_it_is_switched_on_later_and_bad_settings_change_nothing(
    model: FaceModel, hearing: EmotionModel
) -> None:
    loaded = []

    def ears() -> EmotionModel:
        loaded.append(hearing)
        return hearing

    with InteractiveClip(model, SOUND, options(None), hearing=ears) as clip:
        plain = clip.animate()
        assert not loaded  # nothing is loaded for clips that do not listen
        with pytest.raises(ParameterError, match="takes automatic_emotion=True"):
            clip.set(post_processing={"emotion_strength": 0.5})
        with pytest.raises(ParameterError, match="emotion_strength is 3"):
            clip.set(automatic_emotion=True, post_processing={"emotion_strength": 3.0})
        with pytest.raises(ParameterError, match="unknown emotion"):
            clip.set(automatic_emotion=True, beginning_emotion={"yoy": 1.0})
        assert clip.valid(Layer.ALL)
        assert clip.set(automatic_emotion=True) == HEARD
        assert np.abs(clip.animate().emotions - plain.emotions).max() > 0.05
        assert clip.set(automatic_emotion=False) == HEARD
        np.testing.assert_array_equal(clip.animate().weights, plain.weights)
    with pytest.raises(ParameterError, match="needs an emotion pack"):
        InteractiveClip(model, SOUND, options())


def test_the_built_in_estimator_gives_what_animate_gives() -> None:
    hello = data_dir() / "samples" / "hello.wav"
    chosen: dict[str, Any] = {
        "automatic_emotion": True,
        "emotions": [(0.0, {}), (1.0, {"joy": 0.8})],
        "post_processing": {"emotion_strength": 0.9},
        "live_transition_time": 0.2,
    }
    with a2fbridge.Engine.open(threads=1) as engine:
        right = engine.animate(hello, **chosen)
        with engine.clip(hello, **chosen) as clip:
            got = clip.animate()
            np.testing.assert_allclose(got.weights, right.weights, atol=1e-5)
            np.testing.assert_allclose(got.emotions, right.emotions, atol=1e-5)
            np.testing.assert_allclose(clip.frame(30).emotions, right.emotions[30], atol=1e-5)

"""Automatic emotion in streams: against the naive oracle, for whole files, any chunking, batches, resets, any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from naive_emotion import at, emotion_frames
from synthetic_emotion import POST, EmotionSpec, logits, write_emotion_pack
from synthetic_packs import KINDS, write_pack

from a2fbridge._errors import BackendError, ParameterError
from a2fbridge.animation import Frame
from a2fbridge.audio import AudioBuffer
from a2fbridge.backends import Backend, open_backend
from a2fbridge.emotion import (
    AutomaticEmotion,
    EmotionModel,
    EmotionSettings,
    EmotionTiming,
    default_timing,
    hear,
)
from a2fbridge.face import FaceModel
from a2fbridge.packs import EmotionPack, FacePack, load, load_emotion
from a2fbridge.shapes import EMOTION_NAMES
from a2fbridge.streams import Stream, StreamOptions, run_batch

TIMING = EmotionTiming(window=16000, look_ahead=8000, interval=10)
SECONDS = 3.3


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[FacePack, EmotionPack]:
    folder = tmp_path_factory.mktemp("packs")
    return load(write_pack(folder / "egg")), load_emotion(write_emotion_pack(folder / "feeling"))


@pytest.fixture(scope="module")
def face(packs: tuple[FacePack, EmotionPack]) -> FaceModel:
    return FaceModel(packs[0], open_backend(packs[0].network, threads=1))


def model_of(
    pack: EmotionPack, timing: EmotionTiming = TIMING, backend: Backend | None = None
) -> EmotionModel:
    return EmotionModel(pack, backend or open_backend(pack.network(timing.window), threads=1), timing)


@pytest.fixture(scope="module")
def feeling(packs: tuple[FacePack, EmotionPack]) -> EmotionModel:
    return model_of(packs[1])


def sound(seconds: float = SECONDS, seed: int = 1) -> np.ndarray:
    """Noise that swells and changes its colour: every window has logits of its own."""
    rng = np.random.default_rng(seed)
    count = round(seconds * 16000)
    places = np.arange(0, count + 4000, 4000)
    knots = np.interp(np.arange(count), places, rng.random(len(places)))
    noise = rng.standard_normal(count)
    smooth = np.convolve(noise, np.ones(6) / 3, "same")
    return (0.15 * knots * np.where(np.sin(np.arange(count) / 9000) > 0, noise, smooth)).astype(np.float32)


def opened(face: FaceModel, feeling: EmotionModel, **changes: Any) -> Stream:
    options = replace(StreamOptions(automatic=EmotionSettings()), **changes)
    return Stream(face, options, feeling)


def whole(stream: Stream, samples: np.ndarray) -> list[Frame]:
    with stream:
        stream.push(samples)
        stream.end()
        return stream.pull()


def vectors(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.emotions for frame in frames])


def oracle(samples: np.ndarray, timing: EmotionTiming = TIMING, **more: Any) -> Callable[[int], np.ndarray]:
    post = POST | more.pop("post", {})
    times, _, final = emotion_frames(
        samples,
        logits,
        post,
        window=timing.window,
        look_ahead=timing.look_ahead,
        interval=timing.interval,
        **more,
    )
    return lambda sample: at(times, final, sample)


def named(values: Mapping[str, float]) -> list[float]:
    return [values.get(name, 0.0) for name in EMOTION_NAMES]


@pytest.mark.parametrize("rate", ["30", "60", "24", "30000/1001"])
def test_a_whole_file_is_what_the_oracle_says(face: FaceModel, feeling: EmotionModel, rate: str) -> None:
    samples = sound()
    frames = whole(opened(face, feeling, frame_rate=Fraction(rate)), samples)
    right = oracle(samples)
    assert len(frames) == -(-len(samples) * Fraction(rate) // 16000)
    np.testing.assert_allclose(vectors(frames), [right(f.sample_index) for f in frames], atol=1e-4)
    assert np.ptp(vectors(frames), axis=0).max() > 0.1  # there is something to compare


@pytest.mark.parametrize(
    "timing",
    [
        replace(TIMING, interval=1, window=5000, look_ahead=2500),
        replace(TIMING, interval=30),
        replace(TIMING, look_ahead=1),
        replace(TIMING, look_ahead=16000),
        replace(TIMING, window=60000, look_ahead=30000, interval=31),
    ],
    ids=str,
)
def test_other_windows_and_intervals(
    face: FaceModel, packs: tuple[FacePack, EmotionPack], timing: EmotionTiming
) -> None:
    samples = sound(1.4)
    frames = whole(opened(face, model_of(packs[1], timing)), samples)
    right = oracle(samples, timing)
    np.testing.assert_allclose(vectors(frames), [right(f.sample_index) for f in frames], atol=1e-4)


def test_parameters_beginning_and_keys_of_the_client(face: FaceModel, feeling: EmotionModel) -> None:
    samples = sound()
    given = {"emotion_contrast": 2.0, "max_emotions": 3, "live_blend_coef": 0.2, "emotion_strength": 0.9}
    given |= {"preferred_emotion_strength": 0.7, "live_transition_time": 0.1}
    settings = EmotionSettings(given, {"pain": 0.5})
    stream = opened(face, feeling, automatic=settings, emotions={"joy": 0.2})
    stream.push_emotions(1.0, {"grief": 0.8})
    stream.push_emotions(2.0, {"amazement": 1.0, "joy": 0.4})
    frames = whole(stream, samples)

    keys = np.array([named({"joy": 0.2}), named({"grief": 0.8}), named({"amazement": 1.0, "joy": 0.4})])
    times = [0, 16000, 32000]
    post = {
        "emotion_contrast": 2.0,
        "max_emotions": 3,
        "live_blend_coef": 0.2,
        "emotion_strength": 0.9,
        "preferred_emotion_strength": 0.7,
        "transition_smoothing": 0.1,
    }
    right = oracle(
        samples,
        post=post,
        beginning=named({"pain": 0.5}),
        wish=lambda t: [float(np.interp(t, times, keys[:, i])) for i in range(10)],
    )
    np.testing.assert_allclose(vectors(frames), [right(f.sample_index) for f in frames], atol=1e-4)


def test_at_full_strength_the_client_has_it_all(face: FaceModel, feeling: EmotionModel) -> None:
    given = {"preferred_emotion_strength": 1.0, "emotion_strength": 1.0, "live_transition_time": 0.0}
    stream = opened(face, feeling, automatic=EmotionSettings(given))
    keys = np.random.default_rng(3).random((20, 10)).astype(np.float32)
    for i, key in enumerate(keys):
        stream.push_emotions(i / 30 + 1e-6, dict(zip(EMOTION_NAMES, map(float, key), strict=True)))
    frames = whole(stream, sound(1.0))
    assert (vectors(frames[: len(keys)]) == keys).all()


def test_preferred_takes_part_only_when_there_is_one_or_it_is_asked_for(
    face: FaceModel, feeling: EmotionModel
) -> None:
    samples = sound(1.2)
    plain = vectors(whole(opened(face, feeling), samples))
    on = EmotionSettings({"enable_preferred_emotion": 1})
    halved = vectors(whole(opened(face, feeling, automatic=on), samples))
    np.testing.assert_allclose(halved, plain / 2, atol=1e-6)
    off = EmotionSettings({"enable_preferred_emotion": 0})
    ignored = vectors(whole(opened(face, feeling, automatic=off, emotions={"joy": 1.0}), samples))
    assert (ignored == plain).all()


@pytest.mark.parametrize("seed", range(4))
def test_numbers_do_not_depend_on_how_the_sound_comes(
    face: FaceModel, feeling: EmotionModel, seed: int
) -> None:
    rng, samples = np.random.default_rng(seed), sound()
    right = whole(opened(face, feeling, emotions={"joy": 0.5}), samples)
    frames: list[Frame] = []
    with opened(face, feeling, emotions={"joy": 0.5}) as stream:
        start = 0
        while start < len(samples):
            stop = start + int(rng.integers(1, 9) * rng.choice([100, 1600]))
            stream.push(samples[start:stop])
            start = stop
            if rng.random() < 0.8:
                frames += stream.pull(int(rng.integers(1, 40)))
        stream.end()
        frames += stream.pull()
    assert [f.sample_index for f in frames] == [f.sample_index for f in right]
    np.testing.assert_allclose(vectors(frames), vectors(right), atol=1e-6)
    np.testing.assert_allclose([f.weights for f in frames], [f.weights for f in right], atol=1e-5)


def test_streams_at_different_places_go_together(face: FaceModel, feeling: EmotionModel) -> None:
    sounds = [sound(2.0 + 0.3 * i, seed=i) for i in range(4)]
    rights = [vectors(whole(opened(face, feeling), samples)) for samples in sounds]
    streams = [opened(face, feeling) for _ in sounds]
    made: list[list[Frame]] = [[] for _ in sounds]
    for i, (stream, samples) in enumerate(zip(streams, sounds, strict=True)):
        stream.push(samples)
        stream.end()
        made[i] += stream.pull(7 * i)  # each begins the batches somewhere else
    while any(stream.ready() for stream in streams):
        ready = [(i, s, min(5, s.ready())) for i, s in enumerate(streams) if s.ready()]
        for (i, _, _), frames in zip(ready, run_batch(face, [(s, n) for _, s, n in ready]), strict=True):
            assert not isinstance(frames, BackendError)
            made[i] += frames
    for frames, right in zip(made, rights, strict=True):
        np.testing.assert_allclose(vectors(frames), right, atol=1e-6)
    for stream in streams:
        stream.close()


def test_a_stream_that_is_reset_gives_the_same_again(face: FaceModel, feeling: EmotionModel) -> None:
    samples = sound(1.5)
    with opened(face, feeling) as stream:
        stream.push(samples)
        first = stream.pull(20)
        stream.reset()
        stream.push(samples)
        stream.end()
        again = stream.pull()
    assert (vectors(again)[:20] == vectors(first)).all()
    assert (vectors(again) == vectors(whole(opened(face, feeling), samples))).all()


def test_single_samples_of_a_whole_sound_in_any_order(feeling: EmotionModel) -> None:
    """As the interactive executor does it: post-processing is replayed from the start."""
    samples = sound(2.0)
    right = oracle(samples)
    buffer = AudioBuffer()
    buffer.append(samples)
    buffer.close()
    source = AutomaticEmotion(feeling, EMOTION_NAMES, EmotionSettings())
    for sample in (31000, 5, 16000, 15999, 0, 8123):
        source.begin(buffer)
        hear([(source, sample)])
        np.testing.assert_allclose(source.at(sample), right(sample), atol=1e-4)
    source.close()


def test_frames_come_as_soon_as_their_emotion_can_be_known(face: FaceModel, feeling: EmotionModel) -> None:
    """The availability rules of NVIDIA's scheduler: a window must end within the sound that is there."""
    with opened(face, feeling) as stream:
        stream.push(np.zeros(7999, np.float32))
        assert stream.ready() == 0
        stream.push(np.zeros(1, np.float32))  # half a window: the first ten emotion frames
        assert stream.ready() == 8  # as many as the face's own look-ahead of 260 ms lets through
        stream.push(np.zeros(5332, np.float32))
        assert stream.ready() == 10
        stream.push(np.zeros(1, np.float32))
        assert stream.ready() > 10


def test_a_long_stream_keeps_little(face: FaceModel, feeling: EmotionModel) -> None:
    with opened(face, feeling) as stream:
        for i in range(60):
            stream.push(sound(0.5, seed=i))
            stream.pull()
        assert stream.held_samples < 3 * TIMING.window
        source = stream._emotions
        assert isinstance(source, AutomaticEmotion)
        assert len(source._frames) < 40


def test_silence_at_the_end_goes_to_neutral(face: FaceModel, feeling: EmotionModel) -> None:
    samples = sound(1.0)
    frames = whole(opened(face, feeling, padding=1.0), samples)
    values = vectors(frames)
    assert values[29].max() > 0.05
    assert (values[46:] == 0).all()
    assert (np.diff(values[31:46].max(axis=1)) < 0).all()


class Broken:
    """A backend whose first row is not a number."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name, self.max_batch = backend.name, backend.max_batch

    def run(self, feeds: Any) -> Any:
        results = self._backend.run(feeds)
        results["output"] = np.array(results["output"])
        results["output"][feeds["input_values"].max(axis=1) > 0.9] = np.nan
        return results

    def describe(self) -> dict[str, str | int]:
        return {}

    def close(self) -> None:
        """Nothing is held."""


def test_only_the_stream_without_numbers_fails(face: FaceModel, packs: tuple[FacePack, EmotionPack]) -> None:
    model = model_of(packs[1], backend=Broken(open_backend(packs[1].network(TIMING.window), threads=1)))
    loud = sound(1.0)
    loud[100] = 1.0
    with opened(face, model) as bad, opened(face, model) as good:
        for stream, samples in ((bad, loud), (good, sound(1.0))):
            stream.push(samples)
            stream.end()
        frames, failed = run_batch(face, [(good, 3), (bad, 3)])
        assert isinstance(failed, BackendError)
        assert not isinstance(frames, BackendError)
        assert len(frames) == 3


def test_emotions_go_to_the_places_of_the_face_pack(tmp_path: Path, feeling: EmotionModel) -> None:
    few = load(write_pack(tmp_path / "few", replace(KINDS["tiny"], emotions=("sadness", "anger"))))
    model = FaceModel(few, open_backend(few.network, threads=1))
    samples = sound(1.0)
    frames = whole(opened(model, feeling), samples)
    right = oracle(samples)
    index = [EMOTION_NAMES.index(name) for name in ("sadness", "anger")]
    np.testing.assert_allclose(
        vectors(frames)[:, index], [right(f.sample_index)[index] for f in frames], atol=1e-4
    )
    assert np.count_nonzero(vectors(frames).any(axis=0)) == 2


def test_what_is_in_force_is_said(face: FaceModel, feeling: EmotionModel) -> None:
    with opened(face, feeling, automatic=EmotionSettings({"max_emotions": 2}, {"joy": 0.1})) as stream:
        said = stream.settings()["automatic_emotion"]
    assert said["pack"] == "feeling"
    assert (said["window"], said["look_ahead"], said["interval"]) == (1.0, 0.5, 10)
    assert said["beginning"] == {"joy": 0.1}
    assert said["parameters"] == {
        "emotion_contrast": 1.0,
        "max_emotions": 2,
        "live_blend_coef": 0.7,
        "enable_preferred_emotion": "when one is given",
        "preferred_emotion_strength": 0.5,
        "live_transition_time": 0.5,
        "emotion_strength": 0.6,
    }


def test_bad_settings_are_refused(face: FaceModel, feeling: EmotionModel, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="automatic emotion needs an emotion pack, and none is loaded"):
        Stream(face, StreamOptions(automatic=EmotionSettings()))
    with pytest.raises(ParameterError, match="max_emotions is 9"):
        opened(face, feeling, automatic=EmotionSettings({"max_emotions": 9}))
    with pytest.raises(ParameterError, match="unknown emotion 'jo'"):
        opened(face, feeling, automatic=EmotionSettings({}, {"jo": 1.0}))
    with pytest.raises(ParameterError, match=r"look-ahead of 0 samples; right is 1 to the window's 16000"):
        replace(TIMING, look_ahead=0)
    with pytest.raises(ParameterError, match="an inference every 31 frames; right is 1 to 30"):
        replace(TIMING, interval=31)
    eleven = {"output_emotion_length": 11, "preferred_emotion": [0.0] * 11}
    odd = load_emotion(write_emotion_pack(tmp_path / "odd", EmotionSpec(post=eleven)))
    with pytest.raises(ParameterError, match="gives 11 emotions; right are the 10 of a face"):
        model_of(odd)


def test_the_usual_timing_of_a_pack(packs: tuple[FacePack, EmotionPack], tmp_path: Path) -> None:
    timing = default_timing(packs[1])
    assert (timing.window, timing.look_ahead, timing.interval) == (60000, 30000, 10)
    assert default_timing(packs[1], 1.0, 0.25, 5) == EmotionTiming(16000, 4000, 5)
    with pytest.raises(
        ParameterError, match=r"emotion window of 5 s; right is 0.3125 to 3.75 s for 'feeling'"
    ):
        default_timing(packs[1], 5.0)
    fixed = load_emotion(write_emotion_pack(tmp_path / "fixed", EmotionSpec(length=20000)))
    assert default_timing(fixed).window == 20000

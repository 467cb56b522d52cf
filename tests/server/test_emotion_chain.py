"""The post-processing of Audio2Emotion: the specification's worked values, a naive oracle, the SDK's own test ideas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from naive_emotion import post_process
from synthetic_emotion import CORRESPONDENCE, POST

from a2fbridge._errors import ParameterError
from a2fbridge.emotion import EMOTION_PARAMETERS, check_emotion_parameters
from a2fbridge.emotion._chain import EmotionChain
from a2fbridge.emotion._settings import ChainSettings

LOGITS = np.array([[2, 0, -1, 1, 0.5, -0.5]], np.float32)
V22 = ChainSettings(1.0, 6, 0.7, False, 0.5, 0.5, 0.6)
NOBODY = np.zeros((1, 10), np.float32)


def chain(period: float = 1 / 30) -> EmotionChain:
    return EmotionChain(CORRESPONDENCE, 10, period)


def run(
    settings: ChainSettings, frames: int, beginning: np.ndarray, preferred: np.ndarray | None
) -> np.ndarray:
    it = chain()
    slot = np.array([it.open(settings, beginning)])
    wish = NOBODY if preferred is None else preferred[None]
    used = np.array([preferred is not None])
    return np.array([it.step(LOGITS, slot, wish, used)[1][0] for _ in range(frames)])


def unit(index: int) -> np.ndarray:
    return np.eye(10, dtype=np.float32)[index]


# amazement, anger, disgust, fear, joy, outofbreath, sadness of three frames (spec: B.5)
WORKED = {
    "A: v2.2 defaults": (
        V22,
        None,
        None,
        [
            [0, 0.096867, 0.013110, 0.004823, 0.035635, 0, 0.007951],
            [0, 0.101388, 0.013721, 0.005048, 0.037298, 0, 0.008322],
            [0, 0.108771, 0.014721, 0.005415, 0.040015, 0, 0.008928],
        ],
    ),
    "B: two emotions, no transition": (
        replace(V22, max_emotions=2, transition=0.0),
        None,
        None,
        [
            [0, 0.096867, 0, 0, 0.035635, 0, 0],
            [0, 0.164674, 0, 0, 0.060580, 0, 0],
            [0, 0.212139, 0, 0, 0.078042, 0, 0],
        ],
    ),
    "C: preferred and beginning": (
        V22,
        0,
        7,
        [
            [0.300000, 0.048434, 0.006555, 0.002411, 0.017818, 0.300000, 0.003976],
            [0.295800, 0.050694, 0.006861, 0.002524, 0.018649, 0.301800, 0.004161],
            [0.288915, 0.054385, 0.007360, 0.002708, 0.020007, 0.304751, 0.004464],
        ],
    ),
}


@pytest.mark.parametrize(("settings", "beginning", "preferred", "right"), WORKED.values(), ids=WORKED.keys())
def test_the_worked_values_of_the_specification(
    settings: ChainSettings, beginning: int | None, preferred: int | None, right: list[list[float]]
) -> None:
    start = np.zeros(10, np.float32) if beginning is None else unit(beginning)
    made = run(settings, 3, start, None if preferred is None else unit(preferred))
    np.testing.assert_allclose(made[:, [0, 1, 3, 4, 6, 7, 9]], right, atol=6e-7)


def random_case(rng: np.random.Generator) -> tuple[ChainSettings, dict[str, Any]]:
    settings = ChainSettings(
        contrast=float(rng.uniform(0.3, 3)),
        max_emotions=int(rng.integers(1, 7)),
        live_blend=float(rng.uniform(0, 1)),
        enable_preferred=True,
        preferred_strength=float(rng.uniform(0, 1)),
        transition=float(rng.choice([0.0, 0.0001, 0.5, 2.0])),
        strength=float(rng.uniform(0, 1)),
    )
    post = POST | {
        "emotion_contrast": settings.contrast,
        "max_emotions": settings.max_emotions,
        "live_blend_coef": settings.live_blend,
        "preferred_emotion_strength": settings.preferred_strength,
        "transition_smoothing": settings.transition,
        "emotion_strength": settings.strength,
    }
    return settings, post


@pytest.mark.parametrize("seed", range(8))
def test_ten_streams_with_parameters_of_their_own_against_the_oracle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    it, tracks, frames = chain(), 10, 40
    cases = [random_case(rng) for _ in range(tracks)]
    starts = rng.random((tracks, 10)).astype(np.float32)
    slots = np.array([it.open(settings, start) for (settings, _), start in zip(cases, starts, strict=True)])
    logits = rng.normal(scale=2, size=(frames, tracks, 6)).astype(np.float32)
    wishes = rng.random((frames, tracks, 10)).astype(np.float32)
    used = rng.random(tracks) < 0.7
    made = []
    for frame in range(frames):
        order = rng.permutation(tracks)  # rows may come in any order
        blended, final = (np.empty((tracks, 10), np.float32) for _ in range(2))
        blended[order], final[order] = it.step(
            logits[frame, order], slots[order], wishes[frame, order], used[order]
        )
        made.append((blended, final))
    for track, (_, post) in enumerate(cases):
        said = [w if used[track] else None for w in wishes[:, track]]
        right = post_process(logits[:, track].tolist(), post, 1 / 30, starts[track].tolist(), said)
        for part in range(2):
            np.testing.assert_allclose([m[part][track] for m in made], right[part], atol=2e-6)


def test_full_strength_of_the_preferred_emotion_gives_just_that() -> None:
    rng = np.random.default_rng(5)
    it = chain()
    slot = np.array([it.open(replace(V22, preferred_strength=1.0, strength=1.0, transition=0.0), NOBODY[0])])
    for _ in range(20):
        wish = rng.random((1, 10)).astype(np.float32)
        final = it.step(rng.normal(size=(1, 6)).astype(np.float32), slot, wish, np.array([True]))[1]
        assert (final == wish).all()


def test_a_reset_stream_starts_anew_and_leaves_the_others_alone() -> None:
    it = chain()
    slots = np.array([it.open(V22, NOBODY[0]) for _ in range(2)])
    none = np.zeros((2, 10), np.float32)
    two = np.repeat(LOGITS, 2, axis=0)
    first = it.step(two, slots, none, np.zeros(2, bool))[1]
    it.step(two, slots, none, np.zeros(2, bool))
    it.reset(slots[0])
    again = it.step(two, slots, none, np.zeros(2, bool))[1]
    assert (again[0] == first[0]).all()
    assert (again[1] > first[1])[[1, 3, 4, 6, 9]].all()


def test_a_slot_that_is_taken_again_remembers_nothing() -> None:
    it = chain()
    first = it.open(V22, NOBODY[0])
    none, no = NOBODY, np.zeros(1, bool)
    one = it.step(LOGITS, np.array([first]), none, no)[1]
    it.close(first)
    second = it.open(V22, NOBODY[0])
    assert second == first
    assert (it.step(LOGITS, np.array([second]), none, no)[1] == one).all()


def test_more_streams_than_ever_before_keep_their_state() -> None:
    it, none = chain(), np.zeros(1, bool)
    slots = []
    for _ in range(20):
        slots.append(it.open(V22, NOBODY[0]))
        made = [it.step(LOGITS, np.array([slot]), NOBODY, none)[1][0] for slot in slots]
    assert len(set(slots)) == 20
    alone = run(V22, 20, NOBODY[0], None)
    np.testing.assert_array_equal(np.array(made), alone[::-1])


@pytest.mark.parametrize("most", [0, 1, 5, 6, 200])
def test_how_many_emotions_are_kept(most: int) -> None:
    made = run(replace(V22, max_emotions=most), 1, NOBODY[0], None)[0]
    assert np.count_nonzero(made) == min(most, 5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"emotion_contrst": 1}, r"unknown emotion parameter .*did you mean 'emotion_contrast'"),
        ({"emotion_contrast": 0.2}, "emotion_contrast is 0.2; right is 0.3 to 3"),
        ({"max_emotions": 2.5}, "max_emotions is 2.5; right is a whole number from 1 to 6"),
        ({"live_transition_time": -1}, "live_transition_time is -1; right is 0 or more"),
        ({"live_transition_time": float("inf")}, "live_transition_time is inf"),
        ({"emotion_strength": float("nan")}, "emotion_strength is nan; right is 0 to 1"),
    ],
)
def test_bad_parameters(given: dict[str, float], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        check_emotion_parameters(given)


def test_parameters_as_they_arrive_in_float32() -> None:
    assert check_emotion_parameters({"emotion_contrast": float(np.float32(0.3))})["emotion_contrast"] >= 0.3
    assert set(check_emotion_parameters(dict.fromkeys(EMOTION_PARAMETERS, 1.0))) == set(EMOTION_PARAMETERS)

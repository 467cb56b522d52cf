"""Time-coded emotions."""

import numpy as np
import pytest

from a2fbridge._errors import ParameterError
from a2fbridge.emotion import EmotionTrack, check_emotion_time, check_emotions, hold_emotions
from a2fbridge.shapes import EMOTION_NAMES

NAMES = ("anger", "joy")


def test_linear_between_keys_and_held_outside() -> None:
    track = EmotionTrack(NAMES)
    track.add(1000, {"joy": 1.0})
    track.add(3000, {"anger": 0.5})
    np.testing.assert_array_equal(track.at(0), np.float32([0, 1]))
    np.testing.assert_allclose(track.at(1500), [0.125, 0.75], atol=1e-7)
    np.testing.assert_array_equal(track.at(99999), np.float32([0.5, 0]))


def test_no_key_is_neutral() -> None:
    np.testing.assert_array_equal(EmotionTrack(NAMES).at(5), [0, 0])


def test_late_and_repeated_keys_find_their_place() -> None:
    track = EmotionTrack(NAMES)
    track.add(2000, {"joy": 1.0})
    track.add(0, {})
    track.add(2000, {"joy": 0.5})
    np.testing.assert_allclose(track.at(1000), [0, 0.25])


def test_fading_holds_what_is_in_force_and_forgets_what_was_to_come() -> None:
    track = EmotionTrack(NAMES)
    track.add(0, {"joy": 1.0})
    track.add(1000, {"joy": 0.0})
    track.add(5000, {"anger": 1.0})
    track.fade(500, 700)
    np.testing.assert_allclose(
        [track.at(s)[1] for s in (0, 250, 500, 600, 700, 9000)], [1, 0.75, 0.5, 0.25, 0, 0]
    )
    assert not track.at(9000).any()


@pytest.mark.parametrize("time", [-1.0, float("nan"), float("inf"), 1e305, 1.1e9])
def test_times_out_of_range_are_refused(time: float) -> None:
    with pytest.raises(ParameterError, match="right is 0 to 1000000000 seconds"):
        check_emotion_time(time)


def test_dropping_keeps_interpolation() -> None:
    track = EmotionTrack(NAMES)
    for i in range(10):
        track.add(i * 100, {"joy": i / 10})
    before = [track.at(s).copy() for s in range(450, 900, 7)]
    track.drop_before(450)
    np.testing.assert_array_equal([track.at(s) for s in range(450, 900, 7)], before)


@pytest.mark.parametrize(
    ("emotions", "text"),
    [
        ({"yoy": 1.0}, "did you mean 'joy'"),
        ({"joy": 1.5}, "0 to 1"),
        ({"joy": float("nan")}, "0 to 1"),
        ({"joy": -0.1}, "0 to 1"),
    ],
)
def test_bad_emotions_are_refused(emotions: dict[str, float], text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        check_emotions(emotions)


def test_alias() -> None:
    assert check_emotions({"out_of_breath": 0.4}) == {"outofbreath": 0.4}


def test_keys_are_bounded() -> None:
    track = EmotionTrack(NAMES)
    for i in range(20_000):
        track.add(i, {})
    with pytest.raises(ParameterError, match="20000"):
        track.add(20_001, {})


def test_held_emotions_jump_where_the_next_key_stands() -> None:
    keys = hold_emotions([(1.0, {"joy": 1.0}), (0.0, {}), (1.3333, {"anger": 0.5})])
    track = EmotionTrack(EMOTION_NAMES)
    for time, values in keys:
        track.add(int(check_emotion_time(time) * 16000), values)
    joy, anger = EMOTION_NAMES.index("joy"), EMOTION_NAMES.index("anger")
    for sample, expected in (
        (0, (0, 0)),
        (15999, (0, 0)),
        (16000, (1, 0)),
        (21331, (1, 0)),
        (21332, (0, 0.5)),
        (10**6, (0, 0.5)),
    ):
        assert (track.at(sample)[joy], track.at(sample)[anger]) == expected
    assert hold_emotions([]) == []
    assert hold_emotions([(0.0, {"joy": 1.0}), (0.00003, {"joy": 0.5})]) == [
        (0.0, {"joy": 1.0}),
        (0.00003, {"joy": 0.5}),
    ]
    with pytest.raises(ParameterError, match="-1"):
        hold_emotions([(-1.0, {})])

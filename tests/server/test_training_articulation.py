"""What a mouth does: lips seal on p, b, m, vowels open, silence rests, and no mood breaks a closure."""

import numpy as np
import pytest

from a2fbridge import shapes
from a2fbridge.training import Segment, articulate, express
from a2fbridge.training._compose import CHANNELS, compose, lip_gap
from a2fbridge.training._expression import POSES
from a2fbridge.training._phones import CONSONANTS, VOWELS, from_misaki, normalise
from a2fbridge.training._targets import DOMINANCE, TARGETS, TONGUE

RATE = 100.0
JAW, CLOSE = shapes.INDEX["JawOpen"], shapes.INDEX["MouthClose"]


def say(phones: str, length: float = 0.1, lead: float = 0.5) -> list[Segment]:
    """Return equally long phones after a silence of ``lead`` seconds."""
    names = phones.split()
    return [Segment(p, lead + i * length, lead + (i + 1) * length) for i, p in enumerate(names)]


def speak(phones: str, length: float = 0.1) -> np.ndarray:
    segments = say(phones, length)
    return articulate(segments, int((segments[-1].end + 0.6) * RATE), RATE)[0]


def at(weights: np.ndarray, name: str, seconds: float) -> float:
    return float(weights[round(seconds * RATE), shapes.INDEX[name]])


@pytest.mark.parametrize("phone", ["p", "b", "m"])
@pytest.mark.parametrize("vowel", ["aa", "iy", "uw"])
def test_lips_seal_in_the_middle_of_a_word(phone: str, vowel: str) -> None:
    weights = speak(f"{vowel} {phone} {vowel}")
    closed = slice(62, 66)
    assert weights[closed, JAW].max() < 0.01
    assert weights[closed, CLOSE].min() > 0.05
    for name in ("MouthLowerDownLeft", "MouthUpperUpLeft", "MouthFunnel"):
        assert weights[closed, shapes.INDEX[name]].max() < 0.01
    assert weights[54, JAW] > 3 * weights[closed, JAW].max() + 0.05


def test_a_closure_shows_at_sixty_frames_however_short() -> None:
    segments = say("aa b aa", 0.1)
    segments = [segments[0], Segment("b", 0.6, 0.62), Segment("aa", 0.62, 0.72)]
    weights, seal = articulate(segments, 80, 60.0)
    assert (weights[:, JAW][33:42] < 0.02).sum() >= 2
    assert seal.max() == pytest.approx(1.0)


def test_a_first_p_does_not_part_resting_lips() -> None:
    weights = speak("p aa")
    assert weights[:52, JAW].max() < 0.01


def test_silence_is_rest() -> None:
    weights = speak("s aa m iy")
    assert weights[:20].max() < 1e-3
    assert weights[-20:].max() < 1e-3
    assert articulate([], 50)[0].max() == 0.0


def test_vowels_and_consonants_have_their_shapes() -> None:
    assert at(speak("aa"), "JawOpen", 0.55) > 2 * at(speak("iy"), "JawOpen", 0.55)
    assert at(speak("uw"), "MouthPucker", 0.55) > 0.4 > 0.05 > at(speak("iy"), "MouthPucker", 0.55)
    assert at(speak("aa f aa"), "MouthRollLower", 0.65) > 0.4
    assert at(speak("aa t aa"), "TongueTipUp", 0.65) > 0.5
    assert at(speak("aa th aa"), "TongueStretch", 0.65) > 0.4
    assert at(speak("iy"), "MouthSmileLeft", 0.55) > 0.05


def test_rounding_begins_before_the_sound() -> None:
    weights = speak("t uw")
    assert at(weights, "MouthPucker", 0.55) > 0.15


def test_a_stronger_vowel_opens_wider() -> None:
    soft, loud = (articulate([Segment("aa", 0.5, 0.7, s)], 120, RATE)[0][60, JAW] for s in (0.7, 1.2))
    assert loud > 1.4 * soft


def test_random_speech_stays_in_range_and_never_jumps() -> None:
    rng = np.random.default_rng(0)
    inventory = sorted(VOWELS | CONSONANTS | {"sil"})
    for _ in range(20):
        lengths = rng.uniform(0.03, 0.25, 30)
        ends = 0.3 + np.cumsum(lengths)
        names = rng.choice(inventory, 30)
        segments = [
            Segment(str(n), float(e - d), float(e), float(rng.uniform(0.6, 1.3)))
            for n, e, d in zip(names, ends, lengths, strict=True)
        ]
        weights, seal = articulate(segments, int(ends[-1] * RATE) + 40, RATE)
        assert weights.min() >= 0.0
        assert weights.max() <= 1.0
        assert np.abs(np.diff(weights, axis=0)).max() < 0.2
        assert np.abs(np.diff(seal)).max() < 0.35


def test_every_phone_has_a_row() -> None:
    assert set(TARGETS) == set(DOMINANCE) == set(TONGUE)
    assert (VOWELS | CONSONANTS) - {"ay", "aw", "ey", "ow", "oy"} <= set(TARGETS)


@pytest.mark.parametrize("emotion", range(10))
def test_no_mood_opens_sealed_lips(emotion: int) -> None:
    weights, seal = articulate(say("aa m aa"), 100, RATE)
    moods = np.zeros((100, 10))
    moods[:, emotion] = 1.0
    moody = express(weights, seal, moods)
    assert moody[62:66, JAW].max() < 0.01
    assert moody[62:66, shapes.INDEX["MouthUpperUpLeft"]].max() < 0.01
    assert np.abs(moody[0] - POSES[emotion]).max() < 1e-3
    assert moody.max() <= 1.0


def test_no_mood_changes_nothing() -> None:
    weights, seal = articulate(say("f uw d"), 100, RATE)
    assert np.array_equal(express(weights, seal, np.zeros((100, 10))), weights)


def test_phones_of_all_engines_are_understood() -> None:
    assert [normalise(name) for name in ("AH0", "pau", "axr", "SIL", "+SPN+")] == [
        "ah",
        "sil",
        "er",
        "sil",
        "sil",
    ]
    assert [from_misaki(symbol) for symbol in "Aʃˈ"] == ["ey", "sh", None]
    with pytest.raises(KeyError):
        normalise("xx")


def test_gates_hold_moves_back() -> None:
    tracks = np.zeros((4, len(CHANNELS)))
    tracks[:, [CHANNELS.index(name) for name in ("jaw", "lips", "funnel")]] = 0.5
    tracks[1, CHANNELS.index("seal")] = tracks[3, CHANNELS.index("seal")] = 1.0
    tracks[2:, CHANNELS.index("bite")] = 1.0
    free, sealed, bitten, both = compose(tracks)
    assert free[JAW] == sealed[CLOSE] == both[CLOSE] == 0.5
    assert free[CLOSE] == sealed[JAW] == both[JAW] == 0.0
    assert lip_gap(compose(tracks))[[1, 3]].max() == 0.0
    assert bitten[shapes.INDEX["MouthRollLower"]] > 0.4 > 0.2 > both[shapes.INDEX["MouthRollLower"]]
    assert bitten[shapes.INDEX["MouthLowerDownLeft"]] == 0.0
    assert bitten[shapes.INDEX["MouthFunnel"]] < 0.5 * free[shapes.INDEX["MouthFunnel"]]

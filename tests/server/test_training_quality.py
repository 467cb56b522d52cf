"""The quality figures themselves: a mouth that follows speech scores, one that does not scores near zero."""

import numpy as np
import pytest

from a2fbridge.training import METRICS, Figure, Mouth, Segment, Take, articulate, assess, mouth_of
from a2fbridge.training._phones import SILENCE

FPS = 60


def sentence(seed: int) -> tuple[Segment, ...]:
    """Return six seconds of phones, a third of them on the lips, between silences, with a pause in the middle."""
    rng = np.random.default_rng(seed)
    clock, found = 0.5, [Segment(SILENCE, 0.0, 0.5)]
    for i in range(48):
        if i == 24:
            found.append(Segment(SILENCE, clock, clock + 0.6))
            clock += 0.6
        kind = ("p b m f v", "t s n k sh w r l", "aa iy uw eh ao ae ih")[
            (0, 1, 2, 2, 1, 2)[int(rng.integers(6))]
        ]
        length = rng.uniform(0.06, 0.14)
        found.append(Segment(str(rng.choice(kind.split())), clock, clock + length))
        clock += length
    return (*found, Segment(SILENCE, clock, clock + 0.5))


SENTENCES = [sentence(seed) for seed in range(8)]


def frames(segments: tuple[Segment, ...]) -> int:
    return round((segments[-1].end + 1.0) * FPS)


def follow(segments: tuple[Segment, ...], late: float = 0.0) -> Mouth:
    moved = [Segment(s.phone, s.start + late, s.end + late) for s in segments]
    return mouth_of(articulate(moved, frames(segments), FPS)[0])


def constant(gap: float) -> list[Take]:
    return [
        Take(s, Mouth(np.full(frames(s), gap), np.full(frames(s), 0.2), np.full(frames(s), 0.1)))
        for s in SENTENCES
    ]


def flapping(hertz: float) -> list[Take]:
    takes = []
    for i, s in enumerate(SENTENCES):
        phase = 2 * np.pi * (hertz * np.arange(frames(s)) / FPS + 0.13 * i)
        takes.append(Take(s, Mouth(0.3 - 0.3 * np.cos(phase), np.sin(phase * 0.7), np.sin(phase * 0.9))))
    return takes


@pytest.fixture(scope="module")
def good() -> dict[str, Figure]:
    return assess([Take(s, follow(s)) for s in SENTENCES])


def test_a_mouth_that_follows_speech_scores(good: dict[str, Figure]) -> None:
    assert good["composite"].value > 0.75
    assert good["closure recall"].value > 0.95
    assert good["closure precision"].value > 0.9
    assert good["labiodental AUC"].value > 0.95
    assert good["rounding AUC"].value > 0.9
    assert abs(good["lag ms"].value) < 15
    assert good["pause opening"].value < 0.15
    assert good["rest ms"].value < 250


def test_every_figure_has_its_count_and_interval(good: dict[str, Figure]) -> None:
    assert list(good) == list(METRICS)
    for name, figure in good.items():
        assert figure.n > 0, name
        assert figure.low <= figure.value + 1e-9, name
        assert figure.value <= figure.high + 1e-9, name
    labials = sum(s.phone in ("p", "b", "m") for sentence in SENTENCES for s in sentence)
    assert good["closure recall"].n == labials


CONTROLS = {
    "frozen open": constant(0.3),
    "frozen shut": constant(0.0),
    "flapping at 3 Hz": flapping(3.0),
    "flapping at 5 Hz": flapping(5.0),
    "flapping at 7 Hz": flapping(7.0),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_mouth_that_does_not_listen_scores_near_zero(name: str) -> None:
    assert abs(assess(CONTROLS[name])["composite"].value) < 0.1


def test_the_curves_of_another_sentence_score_near_zero() -> None:
    takes = []
    for mine, other in zip(SENTENCES, [*SENTENCES[3:], *SENTENCES[:3]], strict=True):
        takes.append(Take(mine, Mouth(*(np.resize(curve, frames(mine)) for curve in follow(other)))))
    assert abs(assess(takes)["composite"].value) < 0.15


def test_shut_lips_are_no_precision() -> None:
    shut = assess(constant(0.0))
    assert shut["closure recall"].value == 1.0
    assert shut["closure precision"].value == 0.0
    assert shut["closure excess"].value == 0.0


@pytest.mark.parametrize("late", [-0.05, 0.04, 0.08])
def test_a_delay_is_measured_and_costs(good: dict[str, Figure], late: float) -> None:
    moved = assess([Take(s, follow(s, late)) for s in SENTENCES])
    assert moved["lag ms"].value - good["lag ms"].value == pytest.approx(1000 * late, abs=6)
    assert moved["composite"].value < good["composite"].value - 0.01


def test_parted_lips_in_pauses_and_after_the_end_show() -> None:
    parted = []
    for s in SENTENCES:
        mouth = follow(s)
        parted.append(Take(s, mouth._replace(gap=np.maximum(mouth.gap, 0.1))))
    found = assess(parted)
    assert found["pause opening"].value > 0.3
    assert found["rest ms"].value > 1000
    assert found["closure recall"].value == 0.0


def test_a_trembling_mouth_shows(good: dict[str, Figure]) -> None:
    rng = np.random.default_rng(0)
    shaken = []
    for s in SENTENCES:
        mouth = follow(s)
        shaken.append(Take(s, mouth._replace(gap=np.abs(mouth.gap + 0.02 * rng.standard_normal(frames(s))))))
    assert assess(shaken)["jerk"].value > 1.5 * good["jerk"].value


def test_a_few_closures_have_a_wide_interval() -> None:
    few, many = (
        assess([Take(SENTENCES[0], follow(SENTENCES[0]))]),
        assess([Take(s, follow(s)) for s in SENTENCES]),
    )
    width = {n: f["openness r"].high - f["openness r"].low for n, f in (("few", few), ("many", many))}
    assert width["few"] > width["many"] > 0.0

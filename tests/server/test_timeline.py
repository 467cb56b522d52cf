"""The frame clock and windows, against the formulas written out naively."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from a2fbridge import timeline
from a2fbridge._errors import ParameterError
from a2fbridge.timeline import FrameClock, WindowSpec, parse_frame_rate

WINDOW = WindowSpec(8320, 4160)
RATES = st.fractions(min_value=Fraction(1, 4), max_value=240, max_denominator=1001)


@pytest.mark.parametrize(("rate", "expected"), [(60, [0, 266, 533, 800]), (30, [0, 533, 1066, 1600])])
def test_first_samples(rate: int, expected: list[int]) -> None:
    clock = FrameClock(Fraction(rate))
    assert [clock.sample_of(k) for k in range(4)] == expected


@given(RATES, st.integers(0, 10**6))
def test_sample_of_is_the_floor(rate: Fraction, frame: int) -> None:
    assert FrameClock(rate).sample_of(frame) == floor(frame * 16000 / rate)


@given(RATES, st.integers(0, 10**6))
def test_frames_in_counts_the_targets_below(rate: Fraction, samples: int) -> None:
    clock = FrameClock(rate)
    count = clock.frames_in(samples)
    assert count == ceil(samples * rate / 16000)
    assert clock.sample_of(count) >= samples
    if count:
        assert clock.sample_of(count - 1) < samples


@given(RATES, st.integers(0, 10**6))
def test_open_audio_waits_for_the_whole_window(rate: Fraction, samples: int) -> None:
    clock = FrameClock(rate)
    ready = WINDOW.ready_frames(clock, samples, closed=False)
    if ready:
        assert clock.sample_of(ready - 1) - 4160 + 8320 <= samples
    assert clock.sample_of(ready) - 4160 + 8320 > samples


def test_nvidias_counts() -> None:
    assert FrameClock(Fraction(60)).frames_in(64000) == 240
    assert FrameClock(Fraction(30)).frames_in(98044) == 184
    assert FrameClock(Fraction(30)).frames_in(83479) == 157
    assert FrameClock(Fraction(30)).sample_of(157) == 83733


def test_rational_rates_do_not_drift() -> None:
    clock = FrameClock(Fraction(30000, 1001))
    assert clock.sample_of(30000 * 100) == 1001 * 16000 * 100
    assert clock.time_of(30000) == 1001.0


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("30", Fraction(30)),
        ("30000/1001", Fraction(30000, 1001)),
        (29.97, Fraction(2997, 100)),
        (25, Fraction(25)),
    ],
)
def test_rates_that_parse(text: str | float, rate: Fraction) -> None:
    assert parse_frame_rate(text) == rate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "out of range: right is 1 to 1000"),
        ("-30", "out of range"),
        ("1001", "out of range"),
        ("1/1000000000", "out of range"),
        ("999999999/1000000000", "out of range"),
        (1e-300, "out of range"),
        (Fraction(10**5000), "of thousands of digits"),
        ("30/0", "is not a number"),
        ("fast", "is not a number"),
        ("", "is not a number"),
        ("nan", "is not a number"),
        (float("inf"), "is not a number"),
        ("\x1b[31m30", "is not a number"),
        (Fraction(10**30 + 1, 10**29), "too many digits"),
    ],
)
def test_rates_that_do_not(value: str | float | Fraction, text: str) -> None:
    with pytest.raises(ParameterError, match=f"frame rate .*{text}") as caught:
        parse_frame_rate(value)
    assert len(str(caught.value)) < 160
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text", ["1e-3000000", "3e1", "9" * 10**6, "1/" + "9" * 10**6], ids=["tiny", "exponent", "long", "ratio"]
)
def test_texts_that_would_take_long_are_refused_unread(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "Fraction", lambda *_: pytest.fail("a number was made of it"))
    with pytest.raises(ParameterError, match="is not a number such as"):
        parse_frame_rate(text)

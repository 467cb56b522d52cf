"""The frame clock and windows, against the formulas written out naively."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from a2fbridge import timeline
from a2fbridge._errors import ParameterError
from a2fbridge.timeline import FrameClock, Windows, parse_frame_rate


def _windows(rate: Fraction) -> Windows:
    """The regression network's: one a frame."""
    return Windows(8320, -4160, Fraction(4160), 16000 / rate, 1)


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
def test_open_audio_waits_for_the_whole_window_and_the_frames_own_sound(rate: Fraction, samples: int) -> None:
    clock = FrameClock(rate)

    def whole(frame: int) -> bool:
        return max(clock.sample_of(frame) - 4160 + 8320, clock.sample_of(frame + 1)) <= samples

    ready = _windows(rate).ready(samples, closed=False)
    assert ready == 0 or whole(ready - 1)
    assert not whole(ready)


@given(RATES, st.integers(0, 10**6))
def test_closed_audio_gives_a_window_for_every_frame_in_it(rate: Fraction, samples: int) -> None:
    assert _windows(rate).ready(samples, closed=True) == FrameClock(rate).frames_in(samples)


WINDOWS = st.builds(
    Windows,
    st.integers(1, 20000),
    st.integers(-20000, 0),
    st.fractions(0, 20000, max_denominator=60),
    st.fractions(1, 20000, max_denominator=60),
    st.integers(1, 40),
)


@given(WINDOWS, st.integers(0, 10**5), st.integers(0, 400))
def test_windows_are_the_floors(windows: Windows, samples: int, k: int) -> None:
    """start_k = so + (k n) // d, target_k = start_k + to (spec: diffusion, C.2), written out."""
    assert windows.start_of(k) == windows.start + floor(k * windows.stride)
    first = windows.start + floor(windows.target)
    assert windows.target_of(k) == first + floor(k * windows.stride / windows.frames)
    closed = windows.ready(samples, closed=True)
    assert closed == 0 or windows.target_of((closed - 1) * windows.frames) < samples
    assert windows.target_of(closed * windows.frames) >= samples
    known = windows.known(samples)
    assert known == 0 or windows.target_of(known * windows.frames - 1) <= samples
    assert windows.target_of((known + 1) * windows.frames - 1) > samples


@pytest.mark.parametrize(
    ("samples", "closed", "count"),
    [
        *((10, False, 3), (13, False, 3), (14, False, 4), (16, False, 4), (17, False, 5), (18, False, 5)),
        *((10, True, 3), (11, True, 4), (13, True, 4), (14, True, 5), (16, True, 5), (17, True, 6)),
    ],
)
def test_nvidias_check_values(samples: int, closed: bool, count: int) -> None:
    """The tables of the SDK's own test (spec: diffusion, C.2)."""
    windows = Windows(8, -4, Fraction(4), Fraction(10, 3), 1)
    assert windows.ready(samples, closed) == count


def test_the_diffusion_windows() -> None:
    """Spec: diffusion, A.3, the table of inferences, and C.3."""
    windows = Windows(16000, -16000, Fraction(4000), Fraction(8000), 30)
    assert [windows.start_of(k) for k in range(4)] == [-16000, -8000, 0, 8000]
    assert [windows.target_of(45 + f) for f in (0, 14, 15, 44, 45, 74)] == [
        0,
        3733,
        4000,
        11733,
        12000,
        19733,
    ]
    assert [windows.target_of(45 + f) for f in range(1000)] == [f * 16000 // 60 for f in range(1000)]
    assert windows.ready(0, closed=False) == 1
    assert windows.ready(16000, closed=False) == 3
    assert windows.ready(0, closed=True) == 2
    assert windows.ready(64000, closed=True) == 10
    assert [windows.known(t) for t in (-4268, -4267, 3732, 3733, 11733, 19733)] == [0, 1, 1, 2, 3, 4]
    clock = FrameClock(Fraction(60))
    assert [windows.frames_to(g, clock) for g in (44, 45, 46, 75)] == [0, 1, 2, 31]
    assert windows.place_of(Fraction(0)) == 45


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

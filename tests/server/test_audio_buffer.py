"""AudioBuffer: absolute indices, silence outside, bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from a2fbridge._errors import StreamError
from a2fbridge.audio import AudioBuffer


def ramp(start: int, size: int) -> np.ndarray:
    return np.arange(start, start + size, dtype=np.float32)


def test_reads_by_absolute_index_after_dropping() -> None:
    buffer = AudioBuffer(capacity=4)
    buffer.append(ramp(0, 100))
    buffer.drop_before(40)
    buffer.append(ramp(100, 50))
    assert (len(buffer), buffer.first) == (150, 40)
    assert (buffer.window(90, 30) == ramp(90, 30)).all()


def test_is_silent_before_the_start_and_after_the_end() -> None:
    buffer = AudioBuffer()
    buffer.append(ramp(1, 5))
    buffer.close()
    assert buffer.window(-3, 11).tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]
    assert buffer.window(-9, 4).tolist() == [0] * 4
    assert buffer.window(5, 4).tolist() == [0] * 4
    assert buffer.window(50, 2).tolist() == [0] * 2


def test_refuses_what_is_not_there_yet() -> None:
    buffer = AudioBuffer()
    buffer.append(ramp(0, 10))
    assert (buffer.window(0, 10) == ramp(0, 10)).all()
    with pytest.raises(StreamError, match="samples to 11 are not there yet; right is up to 10"):
        buffer.window(5, 6)
    buffer.close()
    assert buffer.window(5, 6).tolist() == [5, 6, 7, 8, 9, 0]


def test_refuses_what_was_dropped() -> None:
    buffer = AudioBuffer()
    buffer.append(ramp(0, 10))
    buffer.drop_before(4)
    buffer.drop_before(2)
    assert buffer.first == 4
    with pytest.raises(StreamError, match="samples from 3 are no longer kept; right is from 4"):
        buffer.window(3, 2)
    with pytest.raises(StreamError, match="no longer kept"):
        buffer.window(-2, 5)
    assert buffer.window(-6, 6).tolist() == [0] * 6


def test_nothing_follows_the_end() -> None:
    buffer = AudioBuffer()
    buffer.close()
    buffer.close()
    assert buffer.closed
    with pytest.raises(StreamError, match="after its end at sample 0"):
        buffer.append(ramp(0, 1))


def test_memory_of_an_endless_stream_is_bounded() -> None:
    buffer = AudioBuffer()
    block = np.ones(160, np.float32)
    for _ in range(20_000):
        buffer.append(block)
        buffer.drop_before(len(buffer) - 8320)
    assert len(buffer) == 3_200_000
    assert buffer.nbytes <= 4 * 2 * 2 * (8320 + 160) + 4 * (1 << 15)
    assert (buffer.window(len(buffer) - 8320, 8320) == 1).all()


def test_dropping_ahead_of_the_end_drops_all_there_is() -> None:
    buffer = AudioBuffer()
    buffer.append(ramp(0, 10))
    buffer.drop_before(50)
    assert buffer.first == 10
    buffer.append(ramp(10, 5))
    assert (buffer.window(10, 5) == ramp(10, 5)).all()


@given(
    chunks=st.lists(st.integers(0, 40), max_size=12),
    drop=st.integers(-5, 60),
    starts=st.lists(st.integers(-30, 120), min_size=1, max_size=5),
    size=st.integers(1, 50),
)
def test_gathers_what_a_padded_copy_of_the_sound_holds(
    chunks: list[int], drop: int, starts: list[int], size: int
) -> None:
    total = sum(chunks)
    sound = np.random.default_rng(total).normal(size=total).astype(np.float32)
    buffer, at = AudioBuffer(capacity=1), 0
    for i, chunk in enumerate(chunks):
        buffer.append(sound[at : at + chunk])
        at += chunk
        if i == len(chunks) // 2:
            buffer.drop_before(drop)
    buffer.close()
    padded = np.concatenate([np.zeros(30, np.float32), sound, np.zeros(200, np.float32)])
    kept = [s for s in starts if s + size <= 0 or s >= total or max(s, 0) >= buffer.first]
    out = np.full((len(kept), size), np.nan, np.float32)
    buffer.gather(np.array(kept, np.int64), size, out)
    for row, start in zip(out, kept, strict=True):
        assert (row == padded[start + 30 : start + 30 + size]).all()

"""Resampling: the same numbers however the sound is cut, and the right ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from a2fbridge._errors import AudioError, StreamError
from a2fbridge.audio import StreamResampler, resample

RATES = [8000, 11025, 22050, 24000, 44100, 48000, 96000, 144000, 384000]


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(size).normal(scale=0.2, size=size).astype(np.float32)


def in_chunks(sound: np.ndarray, rate: int, chunk: int) -> np.ndarray:
    stream = StreamResampler(rate)
    pieces = [stream.push(sound[i : i + chunk]) for i in range(0, len(sound), chunk)]
    return np.concatenate([*pieces, stream.flush()])


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_chunks_do_not_matter(rate: int) -> None:
    sound = noise(rate // 4 + 13)
    whole = in_chunks(sound, rate, len(sound))
    assert len(whole) == math.ceil(len(sound) * 16000 / rate)
    for chunk in (1, rate // 1000, rate // 100, 1777, rate):
        assert (in_chunks(sound, rate, chunk) == whole).all()
    assert (resample(sound, rate, 16000) == whole).all()


@pytest.mark.parametrize("rate", RATES)
def test_length_follows_from_the_number_of_samples(rate: int) -> None:
    for size in (0, 1, 2, rate // 1000, rate // 7):
        out = resample(noise(size), rate, 16000)
        assert len(out) == math.ceil(size * 16000 / rate)
        assert out.dtype == np.float32


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_stays_in_place(rate: int) -> None:
    time_in, time_out = np.arange(rate // 2) / rate, np.arange(8000) / 16000
    out = resample(np.sin(2 * np.pi * 1000 * time_in).astype(np.float32), rate, 16000)
    expected = np.sin(2 * np.pi * 1000 * time_out)
    middle = slice(1000, 7000)
    assert np.abs(out[middle] - expected[middle]).max() < 2e-3


def test_what_cannot_be_kept_is_filtered_out() -> None:
    tone = np.sin(2 * np.pi * 11000 * np.arange(24000) / 48000).astype(np.float32)
    assert np.abs(resample(tone, 48000, 16000)[1000:7000]).max() < 1e-3


def test_equal_rates_pass_through() -> None:
    sound = noise(100)
    stream = StreamResampler(16000)
    assert (stream.push(sound) == sound).all()
    assert len(stream.flush()) == 0


def test_nothing_follows_the_end() -> None:
    for rate in (16000, 48000):
        stream = StreamResampler(rate)
        stream.push(noise(480))
        stream.flush()
        assert len(stream.flush()) == 0
        with pytest.raises(StreamError, match="after its end"):
            stream.push(noise(1))


@pytest.mark.parametrize("rate", [0, -16000, 10**9])
def test_refuses_impossible_rates(rate: int) -> None:
    with pytest.raises(AudioError, match=f"a sample rate of {rate} Hz; right is 1000 to 1000000"):
        StreamResampler(rate)

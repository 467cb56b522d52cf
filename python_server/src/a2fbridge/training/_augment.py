"""The same sentence from another mouth, room and microphone; and sounds that are no speech at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE

__all__ = ["LONGEST_REST", "breathe", "non_speech", "vary"]

Sound = NDArray[np.float32]

LONGEST_REST = 10.0
"""Seconds of the longest clip that :func:`non_speech` makes."""


def vary(sound: Sound, rng: np.random.Generator, plain: bool) -> tuple[Sound, float]:
    """Return a varied copy at a peak of about 1, and its length relative to the original's.

    A ``plain`` copy keeps speaker and room.  Others are resampled by 0.80-1.25, which moves pitch, formants
    and pace together, speak now louder, now softer, and are given a room, a microphone, a compressor and
    noise, each with some probability.
    """
    ratio = 1.0 if plain else float(np.exp(rng.uniform(np.log(0.80), np.log(1.25))))
    out = _stretch(sound, ratio)
    if not plain and rng.random() < 0.5:
        out = _swell(out, rng)
    if not plain and rng.random() < 0.5:
        out = _room(out, rng)
    if not plain and rng.random() < 0.7:
        out = _equalise(out, rng)
    if not plain and rng.random() < 0.2:
        out = _compress(out, rng)
    out = out / max(float(np.abs(out).max()), 1e-4)
    if not plain and rng.random() < 0.7:
        ratio_db = rng.uniform(5.0, 40.0)
        noise = _coloured(len(out), rng) * float(np.sqrt(np.mean(np.square(out)))) * 10 ** (-ratio_db / 20)
        out = out + noise
    if not plain and rng.random() < 0.2:
        out = out + _rumble(len(out), rng)
    return np.asarray(out, np.float32), ratio


def _stretch(sound: Sound, ratio: float) -> Sound:
    import soxr

    if ratio == 1.0:
        return sound
    return np.asarray(soxr.resample(sound, SAMPLE_RATE, SAMPLE_RATE * ratio), np.float32)


def _swell(sound: Sound, rng: np.random.Generator) -> Sound:
    """Speak now louder, now softer: a gain that wanders by some decibels over half seconds."""
    knots = rng.normal(0.0, rng.uniform(1.0, 5.0), len(sound) // 8000 + 2)
    gain_db = np.interp(np.arange(len(sound)) / 8000, np.arange(len(knots)), knots)
    return np.asarray(sound * 10 ** (gain_db / 20), np.float32)


def _compress(sound: Sound, rng: np.random.Generator) -> Sound:
    """Limit peaks softly, as broadcast compressors and cheap preamplifiers do."""
    drive = rng.uniform(1.0, 5.0) / max(float(np.abs(sound).max()), 1e-4)
    return np.asarray(np.tanh(sound * drive), np.float32)


def breathe(sound: Sound, gaps: Sequence[tuple[float, float]], rng: np.random.Generator) -> Sound:
    """Return a copy with a breath late in some of the gaps (start and end in seconds): no mouth moves for it."""
    out = sound.copy()
    level = float(np.abs(sound).max())
    for start, end in gaps:
        first, size = int(start * SAMPLE_RATE), int((end - start) * SAMPLE_RATE)
        if size < 0.15 * SAMPLE_RATE or first + size > len(out) or rng.random() < 0.7:
            continue
        length = int(size * rng.uniform(0.4, 0.8))
        shape = np.sin(np.pi * np.linspace(0, 1, length)) ** 2 * level * 10 ** rng.uniform(-2.8, -1.4)
        at = first + int(rng.uniform(0.5, 1.0) * (size - length))
        out[at : at + length] += np.asarray(_coloured(length, rng) * shape, np.float32)
    return out


def _room(sound: Sound, rng: np.random.Generator) -> Sound:
    """Add a synthetic room: the direct sound, then noise that decays by 60 dB in 0.1-0.7 s."""
    decay = rng.uniform(0.1, 0.7)
    time = np.arange(int(decay * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * np.power(10.0, -3.0 * time / decay)
    tail[: int(rng.uniform(0.002, 0.012) * SAMPLE_RATE)] = 0.0
    tail *= rng.uniform(0.15, 0.8) / np.sqrt(np.square(tail).sum() + 1e-9)
    tail[0] = 1.0
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(sound, tail)[: len(sound)], np.float32)


def _equalise(sound: Sound, rng: np.random.Generator) -> Sound:
    """Colour the spectrum: a tilt, broad bumps and, at times, the band limit of a telephone or a low-pass."""
    from scipy import fft

    length = fft.next_fast_len(len(sound), real=True)
    spectrum = fft.rfft(sound, length)
    hertz = fft.rfftfreq(length, 1 / SAMPLE_RATE) + 1.0
    gain_db = rng.uniform(-4.0, 4.0) * np.log2(hertz / 1000.0).clip(-3, 3)
    for _ in range(3):
        centre, width = np.exp(rng.uniform(np.log(100), np.log(7000))), rng.uniform(0.3, 1.0)
        gain_db += rng.uniform(-6, 6) * np.exp(-np.square(np.log(hertz / centre) / width))
    if rng.random() < 0.25:
        low, high = (300.0, 3400.0) if rng.random() < 0.5 else (rng.uniform(20, 150), rng.uniform(3500, 7500))
        gain_db -= 24 * np.log2(np.maximum(low / hertz, 1)) + 48 * np.log2(np.maximum(hertz / high, 1))
    return np.asarray(fft.irfft(spectrum * 10 ** (gain_db / 20), length)[: len(sound)], np.float32)


def _coloured(length: int, rng: np.random.Generator) -> Sound:
    """Return noise of power 1 with a random spectral slope (white to brown), slowly swelling."""
    from scipy import fft

    whole = fft.next_fast_len(length, real=True)
    spectrum = fft.rfft(rng.standard_normal(whole, np.float32))
    hertz = fft.rfftfreq(whole, 1 / SAMPLE_RATE).astype(np.float32) + 30.0
    noise = fft.irfft(spectrum * hertz ** np.float32(-rng.uniform(0.0, 1.0)), whole)[:length]
    knots = rng.uniform(0.5, 1.5, length // 8000 + 2)
    noise *= np.interp(np.arange(length) / 8000, np.arange(len(knots)), knots)
    return np.asarray(noise / (np.std(noise) + 1e-9), np.float32)


def _rumble(length: int, rng: np.random.Generator) -> Sound:
    """Return mains hum or rumble and a constant offset."""
    time = np.arange(length) / SAMPLE_RATE
    base = rng.choice([50.0, 60.0, rng.uniform(15, 45)])
    hum = sum(np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) / k**1.5 for k in (1, 2, 3, 5))
    return np.asarray(hum * 10 ** rng.uniform(-3.0, -1.3) + rng.uniform(-0.02, 0.02), np.float32)


def non_speech(rng: np.random.Generator) -> Sound:
    """Return 3 to 10 s of what moves no mouth: silence, noise, hum, breath, claps, clicks or tones."""
    length = int(rng.uniform(3.0, LONGEST_REST) * SAMPLE_RATE)
    kind = rng.choice(["silence", "noise", "hum", "breath", "clap", "tone"], p=[0.1, 0.3, 0.1, 0.2, 0.2, 0.1])
    level = 10 ** rng.uniform(-4.0, -0.5)
    bed = _coloured(length, rng) * 10 ** rng.uniform(-5.0, -2.0)
    if kind == "silence":
        return np.asarray(bed * rng.choice([0.0, 0.1]), np.float32)
    if kind == "noise":
        return np.asarray(_coloured(length, rng) * level * 0.3, np.float32)
    if kind == "hum":
        return np.asarray(_rumble(length, rng) * 5 + bed, np.float32)
    if kind == "tone":
        time = np.arange(length) / SAMPLE_RATE
        return np.asarray(level * 0.3 * np.sin(2 * np.pi * rng.uniform(150, 4000) * time) + bed, np.float32)
    return np.asarray(bed + _events(length, rng, kind) * min(level, 0.5), np.float32)


def _events(length: int, rng: np.random.Generator, kind: str) -> Sound:
    """Return breaths (soft swelling noise) or claps and clicks (short decaying bursts) on silence."""
    out = np.zeros(length, np.float32)
    for _ in range(int(rng.integers(2, 12))):
        seconds = rng.uniform(0.3, 1.0) if kind == "breath" else rng.uniform(0.005, 0.12)
        size = int(seconds * SAMPLE_RATE)
        if size >= length:
            continue
        time = np.linspace(0, 1, size)
        shape = np.sin(np.pi * time) ** 2 if kind == "breath" else np.exp(-6 * time)
        start = int(rng.integers(0, length - size))
        out[start : start + size] += _coloured(size, rng) * shape * (0.1 if kind == "breath" else 0.6)
    return out

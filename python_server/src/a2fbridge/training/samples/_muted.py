"""Muted takes: a still face with silence or a microphone's noise, so that the network learns to rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training.config import MutedConfig
from a2fbridge.training.samples._prepared import Prepared, Take
from a2fbridge.training.samples._windows import starts, windows

__all__ = ["calmest", "microphone_noise", "muted_takes", "named_frame"]

_SEGMENT = 256


def microphone_noise(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return noise [count] like a quiet microphone's, with a peak of 1.

    Segments of 256 points with random phases overlap by half; their mean power is 39 exp(-f / 300 Hz) - 121 dB with
    a standard deviation of 5.85 dB (training_and_dcc.md 1.8).
    """
    hertz = np.fft.rfftfreq(_SEGMENT, 1 / SAMPLE_RATE)
    half = _SEGMENT // 2
    pieces = count // half + 2
    decibels = 39 * np.exp(-hertz / 300) - 121 + 5.85 * rng.standard_normal((pieces, len(hertz)))
    phases = np.exp(2j * np.pi * rng.random((pieces, len(hertz))))
    segments = np.fft.irfft(10 ** (decibels / 20) * phases, _SEGMENT) * np.hanning(_SEGMENT)
    noise = np.zeros((pieces + 1) * half)
    for i, segment in enumerate(segments):
        noise[i * half : i * half + _SEGMENT] += segment
    noise = noise[half : half + count]
    return np.asarray(noise / np.abs(noise).max(), np.float32)


def muted_takes(prepared: Prepared, config: MutedConfig) -> tuple[Take, ...]:
    """Return the muted takes of a configuration; their sound is made with each batch.

    Raises ConfigError when a shot names no frame of the dataset.
    """
    found = []
    for shot in config.shots:
        named = calm_frames(prepared) if shot == "auto" else [named_frame(prepared, shot, "muted shot")]
        for take, frame in named:
            pose = np.array(take.targets[frame], np.float32)
            if config.rest and take.emotion not in prepared.emotions:
                pose[: prepared.sizes.skin] = 0.0
            still = np.repeat(pose[None], config.frames, axis=0)
            found.append(
                replace(take, name=f"muted_{take.name}", split="train", targets=still, voices={}, peaks={})
            )
    return tuple(found)


def calm_frames(prepared: Prepared) -> list[tuple[Take, int]]:
    """Return, of each emotion that is trained, the take and frame with the least sound around it."""
    best: dict[str, tuple[float, Take, int]] = {}
    for take in prepared.split("train"):
        level, frame = calmest(take, prepared.fps)
        if take.emotion not in best or level < best[take.emotion][0]:
            best[take.emotion] = (level, take, frame)
    return [(take, frame) for _, take, frame in best.values()]


def calmest(take: Take, fps: float) -> tuple[float, int]:
    """Return the least power around a frame, and that frame."""
    sound = next(iter(take.voices.values()))
    frames = np.arange(0, len(take), max(1, len(take) // 64))
    power = np.square(windows(sound, starts(frames, fps))).mean(axis=1)
    return float(power.min()), int(frames[power.argmin()])


def named_frame(prepared: Prepared, shot: str, what: str) -> tuple[Take, int]:
    """Return the take and frame of ``TAKE@FRAME``; raises ConfigError when there is none."""
    name, _, frame = shot.rpartition("@")
    by_name = {take.name: take for take in prepared.takes}
    if name not in by_name:
        raise ConfigError(f"{what} '{shot}': no take '{name}'{nearest(name, by_name)}")
    if int(frame) >= len(by_name[name]):
        raise ConfigError(f"{what} '{shot}': take '{name}' has {len(by_name[name])} frames")
    return by_name[name], int(frame)

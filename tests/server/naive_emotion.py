"""Audio2Emotion decoded naively from the specification (diffusion and emotion, section B): one stream, plain loops.

The oracle of the tests: windows read from the whole sound, post-processing in Python floats, linear interpolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Wish = Callable[[int], Sequence[float]]
"""Sample -> the preferred ten emotions."""


def post_process(
    logits: Sequence[Sequence[float]],
    post: Mapping[str, Any],
    dt: float,
    beginning: Sequence[float],
    preferred: Sequence[Sequence[float] | None],
) -> tuple[list[list[float]], list[list[float]]]:
    """Return, per frame, the value after step 7 and the one after step 9."""
    m = post["emotion_correspondence"]
    c, b, q = post["emotion_contrast"], post["live_blend_coef"], post["preferred_emotion_strength"]
    g, most = post["emotion_strength"], min(max(post["max_emotions"], 0), len(m))
    w = min(dt / max(post["transition_smoothing"], 0.001), 1)
    blended, final = [], []
    first, a, prev, pb = True, [0.0] * 10, [0.0] * 10, [0.0] * 10
    for x, wish in zip(logits, preferred, strict=True):
        if first:
            a = list(beginning)
        top = max(c * v for v in x)
        e = [math.exp(c * v - top) for v in x]
        p = [v / sum(e) for v in e]
        p = [0.0 if m[i] == -1 else v for i, v in enumerate(p)]
        for i in sorted(range(len(p)), key=lambda i: p[i])[: len(m) - most]:
            p[i] = 0.0
        for i, slider in enumerate(m):
            if slider >= 0:
                a[slider] = p[i]
        source = list(beginning) if first else prev
        a = [(1 - b) * v + b * s for v, s in zip(a, source, strict=True)]
        prev = a
        if wish is not None:
            a = [(1 - q) * v + q * s for v, s in zip(a, wish, strict=True)]
        blended.append(a)
        if not first:
            a = [w * v + (1 - w) * s for v, s in zip(a, pb, strict=True)]
        pb = a
        a = [g * v for v in a]
        final.append(list(a))
        first = False
    return blended, final


def emotion_frames(
    sound: NDArray[np.float32],
    classify: Callable[[NDArray[np.float32]], Sequence[float]],
    post: Mapping[str, Any],
    *,
    window: int,
    look_ahead: int,
    interval: int,
    rate: int = 30,
    beginning: Sequence[float] = (0.0,) * 10,
    wish: Wish | None = None,
) -> tuple[list[int], list[list[float]], list[list[float]]]:
    """Return samples, blended and final emotions of all frames of a closed sound at 16 kHz."""
    padded = np.concatenate([np.zeros(window, np.float32), sound, np.zeros(2 * window, np.float32)])
    times, logits = [], []
    group = 0
    while group * 16000 * interval // rate < len(sound):
        target = group * 16000 * interval // rate
        start = target - (window - look_ahead) + window
        said = list(classify(padded[start : start + window]))
        for j in range(interval):
            times.append((group * interval + j) * 16000 // rate)
            logits.append(said)
        group += 1
    wishes = [wish(t) if wish else None for t in times]
    return times, *post_process(logits, post, 1 / rate, beginning, wishes)


def at(times: Sequence[int], values: Sequence[Sequence[float]], sample: int) -> NDArray[np.float64]:
    """Return the values at a sample: linear between frames, the last one after them."""
    columns = np.array(values)
    return np.array([np.interp(sample, times, columns[:, i]) for i in range(columns.shape[1])])

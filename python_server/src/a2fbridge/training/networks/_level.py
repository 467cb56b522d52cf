"""What a network does about loudness: hear it as it is, or divide each window by its peak.

Training and the exported graph do the same, so there is no mismatch between them (NVIDIA's trainer divides a take
by its peak in training only).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from a2fbridge.training._graph import GraphWriter

__all__ = ["QUIETEST", "level_node", "levelled"]

QUIETEST = 0.02
"""Smallest peak that a window is divided by: below it, near -34 dB, silence stays quiet."""


def levelled(windows: Any, level: Literal["input", "peak"]) -> Any:
    """Return torch windows [..., samples] at the level the network hears."""
    if level == "input":
        return windows
    return windows / windows.abs().amax(dim=-1, keepdim=True).clamp(min=QUIETEST)


def level_node(w: GraphWriter, level: Literal["input", "peak"]) -> str:
    """Write the same for ``input`` and return its name."""
    if level == "input":
        return "input"
    loudness = w.add("Abs", "loudness", "input")
    peak = w.add("ReduceMax", "peak", loudness, axes=[-1], keepdims=1)
    floored = w.add("Max", "peak.floored", peak, w.constant("quietest", np.array(QUIETEST, np.float32)))
    return w.add("Div", "levelled", "input", floored)

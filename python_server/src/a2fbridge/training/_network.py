"""The network: which layers, how large, and the same weights in two forms.

*In training* a crop of speech is a long image (bands x time); convolutions over time are dilated, so one
pass gives a prediction for every 10 ms.  *At run time* one window gives one frame; the same kernels, with a
stride where the training form only dilates, compute little more than that frame needs.  Both see 37 feature
frames around it. A prediction is the weighted mean of three, 20 ms apart: what trembles from frame to frame
averages out.

It answers with articulators (``_compose.CHANNELS``): moves, and gates as log odds.  Weights, and what a mood
does to them, follow by fixed formulas, so no mood can cost the network's attention or open its closures.
This module needs torch only when :func:`forward` is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training import _features as ear
from a2fbridge.training._compose import CHANNELS, SHAPES
from a2fbridge.training._expression import EMOTION_TERMS

__all__ = ["LAYERS", "SLOPE", "Layer", "Parameters", "forward", "initial", "multiply_adds", "parameter_count"]

Parameters = dict[str, NDArray[np.float32]]
"""``<layer>.w`` [out, in, bands, time] and ``.b`` [out] of each layer."""

SLOPE: Final = 0.1
"""Slope of the leaky rectifiers below zero."""
_GATE_PRIOR: Final = -2.0
"""Log odds of a gate before anything is learnt."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A 2-D convolution over bands and time, without padding in time."""

    name: str
    channels: int
    """Outputs at width 1; the parameters say how many there are."""
    kernel: tuple[int, int]
    band_stride: int
    band_pad: int
    stride: int = 1
    """Stride in time of the run-time form; the training form dilates all later layers instead."""
    dilation: int = 1
    """Dilation in time of the run-time form."""


LAYERS: Final = (
    Layer("onset", 16, (5, 3), 2, 2),
    Layer("local", 32, (3, 3), 2, 1, stride=2),
    Layer("phone", 64, (3, 3), 2, 1),
    Layer("mouth", 192, (4, 3), 1, 0, dilation=2),
    Layer("speech", 288, (1, 3), 1, 0, dilation=4),
    Layer("mix", 288, (1, 1), 1, 0),
    Layer("answer", len(CHANNELS), (1, 1), 1, 0),
)
MEAN: Final = np.array([0.25, 0.5, 0.25], np.float32)
"""Weights of the three predictions that make one; they are two feature frames apart."""


def initial(seed: int, width: float = 1.0) -> Parameters:
    """Return fresh parameters, He-scaled; ``width`` scales the channels of every hidden layer."""
    rng = np.random.default_rng(seed)
    found: Parameters = {}
    inputs = 1
    for layer in LAYERS:
        last = layer is LAYERS[-1]
        outputs = layer.channels if last else max(8, round(layer.channels * width / 8) * 8)
        shape = (outputs, inputs, *layer.kernel)
        spread = 0.3 * np.sqrt(1.0 / inputs) if last else np.sqrt(2.0 / np.prod(shape[1:]))
        found[f"{layer.name}.w"] = (rng.standard_normal(shape) * spread).astype(np.float32)
        found[f"{layer.name}.b"] = np.zeros(outputs, np.float32)
        inputs = outputs
    found["answer.b"][-2:] = _GATE_PRIOR
    return found


def forward(parameters: dict[str, Any], features: Any, drop: float = 0.0, mood: Any = None) -> Any:
    """Return articulators [B, T, 24], gates as log odds, for torch features [B, T + 36, bands].

    ``drop`` is the share of channels of the fifth layer to drop (training only); ``mood`` [B, n] is added to what
    the sixth hears.
    """
    import torch
    from torch.nn import functional

    x = features.transpose(1, 2).unsqueeze(1)
    spacing = 1
    for layer in LAYERS:
        kernel, bias = parameters[f"{layer.name}.w"], parameters[f"{layer.name}.b"]
        steps = (layer.band_stride, 1)
        x = functional.conv2d(x, kernel, bias, steps, (layer.band_pad, 0), (1, spacing * layer.dilation))
        spacing *= layer.stride
        if mood is not None and layer is LAYERS[-2]:
            x = x + mood[:, :, None, None]
        if layer is not LAYERS[-1]:
            x = functional.leaky_relu(x, SLOPE)
        if layer.name == "speech" and drop:
            x = x * (torch.rand(x.shape[0], x.shape[1], 1, 1, device=x.device) >= drop) / (1.0 - drop)
    count = x.shape[3] - 2 * spacing
    mean = sum(float(m) * x[..., i * spacing : i * spacing + count] for i, m in enumerate(MEAN))
    return mean.squeeze(2).transpose(1, 2)


def multiply_adds(parameters: Parameters) -> dict[str, int]:
    """Return multiply-adds per frame of the run-time form, by part, with ``total``."""
    frames = 2 * ear.CONTEXT + 1
    found = {"ear": 2 * ear.BANDS * ear.TAPS * (2 * frames + 2) + len(ear.POOL) * ear.BANDS * frames}
    bands, time = ear.BANDS, frames
    for layer in LAYERS:
        bands = (bands + 2 * layer.band_pad - layer.kernel[0]) // layer.band_stride + 1
        time = (time - layer.dilation * (layer.kernel[1] - 1) - 1) // layer.stride + 1
        found[layer.name] = int(np.prod(parameters[f"{layer.name}.w"].shape)) * bands * time
    found["face"] = SHAPES.size + len(SHAPES) * EMOTION_TERMS + SHAPES.shape[1] * len(CHANNELS)
    return found | {"total": sum(found.values())}


def parameter_count(parameters: Parameters) -> int:
    """Return how many numbers training found."""
    return int(sum(value.size for value in parameters.values()))

"""The network: which layers, how large, and the same weights in two forms.

*In training* a crop of speech is a long image (bands x time); convolutions over time are dilated, so one
pass gives a prediction for every 10 ms.  *At run time* one window gives one frame; the same kernels, with a
stride where the training form only dilates, compute little more than that frame needs.  Both see 37 feature
frames around it. A prediction is the weighted mean of three, 20 ms apart: what trembles from frame to frame
averages out.

Emotion comes in twice: as a scale and shift of the third layer (how a mood changes speech) and as a constant
pose. This module needs torch only when :func:`forward` is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge.training import _features as ear
from a2fbridge.training._expression import POSES

__all__ = ["LAYERS", "OUTPUTS", "SLOPE", "Layer", "Parameters", "forward", "initial", "multiply_adds"]

Parameters = dict[str, NDArray[np.float32]]
"""``<layer>.w`` [out, in, bands, time], ``.b`` [out]; ``mood.scale``, ``.shift``, ``.pose``: [10, n]"""

OUTPUTS: Final = len(shapes.FACE_NAMES)
EMOTIONS: Final = len(shapes.EMOTION_NAMES)
SLOPE: Final = 0.1
"""Slope of the leaky rectifiers below zero."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A 2-D convolution over bands and time, without padding in time."""

    name: str
    inputs: int
    outputs: int
    kernel: tuple[int, int]
    band_stride: int
    band_pad: int
    stride: int = 1
    """Stride in time of the run-time form; the training form dilates all later layers instead."""
    dilation: int = 1
    """Dilation in time of the run-time form."""


LAYERS: Final = (
    Layer("onset", 1, 16, (5, 3), 2, 2),
    Layer("local", 16, 32, (3, 3), 2, 1, stride=2),
    Layer("phone", 32, 64, (3, 3), 2, 1),
    Layer("mouth", 64, 160, (4, 3), 1, 0, dilation=2),
    Layer("speech", 160, 256, (1, 3), 1, 0, dilation=4),
    Layer("mix", 256, 256, (1, 1), 1, 0),
    Layer("weights", 256, OUTPUTS, (1, 1), 1, 0),
)
MEAN: Final = np.array([0.25, 0.5, 0.25], np.float32)
"""Weights of the three predictions that make one; they are two feature frames apart."""
MOOD_LAYER: Final = "mouth"
"""The layer that emotion scales and shifts."""


def initial(seed: int) -> Parameters:
    """Return fresh parameters: He-scaled kernels, moods that start as plain poses."""
    rng = np.random.default_rng(seed)
    found: Parameters = {}
    for layer in LAYERS:
        shape = (layer.outputs, layer.inputs, *layer.kernel)
        spread = np.sqrt((1.0 if layer is LAYERS[-1] else 2.0) / np.prod(shape[1:]))
        found[f"{layer.name}.w"] = (rng.standard_normal(shape) * spread).astype(np.float32)
        found[f"{layer.name}.b"] = np.zeros(layer.outputs, np.float32)
    width = next(layer.outputs for layer in LAYERS if layer.name == MOOD_LAYER)
    found["weights.w"] *= 0.3
    found["mood.scale"] = np.zeros((EMOTIONS, width), np.float32)
    found["mood.shift"] = np.zeros((EMOTIONS, width), np.float32)
    found["mood.pose"] = POSES.astype(np.float32)
    return found


def forward(parameters: dict[str, Any], features: Any, emotions: Any, drop: float = 0.0) -> Any:
    """Return weights [B, T, 68] for torch tensors: features [B, T + 36, bands], emotions [B, 10].

    ``drop`` is the share of channels of the fifth layer to drop (training only).
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
        if layer.name == MOOD_LAYER:
            scale, shift = emotions @ parameters["mood.scale"], emotions @ parameters["mood.shift"]
            x = x * (1.0 + scale[:, :, None, None]) + shift[:, :, None, None]
        if layer is not LAYERS[-1]:
            x = functional.leaky_relu(x, SLOPE)
        if layer.name == "speech" and drop:
            x = x * (torch.rand(x.shape[0], x.shape[1], 1, 1) >= drop) / (1.0 - drop)
    count = x.shape[3] - 2 * spacing
    mean = sum(float(m) * x[..., i * spacing : i * spacing + count] for i, m in enumerate(MEAN))
    pose = emotions @ parameters["mood.pose"]
    return mean.squeeze(2).transpose(1, 2) + pose[:, None, :]


def multiply_adds() -> dict[str, int]:
    """Return multiply-adds per frame of the run-time form, by part, with ``total``."""
    frames = 2 * ear.CONTEXT + 1
    found = {"ear": 2 * ear.BANDS * ear.TAPS * (2 * frames + 2) + len(ear.POOL) * ear.BANDS * frames}
    bands, time = ear.BANDS, frames
    for layer in LAYERS:
        bands = (bands + 2 * layer.band_pad - layer.kernel[0]) // layer.band_stride + 1
        time = (time - layer.dilation * (layer.kernel[1] - 1) - 1) // layer.stride + 1
        found[layer.name] = layer.inputs * layer.outputs * int(np.prod(layer.kernel)) * bands * time
    return found | {"total": sum(found.values())}

"""The reference network's run-time form as an ONNX graph, without FFT, in operators that TensorRT's parser takes.

What is linear on linear is multiplied out: NormRelu's factor goes into kernels, both layers of a head become one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._graph import GraphWriter, finished
from a2fbridge.training.fitting import Parameters
from a2fbridge.training.networks import _front_end
from a2fbridge.training.networks._autocorrelation import STEPS, autocorrelation_nodes
from a2fbridge.training.networks._level import level_node

if TYPE_CHECKING:
    from a2fbridge.training.networks._reference import ReferenceNetwork

__all__ = ["reference_graph"]

_ROOT2 = math.sqrt(2.0)


def reference_graph(network: ReferenceNetwork, p: Parameters) -> Any:
    """Return the ONNX model of a reference network."""
    from a2fbridge.training.networks._reference import FREQUENCY, TIME

    w = GraphWriter()
    level = level_node(w, network.config.level)
    x = autocorrelation_nodes(w, level)
    for name, _, _, kernel in FREQUENCY:
        wide = kernel == 3
        x = _conv(w, p, name, x, [1, 2 if wide else 1], [0, 1 if wide else 0] * 2)
    if network.hears:
        features = _front_end.front_end_nodes(w, network.config.front_end, level)
        front = p["front.w"] * p["layer"]
        flat = w.add("MatMul", "front.product", features, w.constant("front.w", front.T))
        voice = w.add("Relu", "front", w.add("Add", "front.sum", flat, w.constant("front.b", p["front.b"])))
        turned = w.add("Transpose", "front.turned", voice, perm=[0, 2, 1])
        image = w.reshape("front.image", turned, 0, len(front), STEPS, 1)
        x = w.add("Concat", "heard.both", image, x, axis=1)
    mood, size, steps = _mood(w, network, p), network.mood, STEPS
    for name in TIME:
        x = _conv(w, p, name, x, [2, 1], [1, 0, 1, 0])
        steps = (steps + 1) // 2
        times = w.constant(f"{name}.times", np.array([1, 1, steps, 1], np.int64))
        x = w.add("Concat", f"{name}.moody", x, w.add("Tile", f"{name}.mood", mood, times), axis=1)
    flat = w.reshape("time5.flat", x, 0, p["time5.w"].shape[1])
    hidden = w.add("Relu", "time5.on", _gemm(w, "time5", flat, _ROOT2 * p["time5.w"], _ROOT2 * p["time5.b"]))
    both = w.add("Concat", "hidden", hidden, w.reshape("mood.flat", mood, 0, size), axis=1)
    answer_w, answer_b = _heads(network, p)
    answer = _gemm(w, "answer", both, answer_w, answer_b)
    w.reshape("result", answer, 0, 1, len(answer_w))
    return finished(w, network.implicit + network.sizes.emotions, network.sizes.result)


def _conv(w: GraphWriter, p: Parameters, name: str, x: str, strides: list[int], pads: list[int]) -> str:
    kernel, bias = _ROOT2 * p[f"{name}.w"], _ROOT2 * p[f"{name}.b"]
    return w.add("Relu", f"{name}.on", w.conv(name, x, kernel, bias, strides=strides, pads=pads))


def _gemm(w: GraphWriter, name: str, x: str, kernel: NDArray[Any], bias: NDArray[Any]) -> str:
    constants = (
        w.constant(f"{name}.w", kernel.astype(np.float32)),
        w.constant(f"{name}.b", bias.astype(np.float32)),
    )
    return w.add("Gemm", name, x, *constants, transB=1)


def _mood(w: GraphWriter, network: ReferenceNetwork, p: Parameters) -> str:
    """Write implicit row and embedded emotions: [B, mood, 1, 1]."""
    if not network.sizes.emotions:
        return w.reshape("mood", "emotion", 0, network.mood, 1, 1)
    row = w.slice("implicit", "emotion", 0, network.implicit)
    explicit = w.slice("explicit", "emotion", network.implicit, network.implicit + network.sizes.emotions)
    product = w.add("MatMul", "embedded.product", explicit, w.constant("emotion.w", p["emotion.w"].T))
    embedded = w.add("Add", "embedded", product, w.constant("emotion.b", p["emotion.b"]))
    return w.reshape("mood", w.add("Concat", "mood.row", row, embedded, axis=2), 0, network.mood, 1, 1)


def _heads(network: ReferenceNetwork, p: Parameters) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both heads as one layer in the order and units of the dataset."""

    def head(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        first, second = (p[f"{name}{i}.w"].astype(np.float64) for i in (1, 2))
        return second @ first, second @ p[f"{name}1.b"] + p[f"{name}2.b"]

    face, at_0 = head("face")
    skin = network.sizes.skin
    tongue, tongue_at_0 = head("tongue") if network.sizes.tongue else (face[:0], at_0[:0])
    kernel = np.concatenate([face[:skin], tongue, face[skin:]])
    bias = np.concatenate([at_0[:skin], tongue_at_0, at_0[skin:]])
    unit, centre = network.units
    return kernel * unit[:, None], np.asarray(bias * unit + centre, np.float64)

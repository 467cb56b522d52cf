"""The run-time form of the network as an ONNX graph, written node by node.

Inputs ``input`` [B, 1, 8320] and ``emotion`` [B, 1, 26], output ``result`` [B, 1, R]; only the batch axis is
free. Convolutions are two-dimensional throughout (twice as fast as one-dimensional ones in ONNX Runtime),
and every operator is one that TensorRT's parser takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training import _compose as compose
from a2fbridge.training import _features as ear
from a2fbridge.training._config import Decision
from a2fbridge.training._expression import GAINS, HOLD, POSES, SEALED
from a2fbridge.training._network import LAYERS, MEAN, SLOPE, Parameters

__all__ = [
    "IMPLICIT",
    "OFFSET",
    "OPSET",
    "WINDOW",
    "GraphWriter",
    "build_graph",
    "ear_nodes",
    "finished",
    "hidden_nodes",
]

OPSET = 17
WINDOW, OFFSET = 8320, 4160
IMPLICIT = 16
"""Values of ``emotion`` before the ten emotions; this network does not use them."""

Array = NDArray[Any]


class GraphWriter:
    """Collects nodes and constants; each method returns the name of what it computes."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Array) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, output: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), [output], output, **attributes))
        return output

    def conv(
        self, output: str, source: str, kernel: Array, bias: Array | None = None, **attributes: Any
    ) -> str:
        inputs = [source, self.constant(f"{output}.w", kernel.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(f"{output}.b", bias.astype(np.float32)))
        return self.add("Conv", output, *inputs, kernel_shape=list(kernel.shape[2:]), **attributes)

    def slice(self, output: str, source: str, start: int, end: int) -> str:
        """Cut ``start:end`` out of the last axis."""
        parts = zip(("from", "to", "axis"), (start, end, -1), strict=True)
        return self.add(
            "Slice", output, source, *(self.constant(f"{output}.{n}", np.array([v])) for n, v in parts)
        )

    def reshape(self, output: str, source: str, *shape: int) -> str:
        return self.add(
            "Reshape", output, source, self.constant(f"{output}.shape", np.array(shape, np.int64))
        )


def build_graph(
    parameters: Parameters,
    fold: NDArray[np.float64],
    decision: Decision,
) -> Any:
    """Return the ONNX model whose result is ``fold @ clip(weights, 0, 1)``.

    ``fold`` [R, 68] turns blend-shape weights into skin and tongue coefficients, jaw displacements and eyes.
    """
    w = GraphWriter()
    bounds = w.constant("rest", np.array(0, np.float32)), w.constant("full", np.array(1, np.float32))
    heard = hidden_nodes(w, parameters, ear_nodes(w))
    mood = w.reshape("mood", w.slice("explicit", "emotion", IMPLICIT, IMPLICIT + 10), 0, 10, 1, 1)
    weights = _face(w, parameters, decision, heard, mood)
    folded = w.conv("folded", w.add("Clip", "clipped", weights, *bounds), fold[:, :, None, None])
    w.reshape("result", folded, 0, 1, len(fold))

    return finished(w, IMPLICIT + 10, len(fold))


def finished(w: GraphWriter, emotion: int, result: int) -> Any:
    """Return the checked model of a graph with a pack's tensors: ``emotion`` and ``result`` are their sizes."""
    import onnx
    from onnx import TensorProto, helper

    def tensor(name: str, size: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1, size])

    inputs = [tensor("input", WINDOW), tensor("emotion", emotion)]
    graph = helper.make_graph(w.nodes, "a2fbridge", inputs, [tensor("result", result)], w.constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="a2fbridge"
    )
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def ear_nodes(w: GraphWriter, source: str = "input") -> str:
    """Write the filter bank: [B, 1, 8320] samples to [B, 1, bands, 37] compressed powers."""
    frames = 2 * ear.CONTEXT + 1
    used = (frames - 1) * ear.HOP + (len(ear.POOL) - 1) * ear.STEP + ear.TAPS
    first = OFFSET - used // 2
    image = w.reshape("samples", w.slice("heard", source, first, first + used), 0, 1, 1, used)
    for part, bank in zip(("cosine", "sine"), ear.filters(), strict=True):
        band = w.conv(part, image, bank[:, None, None, :], strides=[1, ear.STEP])
        w.add("Mul", f"{part}.power", band, band)
    raw = w.add("Add", "power", "cosine.power", "sine.power")
    steps = 2 * frames + len(ear.POOL) - 2
    plane = w.reshape("plane", raw, 0, 1, ear.BANDS, steps)
    pooled = w.conv("pooled", plane, ear.POOL[None, None, None, :], strides=[1, 2])
    log = w.add(
        "Log", "log", w.add("Add", "floored", pooled, w.constant("floor", np.array(ear.FLOOR, np.float32)))
    )
    raised = w.add("Add", "raised", log, w.constant("raise", np.array(12.0, np.float32)))
    return w.add("Mul", "features", raised, w.constant("scale", np.array(0.25, np.float32)))


def hidden_nodes(w: GraphWriter, p: Parameters, features: str, mood: str | None = None) -> str:
    """Write all learned layers but the last: features to [B, n, 1, 3].

    ``mood`` [B, n, 1, 1] is added to what the last of them hears.
    """
    x = features
    for layer in LAYERS[:-1]:
        pads = [layer.band_pad, 0, layer.band_pad, 0]
        steps = {"strides": [layer.band_stride, layer.stride], "dilations": [1, layer.dilation]}
        x = w.conv(layer.name, x, p[f"{layer.name}.w"], p[f"{layer.name}.b"], pads=pads, **steps)
        if mood is not None and layer is LAYERS[-2]:
            x = w.add("Add", f"{layer.name}.moody", x, mood)
        x = w.add("LeakyRelu", f"{layer.name}.on", x, alpha=SLOPE)
    return x


def _decided(kernel: Array, bias: Array, decision: Decision) -> tuple[Array, Array]:
    """Return the layer before the sigmoid with the decision folded in."""
    sharp = np.array(decision.sharpness, np.float32)
    return kernel * sharp[:, None, None, None], (bias + np.array(decision.bias, np.float32)) * sharp


def _face(w: GraphWriter, p: Parameters, decision: Decision, heard: str, mood: str) -> str:
    """Write the last layer, the decision of the gates, and composition and expression: weights [B, 68, 1, 1].

    Speech and moods are one sum of products (``_compose``, ``_expression``): moods pass with lips open
    (1 - seal) and sealed (seal), and strengthen the mouth's shapes of speech.
    """
    kernel, bias, split = p["answer.w"] * MEAN, p["answer.b"], len(compose.MOVES)
    moves = w.add("Relu", "moves", w.conv("moves.linear", heard, kernel[:split], bias[:split]))
    odds = w.conv("gates.odds", heard, *_decided(kernel[split:], bias[split:], decision))
    gates = w.add("Sigmoid", "gates", odds)

    def linear(name: str, source: str, matrix: Array, at_0: Array | None = None) -> str:
        return w.conv(name, source, matrix[:, :, None, None], at_0)

    passed = linear("selected", moves, compose.SELECT, compose.ALONE)
    for name, slope, at_0 in (
        ("first", compose.FIRST, compose.FIRST_AT_0),
        ("second", compose.SECOND, compose.SECOND_AT_0),
    ):
        passed = w.add("Mul", f"{name}.passed", passed, linear(name, gates, slope, at_0))
    speech = linear("speech.weights", passed, compose.SHAPES)
    gain = linear("mood.gain", mood, GAINS.T, np.ones(GAINS.shape[1]))
    open_pose = linear("mood.open", mood, POSES.T)
    change = linear("mood.change", mood, (SEALED - POSES).T)
    only_seal = np.zeros((POSES.shape[1], len(compose.GATES)))
    only_seal[:, compose.GATES.index("seal")] = HOLD
    hold = w.add("Clip", "mood.hold", linear("seal", gates, only_seal), "rest", "full")
    sealed = w.add("Mul", "mood.sealed", change, hold)
    pose = w.add("Add", "mood.pose", open_pose, sealed)
    return w.add("Add", "weights", w.add("Mul", "moody", speech, gain), pose)

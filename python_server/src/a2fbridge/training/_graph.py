"""The run-time form of the network as an ONNX graph, written node by node.

Inputs ``input`` [B, 1, 8320] and ``emotion`` [B, 1, 26], output ``result`` [B, 1, R]; only the batch axis is
free. Convolutions are two-dimensional throughout (twice as fast as one-dimensional ones in ONNX Runtime),
and every operator is one that TensorRT's parser takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training import _features as ear
from a2fbridge.training._network import LAYERS, MEAN, MOOD_LAYER, SLOPE, Parameters

__all__ = ["IMPLICIT", "OFFSET", "OPSET", "WINDOW", "build_graph"]

OPSET = 17
WINDOW, OFFSET = 8320, 4160
IMPLICIT = 16
"""Values of ``emotion`` before the ten emotions; this network does not use them."""

Array = NDArray[Any]


class _Writer:
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


def build_graph(parameters: Parameters, fold: NDArray[np.float64], constant: NDArray[np.float64]) -> Any:
    """Return the ONNX model whose result is ``fold @ clip(weights, 0, 1) + constant``.

    ``fold`` [R, 68] turns blend-shape weights into skin and tongue coefficients, jaw displacements and eyes.
    """
    import onnx
    from onnx import TensorProto, helper

    w = _Writer()
    weights = _face(w, parameters, _ear(w), _emotion(w))
    kernel = fold[:, :, None, None]
    w.conv("folded", w.add("Clip", "clipped", weights, *_bounds(w)), kernel, constant)
    w.reshape("result", "folded", 0, 1, len(fold))

    def tensor(name: str, size: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1, size])

    inputs = [tensor("input", WINDOW), tensor("emotion", IMPLICIT + 10)]
    graph = helper.make_graph(w.nodes, "a2fbridge", inputs, [tensor("result", len(fold))], w.constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="a2fbridge"
    )
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def _bounds(w: _Writer) -> tuple[str, str]:
    return w.constant("rest", np.array(0, np.float32)), w.constant("full", np.array(1, np.float32))


def _ear(w: _Writer) -> str:
    """Write the filter bank: [B, 1, 8320] samples to [B, 1, bands, 37] compressed powers."""
    frames = 2 * ear.CONTEXT + 1
    used = (frames - 1) * ear.HOP + (len(ear.POOL) - 1) * ear.STEP + ear.TAPS
    first = OFFSET - used // 2
    image = w.reshape("samples", w.slice("heard", "input", first, first + used), 0, 1, 1, used)
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


def _emotion(w: _Writer) -> str:
    """Write the ten emotions as [B, 10, 1, 1]."""
    return w.reshape("mood", w.slice("explicit", "emotion", IMPLICIT, IMPLICIT + 10), 0, 10, 1, 1)


def _face(w: _Writer, p: Parameters, features: str, mood: str) -> str:
    """Write the learned layers: features and mood to weights [B, 68, 1, 1]."""
    x = features
    for layer in LAYERS:
        pads = [layer.band_pad, 0, layer.band_pad, 0]
        kernel = p[f"{layer.name}.w"] if layer is not LAYERS[-1] else p[f"{layer.name}.w"] * MEAN
        steps = {"strides": [layer.band_stride, layer.stride], "dilations": [1, layer.dilation]}
        x = w.conv(layer.name, x, kernel, p[f"{layer.name}.b"], pads=pads, **steps)
        if layer.name == MOOD_LAYER:
            scale = w.conv("mood.scale", mood, p["mood.scale"].T[:, :, None, None], np.ones(layer.outputs))
            shift = w.conv("mood.shift", mood, p["mood.shift"].T[:, :, None, None])
            x = w.add("Add", "moody", w.add("Mul", "scaled", x, scale), shift)
        if layer is not LAYERS[-1]:
            x = w.add("LeakyRelu", f"{layer.name}.on", x, alpha=SLOPE)
    pose = w.conv("mood.pose", mood, p["mood.pose"].T[:, :, None, None])
    return w.add("Add", "posed", x, pose)

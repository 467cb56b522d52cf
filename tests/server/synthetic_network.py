"""The networks of synthetic packs: small ones whose output follows the sound, or as costly as NVIDIA's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from synthetic_packs import PackSpec


def make_network(spec: PackSpec) -> onnx.ModelProto:
    """Return the network: sound [n, 1, window] and emotion [n, 1, I + E] to result [n, 1, R]."""
    rng = np.random.default_rng(spec.seed + 1)
    body = Body()
    features, size = (_reference_body if spec.network == "reference" else _small_body)(body, spec, rng)
    emotion = spec.implicit + len(spec.emotions)
    scale = np.concatenate(
        [
            np.full(spec.skin_shapes, 0.4 * np.sqrt(spec.skin_vertices)),
            np.full(spec.tongue_shapes, 0.2 * np.sqrt(spec.tongue_vertices)),
            np.full(3 * spec.jaw_points, 0.5),
            np.full(4, 5.0),
        ]
    ).astype(np.float32)
    mixed = body.add("Concat", [features, "emotion"], axis=2)
    weights = rng.normal(scale=1.0, size=(size + emotion, len(scale)))
    weights[size:] *= 0.1
    linear = body.add("MatMul", [mixed, body.constant(weights)])
    body.add("Mul", [body.add("Tanh", [linear]), body.constant(scale)], output="result")
    graph = helper.make_graph(
        body.nodes,
        "egg",
        [_value("input", spec.window), _value("emotion", emotion)],
        [_value("result", len(scale))],
        body.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def _small_body(body: Body, spec: PackSpec, rng: np.random.Generator) -> tuple[str, int]:
    """Energies of eight bands around the frame's own sample; returns (name, features)."""
    bands, taps, hop, out = 8, 64, 32, 16
    taps = min(taps, spec.window)
    time = np.arange(taps) / 16000
    pitch = np.geomspace(150, 6000, bands)[:, None]
    filters = np.sin(2 * np.pi * pitch * time) * np.hanning(taps) * (8 / taps)
    energies = body.add("Abs", [body.add("Conv", ["input", body.constant(filters[:, None])], strides=[hop])])
    steps = (spec.window - taps) // hop + 1
    centre = (np.arange(steps) * hop + taps / 2 - spec.offset) / spec.window
    near = np.exp(-(((centre[None, :] - rng.uniform(-0.1, 0.1, out)[:, None]) * 8) ** 2))
    pool = rng.normal(size=(bands, 1, out)) * near.T[None] * (8 / steps)
    flat = body.add("Reshape", [energies, body.integers([0, 1, bands * steps])])
    return body.add("MatMul", [flat, body.constant(pool.reshape(bands * steps, out))]), out


def _reference_body(body: Body, spec: PackSpec, rng: np.random.Generator) -> tuple[str, int]:
    """What wav2vec2-base's convolutions and one transformer layer cost; returns (name, features)."""
    name, channels, length = "input", 1, spec.window
    for taps, stride in [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)]:
        kernel = rng.standard_normal((512, channels, taps), np.float32) * np.float32(
            (2 / (channels * taps)) ** 0.5
        )
        name = body.add("Relu", [body.add("Conv", [name, body.constant(kernel)], strides=[stride])])
        channels, length = 512, (length - taps) // stride + 1
    name = body.add("Transpose", [name], perm=[0, 2, 1])
    for rows, columns in [(512, 768), (768, 768), (768, 2304), (2304, 768), (768, 3072), (3072, 768)]:
        weights = rng.standard_normal((rows, columns), np.float32) * np.float32((2 / rows) ** 0.5)
        name = body.add("Relu", [body.add("MatMul", [name, body.constant(weights)])])
    pooled = body.add("ReduceMean", [name], axes=[1], keepdims=1)
    return body.add("MatMul", [pooled, body.constant(rng.normal(scale=0.1, size=(768, 16)))]), 16


class Body:
    """Nodes and constants of a graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        output = output or f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, values: NDArray[Any]) -> str:
        return self._keep(np.ascontiguousarray(values, np.float32))

    def integers(self, values: list[int]) -> str:
        return self._keep(np.array(values, np.int64))

    def _keep(self, values: NDArray[Any]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name


def _value(name: str, size: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1, size])

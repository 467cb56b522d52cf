"""A front end: a frozen network of the user's, such as the first layers of wav2vec 2.0, in front of the reference one.

A file that takes samples [N, 8320] (or [N, 1, 8320]) and gives features [N, 25, 768].  Nothing is ever downloaded.
ONNX files run on ONNX Runtime, TorchScript files on torch; both become part of the exported graph.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.training._graph import OPSET, WINDOW, GraphWriter
from a2fbridge.training.fitting import import_torch
from a2fbridge.training.networks._level import QUIETEST

__all__ = ["FrontEnd", "front_end_nodes"]

_SHAPE = (25, 768)


class FrontEnd:
    """A front end that is ready to run, and hears what the network hears (``level``).

    Raises ConfigError when the file is none, or has another shape.
    """

    def __init__(self, source: str, level: Literal["input", "peak"] = "input") -> None:
        self._level = level
        self._kind, _, path = source.partition(":")
        if not Path(path).is_file():
            raise ConfigError(f"front_end {source}: there is no such file")
        try:
            self._run = _onnx(path) if self._kind == "onnx" else _torchscript(path)
            shape = self._run(np.zeros((2, WINDOW), np.float32)).shape
        except ConfigError:
            raise
        except Exception as error:  # whatever the two engines raise on a file they do not take
            raise ConfigError(f"front_end {source}: cannot be run: {error}") from None
        if shape != (2, *_SHAPE):
            raise ConfigError(
                f"front_end {source}: makes {list(shape)} of [2, {WINDOW}]; right is [2, {_SHAPE[0]}, {_SHAPE[1]}]"
            )

    def __call__(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return features [N, 25, 768] of samples [N, 8320]."""
        if self._level == "peak":
            windows = windows / np.maximum(np.abs(windows).max(axis=1, keepdims=True), np.float32(QUIETEST))
        return np.asarray(self._run(windows), np.float32)


def _onnx(path: str) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise ConfigError(f"front_end {path}: right is one input and one output")
    deep = len(inputs[0].shape) == 3

    def run(windows: NDArray[np.float32]) -> Any:
        return session.run(None, {inputs[0].name: windows[:, None] if deep else windows})[0]

    return run


def _torchscript(path: str) -> Any:
    torch = import_torch()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        script = torch.jit.load(path, map_location="cpu").eval()

    def run(windows: NDArray[np.float32]) -> Any:
        with torch.no_grad():
            return script(torch.from_numpy(np.ascontiguousarray(windows))).numpy()

    return run


def front_end_nodes(w: GraphWriter, source: str, level: str) -> str:
    """Write the front end behind ``level`` [B, 1, 8320] and return the name of its features [B, 25, 768]."""
    import onnx
    from onnx import compose, version_converter

    kind, _, path = source.partition(":")
    model = onnx.load(path) if kind == "onnx" else _converted(path)
    found = {item.domain: item.version for item in model.opset_import}
    if set(found) - {""}:
        raise ConfigError(
            f"front_end {source}: uses operators of {sorted(set(found) - {''})}; right are ONNX's own"
        )
    if found[""] != OPSET:
        model = version_converter.convert_version(model, OPSET)
    model = compose.add_prefix(model, "front_end/")
    graph = model.graph
    if graph.input[0].type.tensor_type.shape.dim.__len__() == 3:
        heard = w.add("Identity", graph.input[0].name, level)
    else:
        heard = w.reshape(graph.input[0].name, level, 0, WINDOW)
    assert heard == graph.input[0].name
    w.nodes.extend(graph.node)
    w.constants.extend(graph.initializer)
    return str(graph.output[0].name)


def _converted(path: str) -> Any:
    """Return a TorchScript file as an ONNX model."""
    import onnx

    torch = import_torch()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = torch.jit.load(path, map_location="cpu").eval()
        torch.onnx.export(
            script, (torch.zeros(2, WINDOW),), buffer, opset_version=OPSET, dynamo=False,
            input_names=["samples"], output_names=["features"],
            dynamic_axes={"samples": {0: "batch"}, "features": {0: "batch"}},
        )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())

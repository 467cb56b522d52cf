"""ONNX Runtime on the CPU."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.packs import RegressionPack

__all__: list[str] = []

MAX_BATCH: Final = 128
"""Rows of one call with a network of dynamic batch, as NVIDIA's engines are built for."""
_PROVIDERS: Final = ["CPUExecutionProvider"]
_ERRORS_ONLY: Final = 3


class OnnxRuntimeBackend:
    """Runs a pack's ``network.onnx``; see :class:`Backend`."""

    name = "onnxruntime"

    def __init__(self, pack: RegressionPack, threads: int) -> None:
        """Load the network and run it once on silence; raises BackendError unless it fits ``pack.info``."""
        info = pack.info
        self._window = info.window
        self._emotion = info.implicit_length + len(info.emotions)
        self._result = info.result_size
        self._threads = threads
        self._session: ort.InferenceSession | None = _open(pack, threads)
        self.max_batch = self._check_tensors(self._session)
        silence = self.run(np.zeros((1, self._window), np.float32), np.zeros((1, self._emotion), np.float32))
        if not np.isfinite(silence).all():
            raise BackendError(f"{pack.network_path}: silence gives a result that is not finite")

    def run(self, audio: NDArray[np.float32], emotion: NDArray[np.float32]) -> NDArray[np.float32]:
        """See :meth:`Backend.run`."""
        if self._session is None:
            raise BackendError("the backend is closed")
        rows = len(audio)
        if not 1 <= rows <= self.max_batch:
            raise BackendError(f"a batch of {rows} rows; right is 1 to {self.max_batch}")
        if audio.shape != (rows, self._window) or emotion.shape != (rows, self._emotion):
            right = f"[{rows}, {self._window}] and [{rows}, {self._emotion}]"
            raise BackendError(
                f"audio {list(audio.shape)} and emotion {list(emotion.shape)}; right are {right}"
            )
        feeds = {"input": audio[:, None], "emotion": emotion[:, None]}
        try:
            result: NDArray[np.float32] = self._session.run(["result"], feeds)[0]
        except Exception as error:  # ONNX Runtime's own errors have no common base
            raise BackendError(f"ONNX Runtime failed on {rows} rows: {error}") from error
        if result.shape != (rows, 1, self._result):
            raise BackendError(f"the network gave {list(result.shape)}; right is [{rows}, 1, {self._result}]")
        return result[:, 0]

    def describe(self) -> dict[str, str | int]:
        """See :meth:`Backend.describe`."""
        return {
            "name": self.name,
            "version": ort.__version__,
            "device": "cpu",
            "threads": self._threads,
            "max_batch": self.max_batch,
        }

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        self._session = None

    def _check_tensors(self, session: ort.InferenceSession) -> int:
        """Check names, types and sizes of the network; returns the largest batch."""
        wanted = {"input": self._window, "emotion": self._emotion, "result": self._result}
        tensors = {tensor.name: tensor for tensor in [*session.get_inputs(), *session.get_outputs()]}
        if tensors.keys() != wanted.keys():
            raise BackendError(f"the network has tensors {sorted(tensors)}; right are {sorted(wanted)}")
        for name, size in wanted.items():
            tensor = tensors[name]
            if tensor.type != "tensor(float)" or not _fits(tensor.shape, size):
                raise BackendError(
                    f"tensor '{name}' is {tensor.type} {tensor.shape}; right is float [n, 1, {size}]"
                )
        return 1 if tensors["input"].shape[0] == 1 else MAX_BATCH


def _open(pack: RegressionPack, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _ERRORS_ONLY
    # A spinning thread burns a core between the frames of a live stream, for no throughput (measured 5 times
    # the CPU), and takes it from the event loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(str(pack.network_path), options, providers=_PROVIDERS)
    except Exception as error:  # ONNX Runtime's own errors have no common base
        raise BackendError(f"ONNX Runtime cannot load {pack.network_path}: {error}") from error
    if session.get_providers() != _PROVIDERS:
        raise BackendError(f"ONNX Runtime chose {session.get_providers()}; asked for were {_PROVIDERS}")
    return session


def _fits(shape: list[Any], size: int) -> bool:
    """Return whether a shape of ONNX Runtime (names stand for dynamic lengths) is [n or 1, 1, size]."""
    return len(shape) == 3 and all(
        n == right or isinstance(n, str | None) for n, right in zip(shape, (1, 1, size), strict=True)
    )

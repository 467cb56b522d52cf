"""ONNX Runtime on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.backends._protocol import Slots, Tensors, check_feeds, check_silence, usual_rows
from a2fbridge.backends._states import HostStates
from a2fbridge.packs import NetworkSpec, TensorSpec

__all__: list[str] = []

_CPU: Final[Sequence[tuple[str, dict[str, Any]]]] = (("CPUExecutionProvider", {}),)
_ERRORS_ONLY: Final = 3


class OnnxRuntimeSession:
    """A ``network.onnx`` in ONNX Runtime, whatever it runs on."""

    name = "onnxruntime"

    def __init__(
        self, network: NetworkSpec, threads: int, providers: Sequence[tuple[str, dict[str, Any]]]
    ) -> None:
        """Load the network; raises BackendError unless it has the tensors specified.

        ``providers`` are ONNX Runtime's, with their options; the first must be in force afterwards.
        """
        self._network = network
        self._threads = threads
        self._session: ort.InferenceSession | None = _open(network, threads, providers)
        self.max_batch = self._check_tensors(self._session)

    @property
    def session(self) -> ort.InferenceSession:
        """The session; raises BackendError once it is closed."""
        if self._session is None:
            raise BackendError("the backend is closed")
        return self._session

    def describe(self) -> dict[str, str | int]:
        """See :meth:`Backend.describe`."""
        return {
            "name": self.name,
            "version": ort.__version__,
            "device": "cpu",
            "precision": "fp32",
            "threads": self._threads,
            "max_batch": self.max_batch,
        }

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        self._session = None

    def _check_tensors(self, session: ort.InferenceSession) -> int:
        """Check names, types and sizes of the network; returns the largest batch."""
        network = self._network
        wanted = {tensor.name: tensor for tensor in (*network.inputs, *network.outputs)}
        tensors = {tensor.name: tensor for tensor in [*session.get_inputs(), *session.get_outputs()]}
        if tensors.keys() != wanted.keys():
            raise BackendError(f"the network has tensors {sorted(tensors)}; right are {sorted(wanted)}")
        for name, right in wanted.items():
            tensor = tensors[name]
            if tensor.type != "tensor(float)" or not _fits(tensor.shape, right):
                lengths = ", ".join("n" if n is None else str(n) for n in right.shape)
                raise BackendError(
                    f"tensor '{name}' is {tensor.type} {tensor.shape}; right is float [{lengths}]"
                )
        fixed = any(tensors[t.name].shape[t.batch_axis] == 1 for t in network.inputs)
        return 1 if fixed else usual_rows(network)


class OnnxRuntimeBackend(OnnxRuntimeSession):
    """Runs a ``network.onnx`` on the CPU; see :class:`Backend`."""

    def __init__(self, network: NetworkSpec, threads: int) -> None:
        """Load the network and run it once on zeros; raises BackendError."""
        super().__init__(network, threads, _CPU)
        self._states = HostStates(network.state_input) if network.state else None
        self._whole: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        check_silence(self, network)
        self._whole.clear()

    def run(self, feeds: Tensors, slots: Slots | None = None) -> dict[str, NDArray[np.float32]]:
        """See :meth:`Backend.run`."""
        session, network = self.session, self._network
        rows = check_feeds(feeds, network, self.max_batch, slots)
        inputs = {name: self._contiguous(name, value) for name, value in feeds.items()}
        if slots is not None and self._states and network.state:
            inputs[network.state[0]] = self._states.batch(slots)
        try:
            results = session.run([tensor.name for tensor in network.outputs], inputs)
        except Exception as error:  # ONNX Runtime's own errors have no common base
            raise BackendError(f"ONNX Runtime failed on {rows} rows: {error}") from error
        found = {}
        for tensor, result in zip(network.outputs, results, strict=True):
            if result.shape != tensor.sized(rows):
                right = list(tensor.sized(rows))
                raise BackendError(f"the network gave {tensor.name} {list(result.shape)}; right is {right}")
            found[tensor.name] = result if tensor.wanted is None else result[:, slice(*tensor.wanted)]
        if slots is not None and self._states and network.state:
            self._states.leave(slots, found.pop(network.state[1]))
        return found

    def commit(self) -> None:
        """See :meth:`Backend.commit`."""
        if self._states:
            self._states.commit()

    def state(self, slot: int) -> NDArray[np.float32]:
        """See :meth:`Backend.state`."""
        return self._states.get(slot).copy() if self._states else np.empty(0, np.float32)

    def set_state(self, slot: int, values: NDArray[np.float32] | None) -> None:
        """See :meth:`Backend.set_state`."""
        if self._states:
            self._states.set(slot, values)

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        super().close()
        self._whole.clear()

    def _contiguous(self, name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return an input in one piece; one that does not change is put together once."""
        if value.flags.c_contiguous or value.flags.writeable:
            return value
        kept = self._whole.get(name)
        if kept is None or kept[0].ctypes.data != value.ctypes.data or len(kept[1]) < len(value):
            self._whole[name] = kept = value, np.ascontiguousarray(value)
        return kept[1][: len(value)]


def _open(
    network: NetworkSpec, threads: int, providers: Sequence[tuple[str, dict[str, Any]]]
) -> ort.InferenceSession:
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
        session = ort.InferenceSession(str(network.path), options, providers=list(providers))
    except Exception as error:  # ONNX Runtime's own errors have no common base
        raise BackendError(f"ONNX Runtime cannot load {network.path}: {error}") from error
    # ONNX Runtime goes on on the CPU when a provider cannot be loaded; it always adds the CPU as the last one.
    names = [name for name, _ in providers]
    found = session.get_providers()
    if found[: len(names)] != names or len(found) > len(names) + (names != ["CPUExecutionProvider"]):
        raise BackendError(f"ONNX Runtime chose {found}; asked for were {names}; its log says why")
    return session


def _fits(shape: list[Any], wanted: TensorSpec) -> bool:
    """Return whether a shape of ONNX Runtime (names stand for dynamic lengths) fits, with any batch or one of 1."""
    return len(shape) == len(wanted.shape) and all(
        isinstance(n, str | None) or n == (1 if right is None else right)
        for n, right in zip(shape, wanted.shape, strict=True)
    )

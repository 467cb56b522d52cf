"""TensorRT on a GPU: an engine, its memory, one stream, and a CUDA graph for each batch size that comes up often.

A batch is packed from the rows that are ready; nothing of a row that is not there is computed or copied.  Every
inference is one copy in, one run, one copy out, all in one stream; from the second time that a batch size comes up
they are launched together as a graph.  An input that its caller keeps unchanged (the constant noise of diffusion)
is copied once.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.backends._build import Progress, cached_engine, make_logger, recipe_for
from a2fbridge.backends._cuda import Context, Driver, Gpu, choose_gpu
from a2fbridge.backends._protocol import Tensors, check_feeds
from a2fbridge.packs import EngineRecipe, NetworkSpec, TensorSpec

__all__: list[str] = []

_log = logging.getLogger("a2fbridge.backends")
_GRAPHS: Final = 32
"""Batch sizes whose graphs are kept."""
_GRAPH_BYTES: Final = 8 << 20
"""Copies in and out above which a graph saves nothing worth having: launches cost some 10 microseconds each."""


@dataclass(slots=True, eq=False)
class _Tensor:
    """One input or output: its place on the GPU and its staging memory on the host."""

    spec: TensorSpec
    device: int
    host: int
    view: NDArray[np.float32]
    kept: NDArray[np.float32] | None = None
    """The unchanging array that the GPU holds now; holding it keeps its address from being used again."""

    def holds(self, value: NDArray[np.float32]) -> bool:
        """Tell whether the GPU has these values: the same memory, no more rows than before."""
        kept = self.kept
        same = kept is not None and kept.ctypes.data == value.ctypes.data and kept.strides == value.strides
        return same and kept is not None and len(value) <= len(kept) and kept.shape[1:] == value.shape[1:]

    def size(self, rows: int) -> int:
        """Bytes of a batch."""
        return 4 * int(np.prod(self.spec.sized(rows)))

    def staged(self, rows: int) -> NDArray[np.float32]:
        """The staging memory in the shape of a batch."""
        shape = self.spec.sized(rows)
        return self.view[: int(np.prod(shape))].reshape(shape)


class TensorRTBackend:
    """Runs a ``network.onnx`` as a TensorRT engine; see :class:`Backend`."""

    name = "tensorrt"

    def __init__(
        self,
        network: NetworkSpec,
        *,
        device: int | None = None,
        max_batch: int | None = None,
        fp16: bool | None = None,
        graphs: bool = True,
        progress: Progress | None = None,
        trt: Any = None,
        driver: Driver | None = None,
        engine: Callable[[NetworkSpec, EngineRecipe, Any, Gpu, Progress | None], bytes] = cached_engine,
    ) -> None:
        """Take or build the engine and run it once on zeros; raises BackendError, PackError.

        ``device`` is the GPU, by default the one with the most free memory; ``max_batch`` and ``fp16`` take the place
        of what the pack's ``trt_info.json`` says.  ``trt``, ``driver`` and ``engine`` stand in for TensorRT, the CUDA
        driver and the cache.
        """
        self._network = network
        self._trt = trt or import_tensorrt()
        self._driver = driver or Driver()
        self._gpu = choose_gpu(self._driver, device)
        self._recipe = recipe_for(network, max_batch, fp16)
        self._context = Context(self._driver, self._gpu.index)
        self._tensors: dict[str, _Tensor] = {}
        self._graphs: OrderedDict[int, int] = OrderedDict()
        self._seen: set[int] = set()
        self._use_graphs = graphs
        self._rows = 0
        self._stream = 0
        self._run: Any = None
        with self._context:
            self._open(engine(network, self._recipe, self._trt, self._gpu, progress))
        silence = self.run({t.name: np.zeros(t.sized(1), np.float32) for t in network.inputs})
        if not all(np.isfinite(result).all() for result in silence.values()):
            self.close()
            raise BackendError(f"{network.path}: silence gives a result that is not finite")

    def _open(self, data: bytes) -> None:
        logger = make_logger(self._trt)
        if hasattr(self._trt, "init_libnvinfer_plugins"):
            self._trt.init_libnvinfer_plugins(logger, "")
        self._runtime = self._trt.Runtime(logger)
        if self._recipe.version_compatible:
            self._runtime.engine_host_code_allowed = True
        self._engine = self._runtime.deserialize_cuda_engine(data)
        if self._engine is None:
            raise BackendError(f"TensorRT cannot load the engine of {self._network.path}: {logger.last}")
        self.max_batch = self._check_engine()
        self._run = self._engine.create_execution_context()
        if self._run is None:
            raise BackendError(f"TensorRT has no memory to run {self._network.path}: {logger.last}")
        self._stream = self._context.stream()
        for spec in (*self._network.inputs, *self._network.outputs):
            size = 4 * int(np.prod(spec.sized(self.max_batch)))
            self._tensors[spec.name] = _Tensor(
                spec, self._context.allocate(size), *self._context.pinned(size)
            )
            self._run.set_tensor_address(spec.name, self._tensors[spec.name].device)

    def _check_engine(self) -> int:
        """Check profile, names, directions and shapes as NVIDIA's run time does (D.3); return the largest batch."""
        engine, network = self._engine, self._network
        if engine.num_optimization_profiles != 1:
            raise BackendError(f"the engine has {engine.num_optimization_profiles} profiles; right is 1")
        found = {engine.get_tensor_name(i): i for i in range(engine.num_io_tensors)}
        wanted = {spec.name: spec for spec in (*network.inputs, *network.outputs)}
        if found.keys() != wanted.keys():
            raise BackendError(f"the engine has tensors {sorted(found)}; right are {sorted(wanted)}")
        for name, spec in wanted.items():
            mode = self._trt.TensorIOMode.INPUT if spec in network.inputs else self._trt.TensorIOMode.OUTPUT
            shape = tuple(engine.get_tensor_shape(name))
            fits = len(shape) == len(spec.shape) and all(
                n in (-1, right if right is not None else 1)
                for n, right in zip(shape, spec.shape, strict=True)
            )
            if engine.get_tensor_mode(name) != mode or not fits:
                raise BackendError(
                    f"tensor '{name}' of the engine is {list(shape)}; right is {list(spec.shape)}"
                )
            if engine.get_tensor_dtype(name) != self._trt.DataType.FLOAT:
                raise BackendError(f"tensor '{name}' of the engine is not float32")
        ends = [engine.get_tensor_profile_shape(t.name, 0)[2][t.batch_axis] for t in network.inputs]
        return int(min(ends))

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        """See :meth:`Backend.run`."""
        if self._run is None:
            raise BackendError("the backend is closed")
        rows = check_feeds(feeds, self._network.inputs, self.max_batch)
        with self._context:
            changing = self._stage(feeds, rows)
            self._compute(rows, changing)
            self._context.wait(self._stream)
        return {spec.name: self._tensors[spec.name].staged(rows).copy() for spec in self._network.outputs}

    def _stage(self, feeds: Tensors, rows: int) -> tuple[str, ...]:
        """Put the inputs into staging memory; return the names of those that must go to the GPU each time."""
        changing = []
        for spec in self._network.inputs:
            tensor, value = self._tensors[spec.name], feeds[spec.name]
            if value.flags.writeable:
                tensor.kept = None
                tensor.staged(rows)[...] = value
                changing.append(spec.name)
            elif not tensor.holds(value):
                tensor.staged(rows)[...] = value
                self._context.upload(tensor.device, tensor.host, tensor.size(rows), self._stream)
                self._context.wait(self._stream)  # the staging memory is free for others
                tensor.kept = value
        return tuple(changing)

    def _compute(self, rows: int, changing: tuple[str, ...]) -> None:
        if rows != self._rows:
            for spec in self._network.inputs:
                if not self._run.set_input_shape(spec.name, spec.sized(rows)):
                    raise BackendError(f"the engine does not take {spec.name} {list(spec.sized(rows))}")
            self._rows = rows
        if not self._graphed(rows, changing):
            self._enqueue(rows, changing)
            return
        if rows not in self._graphs and not self._capture(rows, changing):
            self._enqueue(rows, changing)
            return
        self._graphs.move_to_end(rows)
        self._context.launch(self._graphs[rows], self._stream)

    def _capture(self, rows: int, changing: tuple[str, ...]) -> bool:
        """Record a batch as a graph; an engine that cannot be recorded goes on without, and the log says so."""
        try:
            self._context.begin_capture(self._stream)
            try:
                self._enqueue(rows, changing)
            finally:
                graph = self._context.end_capture(self._stream)
        except BackendError as error:
            self._use_graphs = False
            _log.warning("%s runs without CUDA graphs: %s", self._network.path, error)
            return False
        self._graphs[rows] = graph
        while len(self._graphs) > _GRAPHS:
            self._context.destroy_graph(self._graphs.popitem(last=False)[1])
        return True

    def _graphed(self, rows: int, changing: tuple[str, ...]) -> bool:
        """Tell whether a batch goes as a graph: the second time, when all inputs change and copies are small.

        The first run of a batch size may allocate, which a capture must not see.
        """
        small = sum(tensor.size(rows) for tensor in self._tensors.values()) <= _GRAPH_BYTES
        again = rows in self._seen
        self._seen.add(rows)
        return self._use_graphs and again and small and len(changing) == len(self._network.inputs)

    def _enqueue(self, rows: int, changing: tuple[str, ...]) -> None:
        for name in changing:
            tensor = self._tensors[name]
            self._context.upload(tensor.device, tensor.host, tensor.size(rows), self._stream)
        if not self._run.execute_async_v3(self._stream):
            raise BackendError(f"TensorRT could not run {rows} rows of {self._network.path}")
        for spec in self._network.outputs:
            tensor = self._tensors[spec.name]
            self._context.download(tensor.host, tensor.device, tensor.size(rows), self._stream)

    def describe(self) -> dict[str, str | int]:
        """See :meth:`Backend.describe`."""
        return {
            "name": self.name,
            "version": f"{self._trt.__name__} {self._trt.__version__}",
            "device": f"GPU {self._gpu.index}: {self._gpu.name}",
            "precision": "fp16" if self._recipe.fp16 else "fp32",
            "max_batch": self.max_batch,
        }

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        if self._run is None:
            return
        with self._context:
            for graph in self._graphs.values():
                self._context.destroy_graph(graph)
            self._graphs.clear()
            self._run = self._engine = self._runtime = None
            for tensor in self._tensors.values():
                self._context.free(tensor.device)
                self._context.free_pinned(tensor.host)
            self._tensors.clear()
            self._context.destroy_stream(self._stream)
        self._context.close()


def import_tensorrt() -> Any:
    """Return TensorRT, or TensorRT for RTX; raises BackendError when neither is installed."""
    problems = []
    for name in ("tensorrt", "tensorrt_rtx"):
        try:
            return __import__(name)
        except ImportError as error:
            problems.append(f"{name}: {error}")
    raise BackendError(
        f"TensorRT cannot be imported ({'; '.join(problems)}); docs/gpu.md says how it is installed"
    )

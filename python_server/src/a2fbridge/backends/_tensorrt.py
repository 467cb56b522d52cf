"""TensorRT on a GPU: an engine, one stream, and a CUDA graph for each batch size that comes up often.

A batch is packed from the rows that are ready; nothing of a row that is not there is computed or copied.  From the
second time that a batch size comes up, copies in, run and copies out are launched together as a graph.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.backends._build import Batches, Progress, cached_engine, make_logger, recipe_for
from a2fbridge.backends._cuda import Context, Driver, Gpu, choose_gpu
from a2fbridge.backends._device import DeviceTensors
from a2fbridge.backends._protocol import Slots, Tensors, check_feeds, check_silence
from a2fbridge.packs import EngineRecipe, NetworkSpec

__all__: list[str] = []

_log = logging.getLogger("a2fbridge.backends")
_GRAPHS: Final = 32
"""Batch sizes whose graphs are kept."""
_GRAPH_BYTES: Final = 8 << 20
"""Copies in and out above which a graph saves nothing worth having: launches cost some 10 microseconds each."""

_Key = tuple[int, tuple[str, ...], bool]
"""Rows; the inputs that change; whether the state lies in slots."""


class TensorRTBackend:
    """Runs a ``network.onnx`` as a TensorRT engine; see :class:`Backend`."""

    name = "tensorrt"

    def __init__(
        self,
        network: NetworkSpec,
        *,
        device: int | None = None,
        batches: Batches | None = None,
        fp16: bool | None = None,
        graphs: bool = True,
        progress: Progress | None = None,
        trt: Any = None,
        driver: Driver | None = None,
        engine: Callable[[NetworkSpec, EngineRecipe, Any, Gpu, Progress | None], bytes] = cached_engine,
    ) -> None:
        """Take or build the engine and run it once on zeros; raises BackendError, PackError.

        ``device`` is the GPU, by default the one with the most free memory; ``batches`` and ``fp16`` take the place
        of what the pack's ``trt_info.json`` says.  ``trt``, ``driver`` and ``engine`` stand in for TensorRT, the CUDA
        driver and the cache.
        """
        self._network = network
        self._trt = trt or import_tensorrt()
        self._driver = driver or Driver()
        self._gpu = choose_gpu(self._driver, device)
        self._recipe = recipe_for(network, batches, fp16)
        self._context = Context(self._driver, self._gpu.index)
        self._graphs: OrderedDict[_Key, int] = OrderedDict()
        self._seen: set[_Key] = set()
        self._use_graphs = graphs
        self._rows = 0
        self._stream = 0
        self._run: Any = None
        with self._context:
            self._open(engine(network, self._recipe, self._trt, self._gpu, progress))
        try:
            check_silence(self, network)
        except BackendError:
            self.close()
            raise

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
        self._tensors = DeviceTensors(self._network, self.max_batch, self._context, self._stream)
        for spec in (*self._network.inputs, *self._network.outputs):
            self._run.set_tensor_address(spec.name, self._tensors.address(spec.name))

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

    def run(self, feeds: Tensors, slots: Slots | None = None) -> dict[str, NDArray[np.float32]]:
        """See :meth:`Backend.run`."""
        self._check_open()
        rows = check_feeds(feeds, self._network, self.max_batch, slots)
        with self._context:
            changing = self._tensors.stage(feeds, slots)
            self._compute(rows, changing, slots)
            self._context.wait(self._stream)
            return self._tensors.results(rows, slots)

    def commit(self) -> None:
        """See :meth:`Backend.commit`."""
        self._check_open()
        with self._context:
            self._tensors.commit()

    def state(self, slot: int) -> NDArray[np.float32]:
        """See :meth:`Backend.state`."""
        self._check_open()
        with self._context:
            return self._tensors.state(slot)

    def set_state(self, slot: int, values: NDArray[np.float32] | None) -> None:
        """See :meth:`Backend.set_state`."""
        self._check_open()
        with self._context:
            self._tensors.set_state(slot, values)

    def _check_open(self) -> None:
        if self._run is None:
            raise BackendError("the backend is closed")

    def _compute(self, rows: int, changing: tuple[str, ...], slots: Slots | None) -> None:
        if rows != self._rows:
            for spec in self._network.inputs:
                if not self._run.set_input_shape(spec.name, spec.sized(rows)):
                    raise BackendError(f"the engine does not take {spec.name} {list(spec.sized(rows))}")
            self._rows = rows
        key = (rows, changing, slots is not None)
        if not self._graphed(key) or (key not in self._graphs and not self._capture(key, slots)):
            self._enqueue(rows, changing, slots)
            return
        self._graphs.move_to_end(key)
        self._context.launch(self._graphs[key], self._stream)

    def _capture(self, key: _Key, slots: Slots | None) -> bool:
        """Record a batch as a graph; an engine that cannot be recorded goes on without, and the log says so."""
        try:
            self._context.begin_capture(self._stream)
            try:
                self._enqueue(key[0], key[1], slots)
            finally:
                graph = self._context.end_capture(self._stream)
        except BackendError as error:
            self._use_graphs = False
            _log.warning("%s runs without CUDA graphs: %s", self._network.path, error)
            return False
        self._graphs[key] = graph
        while len(self._graphs) > _GRAPHS:
            self._context.destroy_graph(self._graphs.popitem(last=False)[1])
        return True

    def _graphed(self, key: _Key) -> bool:
        """Tell whether a batch goes as a graph: from the second time on, when copies are small.

        The first run of a batch size may allocate, which a capture must not see.
        """
        again = key in self._seen
        self._seen.add(key)
        return self._use_graphs and again and self._tensors.traffic(key[0]) <= _GRAPH_BYTES

    def _enqueue(self, rows: int, changing: tuple[str, ...], slots: Slots | None) -> None:
        self._tensors.upload(changing, rows)
        if not self._run.execute_async_v3(self._stream):
            raise BackendError(f"TensorRT could not run {rows} rows of {self._network.path}")
        self._tensors.download(rows, slots)

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
            self._tensors.free()
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

"""Stand-ins for the two things that a machine without a GPU lacks: CUDA's driver and TensorRT's run time.

The driver is the library that ``_cuda.py`` calls by ctypes: its functions with the driver's names and arguments, on
host memory.  Work in a stream happens at once, or is recorded while the stream is captured.  The engine runs the ONNX
network on the addresses that it is given.  Nothing more is there than the backend uses; a call of anything else fails.
"""

from __future__ import annotations

import ctypes
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

NOT_FOUND = 500
OUT_OF_MEMORY = 2


class FakeCuda:
    """libcuda, for ``Driver(library=...)``."""

    def __init__(self, *names: str, memory: tuple[int, ...] = ()) -> None:
        self.names = names or ("Fake GPU",)
        self.memory = memory or (1 << 30,) * len(self.names)
        self.allocated: dict[int, Any] = {}
        self.pinned: dict[int, Any] = {}
        self.calls: list[str] = []
        self.traffic: Counter[str] = Counter()
        """Bytes copied "in" from the host, "out" to it, and "within" the GPU; of "in", those not page-locked."""
        self.streams: set[int] = set()
        self.graphs: dict[int, list[Callable[[], None]]] = {}
        self.recording: list[Callable[[], None]] | None = None
        self.entered = 0
        self.fail: set[str] = set()

    def _next(self) -> int:
        return 1000 + len(self.calls)

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if not name.startswith("cu"):
            return found

        def call(*arguments: Any) -> int:
            self.calls.append(name)
            return OUT_OF_MEMORY if name in self.fail else found(*arguments) or 0

        return call

    def work(self, action: Callable[[], None]) -> None:
        """Do something that is in a stream, now or when the graph is launched."""
        assert self.entered > 0, "work outside the context"
        if self.recording is None:
            action()
        else:
            self.recording.append(action)

    def cuInit(self, flags: Any) -> None: ...

    def cuGetErrorName(self, status: Any, name: Any) -> None:
        name._obj.value = (
            b"CUDA_ERROR_OUT_OF_MEMORY" if status.value == OUT_OF_MEMORY else b"CUDA_ERROR_UNKNOWN"
        )

    def cuDeviceGetCount(self, count: Any) -> None:
        count._obj.value = len(self.names)

    def cuDeviceGet(self, device: Any, index: Any) -> None:
        device._obj.value = index.value

    def cuDeviceGetName(self, text: Any, size: Any, device: Any) -> None:
        text.value = self.names[device.value].encode()

    def cuDeviceGetAttribute(self, value: Any, attribute: Any, device: Any) -> None:
        value._obj.value = {75: 8, 76: 9}[attribute.value]

    def cuDevicePrimaryCtxRetain(self, context: Any, device: Any) -> None:
        context._obj.value = 1 + device.value
        self.device = device.value

    def cuDevicePrimaryCtxRelease_v2(self, device: Any) -> None: ...

    def cuCtxPushCurrent_v2(self, context: Any) -> None:
        self.device = context.value - 1
        self.entered += 1

    def cuCtxPopCurrent_v2(self, context: Any) -> None:
        self.entered -= 1

    def cuMemGetInfo_v2(self, free: Any, total: Any) -> None:
        free._obj.value = self.memory[self.device]
        total._obj.value = self.memory[self.device]

    def cuMemAlloc_v2(self, address: Any, size: Any) -> None:
        memory = ctypes.create_string_buffer(size.value)
        address._obj.value = ctypes.addressof(memory)
        self.allocated[address._obj.value] = memory

    def cuMemFree_v2(self, address: Any) -> int:
        return 0 if self.allocated.pop(address.value, None) else NOT_FOUND

    def cuMemHostAlloc(self, address: Any, size: Any, flags: Any) -> None:
        memory = ctypes.create_string_buffer(size.value)
        address._obj.value = ctypes.addressof(memory)
        self.pinned[address._obj.value] = memory

    def cuMemFreeHost(self, address: Any) -> int:
        return 0 if self.pinned.pop(address.value, None) else NOT_FOUND

    def cuStreamCreate(self, stream: Any, flags: Any) -> None:
        stream._obj.value = self._next()
        self.streams.add(stream._obj.value)

    def cuStreamDestroy_v2(self, stream: Any) -> None:
        self.streams.remove(stream.value)

    def cuStreamSynchronize(self, stream: Any) -> int:
        return 0 if stream.value in self.streams and self.recording is None else NOT_FOUND

    def _copy(self, kind: str, target: int, source: int, size: int) -> None:
        def action() -> None:
            self.traffic[kind] += size
            ctypes.memmove(target, source, size)

        self.work(action)

    def cuMemcpyHtoDAsync_v2(self, target: Any, source: Any, size: Any, stream: Any) -> None:
        self._within(self.allocated, target.value, size.value)
        locked = any(start <= source.value < start + len(m) for start, m in self.pinned.items())
        assert locked or self.recording is None, "a graph that reads memory which may be gone"
        self._copy("in" if locked else "in, not page-locked", target.value, source.value, size.value)

    def cuMemcpyDtoHAsync_v2(self, target: Any, source: Any, size: Any, stream: Any) -> None:
        self._within(self.pinned, target.value, size.value)
        self._within(self.allocated, source.value, size.value)
        self._copy("out", target.value, source.value, size.value)

    def cuMemcpyDtoDAsync_v2(self, target: Any, source: Any, size: Any, stream: Any) -> None:
        for address in (target, source):
            self._within(self.allocated, address.value, size.value)
        self._copy("within", target.value, source.value, size.value)

    def cuMemcpy2DAsync_v2(self, what: Any, stream: Any) -> None:
        w = what._obj
        assert (w.srcMemoryType, w.srcXInBytes, w.srcY, w.dstXInBytes, w.dstY) == (2, 0, 0, 0, 0)
        assert min(w.srcPitch, w.dstPitch) >= w.WidthInBytes, "CUDA_ERROR_INVALID_VALUE"
        out = w.dstMemoryType == 1
        target = w.dstHost if out else w.dstDevice
        last = w.Height - 1
        self._within(self.pinned if out else self.allocated, target, last * w.dstPitch + w.WidthInBytes)
        self._within(self.allocated, w.srcDevice, last * w.srcPitch + w.WidthInBytes)
        for i in range(w.Height):
            self._copy(
                "out" if out else "within",
                target + i * w.dstPitch,
                w.srcDevice + i * w.srcPitch,
                w.WidthInBytes,
            )

    def cuMemsetD8Async(self, address: Any, value: Any, size: Any, stream: Any) -> None:
        self._within(self.allocated, address.value, size.value)
        where = (address.value, value.value, size.value)
        self.work(lambda: ctypes.memset(*where) and None)

    @staticmethod
    def _within(blocks: dict[int, Any], address: int, size: int) -> None:
        """A copy must lie within one block of memory."""
        assert any(start <= address and address + size <= start + len(m) for start, m in blocks.items())

    def cuStreamBeginCapture_v2(self, stream: Any, mode: Any) -> None:
        self.recording = []

    def cuStreamEndCapture(self, stream: Any, graph: Any) -> None:
        graph._obj.value = self._next()
        assert self.recording is not None
        self.graphs[graph._obj.value], self.recording = self.recording, None

    def cuGraphInstantiateWithFlags(self, ready: Any, graph: Any, flags: Any) -> None:
        ready._obj.value = self._next()
        self.graphs[ready._obj.value] = self.graphs[graph.value]

    def cuGraphDestroy(self, graph: Any) -> None:
        del self.graphs[graph.value]

    def cuGraphExecDestroy(self, graph: Any) -> None:
        del self.graphs[graph.value]

    def cuGraphLaunch(self, graph: Any, stream: Any) -> None:
        assert stream.value in self.streams
        for action in self.graphs[graph.value]:
            action()


class FakeTensorRT:
    """The module ``tensorrt`` as far as running an engine goes."""

    __name__ = "tensorrt"
    __version__ = "10.13.0"

    class ILogger:
        """What our logger derives from."""

    class TensorIOMode:
        INPUT, OUTPUT = "in", "out"

    class DataType:
        FLOAT, HALF = "float", "half"

    def __init__(self, cuda: FakeCuda) -> None:
        self.cuda = cuda
        self.engines: list[FakeEngine] = []
        self.changes: dict[str, Any] = {}
        """What later engines say of themselves instead of the truth."""

    def Runtime(self, logger: Any) -> Any:
        return self

    def deserialize_cuda_engine(self, data: bytes) -> Any:
        said = json.loads(data)
        if "onnx" not in said:
            return None
        self.engines.append(FakeEngine(self, said))
        return self.engines[-1]


def fake_engine(network: Any, recipe: Any, trt: Any, gpu: Any, progress: Any) -> bytes:
    """In place of the cache: an engine that names its network and the shapes that it takes."""
    shapes = {name: [shape.low, shape.best, shape.high] for name, shape in recipe.shapes.items()}
    return json.dumps({"onnx": str(network.path), "shapes": shapes}).encode()


class FakeEngine:
    """ICudaEngine and IExecutionContext in one."""

    def __init__(self, trt: FakeTensorRT, said: dict[str, Any]) -> None:
        self.trt, self._shapes = trt, said["shapes"]
        self._session = ort.InferenceSession(said["onnx"], providers=["CPUExecutionProvider"])
        self._inputs = {t.name: t.shape for t in self._session.get_inputs()}
        self._outputs = {t.name: t.shape for t in self._session.get_outputs()}
        self.num_optimization_profiles = trt.changes.get("profiles", 1)
        self.num_io_tensors = len(self._inputs) + len(self._outputs)
        self.addresses: dict[str, int] = {}
        self.given: dict[str, tuple[int, ...]] = {}
        self.runs = 0
        assert Path(said["onnx"]).is_file()

    def get_tensor_name(self, index: int) -> str:
        return [*self._inputs, *self._outputs][index]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        lengths = (self._inputs | self._outputs)[name]
        low, _, high = self._shapes.get(name, (lengths, lengths, lengths))
        pinned = [low[i] if low[i] == high[i] else -1 for i in range(len(lengths))]
        return tuple(
            n if isinstance(n, int) else p if isinstance(p, int) else -1
            for n, p in zip(lengths, pinned, strict=True)
        )

    def get_tensor_mode(self, name: str) -> str:
        return "in" if name in self._inputs else "out"

    def get_tensor_dtype(self, name: str) -> str:
        return str(self.trt.changes.get("dtype", "float"))

    def get_tensor_profile_shape(self, name: str, profile: int) -> list[tuple[int, ...]]:
        assert profile == 0
        return [tuple(end) for end in self._shapes[name]]

    def create_execution_context(self) -> Any:
        return None if self.trt.changes.get("no memory") else self

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.addresses[name] = address
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        low, _, high = self._shapes[name]
        fits = all(a <= n <= b for a, n, b in zip(low, shape, high, strict=True))
        if fits:
            self.given[name] = tuple(shape)
        return fits

    def execute_async_v3(self, stream: int) -> bool:
        if self.trt.changes.get("broken"):
            return False
        given = dict(self.given)
        assert given.keys() == self._inputs.keys(), "an input without a shape"
        self.trt.cuda.work(lambda: self._run(given))
        return True

    def _run(self, given: dict[str, tuple[int, ...]]) -> None:
        self.runs += 1
        feeds = {name: _at(self.addresses[name], shape).copy() for name, shape in given.items()}
        for name, value in zip(self._outputs, self._session.run(list(self._outputs), feeds), strict=True):
            _at(self.addresses[name], value.shape)[...] = value


def _at(address: int, shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(shape))
    return np.ctypeslib.as_array((ctypes.c_float * size).from_address(address)).reshape(shape)

"""CUDA's driver, as little of it as running an engine takes: memory, copies, one stream, graphs.

Talks to the library that comes with the display driver (``libcuda.so.1``, ``nvcuda.dll``) by ctypes, so that no CUDA
toolkit and no Python package is needed.  Function names are the driver's own.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import (
    byref,
    c_char_p,
    c_int,
    c_size_t,
    c_ubyte,
    c_uint,
    c_ulonglong,
    c_void_p,
    create_string_buffer,
)
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError

__all__: list[str] = []

_LIBRARY: Final = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_MAJOR, _MINOR = 75, 76
"""CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR"""
_NON_BLOCKING: Final = 1
"""CU_STREAM_NON_BLOCKING"""
_THREAD_LOCAL: Final = 1
"""CU_STREAM_CAPTURE_MODE_THREAD_LOCAL"""
_HOST, _DEVICE = 1, 2
"""CU_MEMORYTYPE_HOST and _DEVICE"""


class _Copy2D(ctypes.Structure):
    """CUDA_MEMCPY2D"""

    _fields_ = (
        *(
            (end + name, kind)
            for end in ("src", "dst")
            for name, kind in (
                ("XInBytes", c_size_t),
                ("Y", c_size_t),
                ("MemoryType", c_uint),
                ("Host", c_void_p),
                ("Device", c_ulonglong),
                ("Array", c_void_p),
                ("Pitch", c_size_t),
            )
        ),
        ("WidthInBytes", c_size_t),
        ("Height", c_size_t),
    )


@dataclass(frozen=True, slots=True)
class Strided:
    """Pieces of memory at equal distances."""

    address: int
    pitch: int
    """Bytes from the start of one to the start of the next."""
    host: bool = False


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU of this machine."""

    index: int
    name: str
    capability: tuple[int, int]
    """Compute capability, such as (8, 9)."""


class Driver:
    """The driver, opened; raises BackendError when there is none or it finds no GPU."""

    def __init__(self, library: Any = None) -> None:
        """``library`` stands in for the driver's own, with the same functions."""
        try:
            self._library = library or ctypes.CDLL(_LIBRARY)
        except OSError:
            raise BackendError(f"no NVIDIA driver: {_LIBRARY} is not on this machine") from None
        self.call("cuInit", c_uint(0))

    def call(self, function: str, *arguments: Any) -> None:
        """Call a function of the driver; raises BackendError with the driver's name for what went wrong."""
        status = getattr(self._library, function)(*arguments)
        if status:
            name = c_char_p()
            self._library.cuGetErrorName(c_int(status), byref(name))
            raise BackendError(f"CUDA: {function} failed: {(name.value or b'error').decode()} ({status})")

    def gpus(self) -> list[Gpu]:
        """Return the GPUs that this process may use (``CUDA_VISIBLE_DEVICES``)."""
        count = c_int()
        self.call("cuDeviceGetCount", byref(count))
        return [self._gpu(index) for index in range(count.value)]

    def _gpu(self, index: int) -> Gpu:
        device, name = self.device(index), create_string_buffer(256)
        self.call("cuDeviceGetName", name, c_int(len(name)), device)
        capability = []
        for attribute in (_MAJOR, _MINOR):
            value = c_int()
            self.call("cuDeviceGetAttribute", byref(value), c_int(attribute), device)
            capability.append(value.value)
        return Gpu(index, name.value.decode(), (capability[0], capability[1]))

    def device(self, index: int) -> c_int:
        """Return the driver's handle of a GPU."""
        device = c_int()
        self.call("cuDeviceGet", byref(device), c_int(index))
        return device

    def free_memory(self, index: int) -> int:
        """Return the bytes of a GPU that nobody uses."""
        with Context(self, index):
            free, total = c_size_t(), c_size_t()
            self.call("cuMemGetInfo_v2", byref(free), byref(total))
            return free.value


class Context:
    """A GPU's primary context, which TensorRT and other libraries of the process share.

    ``with`` makes it the calling thread's; memory, stream and graphs are made within.
    """

    def __init__(self, driver: Driver, index: int) -> None:
        self._driver = driver
        self._device = driver.device(index)
        self._context = c_void_p()
        self._entered = 0

    def __enter__(self) -> Context:
        if not self._context:
            self._driver.call("cuDevicePrimaryCtxRetain", byref(self._context), self._device)
        self._driver.call("cuCtxPushCurrent_v2", self._context)
        self._entered += 1
        return self

    def __exit__(self, *exc: object) -> None:
        self._driver.call("cuCtxPopCurrent_v2", byref(c_void_p()))
        self._entered -= 1

    def close(self) -> None:
        """Give the context back; what was allocated in it must have been freed."""
        if self._context:
            self._driver.call("cuDevicePrimaryCtxRelease_v2", self._device)
            self._context = c_void_p()

    def allocate(self, size: int) -> int:
        """Return the address of ``size`` bytes on the GPU."""
        address = c_ulonglong()
        self._driver.call("cuMemAlloc_v2", byref(address), c_size_t(size))
        return address.value

    def free(self, address: int) -> None:
        """Free memory of the GPU."""
        self._driver.call("cuMemFree_v2", c_ulonglong(address))

    def pinned(self, size: int) -> tuple[int, NDArray[np.float32]]:
        """Return the address of ``size`` bytes that the GPU reads and writes directly, and a view of them."""
        address = c_void_p()
        self._driver.call("cuMemHostAlloc", byref(address), c_size_t(size), c_uint(0))
        assert address.value
        view = np.ctypeslib.as_array((ctypes.c_float * (size // 4)).from_address(address.value))
        return address.value, view

    def free_pinned(self, address: int) -> None:
        """Free memory from :meth:`pinned`; its view must not be used any more."""
        self._driver.call("cuMemFreeHost", c_void_p(address))

    def stream(self) -> int:
        """Return a new stream."""
        stream = c_void_p()
        self._driver.call("cuStreamCreate", byref(stream), c_uint(_NON_BLOCKING))
        return stream.value or 0

    def destroy_stream(self, stream: int) -> None:
        """Destroy a stream."""
        self._driver.call("cuStreamDestroy_v2", c_void_p(stream))

    def upload(self, target: int, source: int, size: int, stream: int) -> None:
        """Copy host to GPU, in the stream."""
        self._driver.call(
            "cuMemcpyHtoDAsync_v2", c_ulonglong(target), c_void_p(source), c_size_t(size), c_void_p(stream)
        )

    def download(self, target: int, source: int, size: int, stream: int) -> None:
        """Copy GPU to host, in the stream."""
        self._driver.call(
            "cuMemcpyDtoHAsync_v2", c_void_p(target), c_ulonglong(source), c_size_t(size), c_void_p(stream)
        )

    def copy(self, target: int, source: int, size: int, stream: int) -> None:
        """Copy within the GPU, in the stream."""
        self._driver.call(
            "cuMemcpyDtoDAsync_v2", c_ulonglong(target), c_ulonglong(source), c_size_t(size), c_void_p(stream)
        )

    def copy_strided(self, target: Strided, source: Strided, width: int, count: int, stream: int) -> None:
        """Copy ``count`` pieces of ``width`` bytes, in the stream; within the GPU, or from it to the host."""
        what = _Copy2D(WidthInBytes=width, Height=count)
        for end, side in (("src", source), ("dst", target)):
            setattr(what, f"{end}MemoryType", _HOST if side.host else _DEVICE)
            setattr(what, f"{end}Host" if side.host else f"{end}Device", side.address)
            setattr(what, f"{end}Pitch", side.pitch)
        self._driver.call("cuMemcpy2DAsync_v2", byref(what), c_void_p(stream))

    def clear(self, address: int, size: int, stream: int) -> None:
        """Fill memory of the GPU with zeros, in the stream."""
        self._driver.call(
            "cuMemsetD8Async", c_ulonglong(address), c_ubyte(0), c_size_t(size), c_void_p(stream)
        )

    def wait(self, stream: int) -> None:
        """Wait until everything in the stream is done."""
        self._driver.call("cuStreamSynchronize", c_void_p(stream))

    def begin_capture(self, stream: int) -> None:
        """Record what goes into the stream from now on instead of doing it."""
        self._driver.call("cuStreamBeginCapture_v2", c_void_p(stream), c_int(_THREAD_LOCAL))

    def end_capture(self, stream: int) -> int:
        """Return what was recorded, ready to be launched."""
        graph, ready = c_void_p(), c_void_p()
        self._driver.call("cuStreamEndCapture", c_void_p(stream), byref(graph))
        try:
            self._driver.call("cuGraphInstantiateWithFlags", byref(ready), graph, c_ulonglong(0))
        finally:
            self._driver.call("cuGraphDestroy", graph)
        return ready.value or 0

    def launch(self, graph: int, stream: int) -> None:
        """Do what was recorded, in the stream."""
        self._driver.call("cuGraphLaunch", c_void_p(graph), c_void_p(stream))

    def destroy_graph(self, graph: int) -> None:
        """Destroy what :meth:`end_capture` returned."""
        self._driver.call("cuGraphExecDestroy", c_void_p(graph))


def choose_gpu(driver: Driver, wanted: int | None) -> Gpu:
    """Return the GPU asked for, or the one with the most free memory; raises BackendError when it is not there."""
    gpus = driver.gpus()
    if not gpus:
        raise BackendError("the NVIDIA driver finds no GPU (CUDA_VISIBLE_DEVICES?)")
    if wanted is None:
        return max(gpus, key=lambda gpu: driver.free_memory(gpu.index)) if len(gpus) > 1 else gpus[0]
    if not 0 <= wanted < len(gpus):
        raise BackendError(f"there is no GPU {wanted}; right is 0 to {len(gpus) - 1}")
    return gpus[wanted]

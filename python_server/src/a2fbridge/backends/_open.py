"""The one place where a backend is chosen; the choice is explicit, or told with its reasons."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Final

from a2fbridge._errors import BackendError, nearest
from a2fbridge.backends._build import Batches
from a2fbridge.backends._cuda import Driver, Gpu, choose_gpu
from a2fbridge.backends._protocol import Backend
from a2fbridge.packs import NetworkSpec

__all__: list[str] = []

BACKEND_NAMES: Final = ("auto", "onnxruntime", "onnxruntime-cuda", "onnxruntime-tensorrt", "tensorrt")
HALF_PRECISION: Final = ("onnxruntime-tensorrt", "tensorrt")
"""Backends that can compute in fp16."""
_MAX_THREADS: Final = 256
_MAX_DEVICE: Final = 63
_log = logging.getLogger("a2fbridge.backends")

Progress = Callable[[str, float], None]


def open_backend(
    network: NetworkSpec,
    name: str = "auto",
    threads: int | None = None,
    *,
    device: int | None = None,
    batches: Batches | None = None,
    fp16: bool | None = None,
    on_build: Progress | None = None,
) -> Backend:
    """Open a network.

    ``name``: ``onnxruntime`` (CPU), ``onnxruntime-cuda``, ``onnxruntime-tensorrt``, ``tensorrt``, or ``auto`` for the
    best that this machine has, which is logged with the reason.  ``threads``: CPU threads of one inference; by default
    all usable cores but one, which is left to the rest of the program.  ``device``: the GPU, by default the one with
    the most free memory.  ``batches`` narrows what the pack's ``trt_info.json`` says, ``fp16`` takes its place.
    ``on_build(phase, done)`` is told how far the building of an engine is.  Raises BackendError; never takes another
    backend than the one named.
    """
    if name not in BACKEND_NAMES:
        raise BackendError(
            f"unknown backend '{name}'{nearest(name, BACKEND_NAMES)}; right are {', '.join(BACKEND_NAMES)}"
        )
    count = default_threads() if threads is None else threads
    if not 1 <= count <= _MAX_THREADS:
        raise BackendError(f"{count} threads; right is 1 to {_MAX_THREADS}")
    if device is not None and not 0 <= device <= _MAX_DEVICE:
        raise BackendError(f"GPU {device}; right is 0 to {_MAX_DEVICE}")
    name = chosen_backend(network, name)
    if device is not None and name == "onnxruntime":
        raise BackendError(f"backend '{name}' runs on the CPU and takes no GPU; {device} was asked for")
    if fp16 and name not in HALF_PRECISION:
        raise BackendError(
            f"backend '{name}' computes in fp32; right for fp16 are {' and '.join(HALF_PRECISION)}"
        )
    try:
        backend = _open(network, name, count, device, batches, fp16, on_build)
    except BackendError as error:
        raise BackendError(f"backend '{name}': {error}") from error
    _log.info("pack %s runs on %s", network.pack, backend.describe())
    return backend


def chosen_backend(network: NetworkSpec, name: str = "auto") -> str:
    """Return a backend's name, that of the best one of this machine for ``auto``, which is logged with the reason."""
    return _best(network.pack) if name == "auto" else name


def survey() -> tuple[str, bool]:
    """Return what this machine has for inference, as one line, and whether a GPU that is there would be used."""
    found, gpus, name = [], [], "onnxruntime"
    try:
        driver = Driver()
        gpus = driver.gpus()
        for gpu in gpus:
            free = driver.free_memory(gpu.index) / 1e9
            found.append(
                f"{_named(gpu)}, compute {gpu.capability[0]}.{gpu.capability[1]}, {free:.1f} GB free"
            )
    except BackendError as error:
        found.append(str(error))
    if gpus:
        name, reasons = _for_gpu()
        found += reasons
    try:
        import onnxruntime

        found.append(f"ONNX Runtime has {', '.join(onnxruntime.get_available_providers())}")
    except ImportError as error:
        found.append(f"ONNX Runtime cannot be imported: {error}")
    return "; ".join([*found, f"auto takes {name}"]), not gpus or name != "onnxruntime"


def _open(
    network: NetworkSpec,
    name: str,
    threads: int,
    device: int | None,
    batches: Batches | None,
    fp16: bool | None,
    on_build: Progress | None,
) -> Backend:
    if name == "tensorrt":
        from a2fbridge.backends._tensorrt import TensorRTBackend

        return TensorRTBackend(network, device=device, batches=batches, fp16=fp16, progress=on_build)
    try:
        from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
        from a2fbridge.backends._onnxruntime_gpu import OnnxRuntimeGpuBackend
    except ImportError as error:
        raise BackendError(f"it cannot be imported: {error}") from error
    if name == "onnxruntime":
        return OnnxRuntimeBackend(network, threads)
    driver = Driver()
    return OnnxRuntimeGpuBackend(
        network, name, driver, choose_gpu(driver, device), batches=batches, fp16=fp16
    )


def _best(pack: str) -> str:
    """Return the best backend here and log why; a GPU that cannot be used is worth a warning."""
    try:
        gpu = choose_gpu(Driver(), None)
    except BackendError as error:
        _log.info("pack %s: auto takes onnxruntime on the CPU: %s", pack, error)
        return "onnxruntime"
    name, reasons = _for_gpu()
    if name == "onnxruntime":
        said = "pack %s: auto takes the CPU although there is %s: %s; docs/gpu.md says what to install"
        _log.warning(said, pack, _named(gpu), "; ".join(reasons))
    else:
        more = f" ({'; '.join(reasons)})" if reasons else ""
        _log.info("pack %s: auto takes %s, because there is %s%s", pack, name, _named(gpu), more)
    return name


def _for_gpu() -> tuple[str, list[str]]:
    """Return the best backend for a machine with a GPU, and why those before it are not taken."""
    reasons: list[str] = []
    try:
        from a2fbridge.backends._tensorrt import import_tensorrt

        import_tensorrt()
        return "tensorrt", reasons
    except BackendError as error:
        reasons.append(str(error))
    try:
        import onnxruntime

        if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            return "onnxruntime-cuda", reasons
    except ImportError:
        pass
    reasons.append("onnxruntime-gpu is not installed")
    return "onnxruntime", reasons


def _named(gpu: Gpu) -> str:
    return f"GPU {gpu.index}, {gpu.name}"


def default_threads() -> int:
    """Return the number of usable cores less one, at least one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable - 1)

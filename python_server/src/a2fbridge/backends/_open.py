"""The one place where a backend is chosen; the choice is explicit and logged."""

from __future__ import annotations

import logging
import os
from typing import Final

from a2fbridge._errors import BackendError, nearest
from a2fbridge.backends._protocol import Backend
from a2fbridge.packs import NetworkSpec

__all__: list[str] = []

BACKEND_NAMES: Final = ("auto", "onnxruntime")
_MAX_THREADS: Final = 256
_log = logging.getLogger("a2fbridge.backends")


def open_backend(network: NetworkSpec, name: str = "auto", threads: int | None = None) -> Backend:
    """Open a network.

    ``name``: ``onnxruntime``, or ``auto`` for the best that this version has on this machine (ONNX Runtime).
    ``threads``: CPU threads of one inference; by default all usable cores but one, which is left to the rest
    of the program.  Raises BackendError; never takes another backend than the one named.
    """
    if name == "tensorrt":
        raise BackendError(
            "backend 'tensorrt' is not supported by this version; right are " + ", ".join(BACKEND_NAMES)
        )
    if name not in BACKEND_NAMES:
        raise BackendError(
            f"unknown backend '{name}'{nearest(name, BACKEND_NAMES)}; right are {', '.join(BACKEND_NAMES)}"
        )
    count = default_threads() if threads is None else threads
    if not 1 <= count <= _MAX_THREADS:
        raise BackendError(f"{count} threads; right is 1 to {_MAX_THREADS}")
    try:
        from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
    except ImportError as error:
        raise BackendError(f"backend 'onnxruntime' cannot be imported: {error}") from error
    backend = OnnxRuntimeBackend(network, count)
    _log.info("pack %s runs on %s", network.pack, backend.describe())
    return backend


def default_threads() -> int:
    """Return the number of usable cores less one, at least one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable - 1)

"""Whether a pack's network runs: silence through ONNX Runtime on the CPU, one row and two (spec: part 3, 3.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, PackError
from a2fbridge.backends._protocol import Backend
from a2fbridge.packs import Finding, NetworkSpec, load, load_emotion, pack_kind

__all__: list[str] = []

_TOLERANCE: Final = 1e-3
"""Largest difference of one row computed alone and in a batch; NVIDIA's tests allow as much between engines."""


def smoke(path_or_id: str | Path) -> list[Finding]:
    """Return what goes wrong when a sound pack is run; raises PackError if there is no such pack."""
    from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend  # a client of a server loads no engine

    try:
        network = _network(path_or_id)
        backend = OnnxRuntimeBackend(network, 1)
        alone = _silence(backend, network, 1)
        apart = 0.0
        if backend.max_batch > 1:
            pair = _silence(backend, network, 2)
            apart = max(float(np.abs(b - a).max()) for a, b in zip(alone, pair, strict=True))
    except (BackendError, PackError) as error:
        return [Finding("error", "network.onnx", "", "a network that runs", str(error))]
    if apart <= _TOLERANCE * max(1.0, *(float(np.abs(a).max()) for a in alone)):
        return []
    right, found = "rows that do not depend on each other", f"they differ by {apart:.3g}"
    return [Finding("warning", network.path.name, "batch", right, found)]


def _network(path_or_id: str | Path) -> NetworkSpec:
    if pack_kind(path_or_id) != "emotion":
        return load(path_or_id).network
    pack = load_emotion(path_or_id)
    return pack.network(pack.usual_window or pack.window.best[1])


def _silence(backend: Backend, network: NetworkSpec, rows: int) -> list[NDArray[np.float32]]:
    """Return every output for rows of zeros, the batch axis first."""
    results = backend.run({t.name: np.zeros(t.sized(rows), np.float32) for t in network.inputs})
    return [np.moveaxis(results[t.name], t.batch_axis, 0) for t in network.outputs]

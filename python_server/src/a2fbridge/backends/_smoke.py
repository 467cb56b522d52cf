"""Whether a pack's network runs: silence through ONNX Runtime on the CPU, one row and two (spec: part 3, 3.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, PackError
from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
from a2fbridge.packs import Finding, NetworkSpec, load, pack_kind

__all__: list[str] = []

_TOLERANCE: Final = 1e-3
"""Largest difference of one row computed alone and in a batch; NVIDIA's tests allow as much between engines."""


def smoke(path_or_id: str | Path) -> list[Finding]:
    """Return what goes wrong when a sound pack is run; raises PackError if there is no such pack."""
    try:
        if pack_kind(path_or_id) == "emotion":
            return []
        network = load(path_or_id).network
        return _findings(OnnxRuntimeBackend(network, 1), network)
    except (BackendError, PackError) as error:
        return [Finding("error", "network.onnx", "", "a network that runs", str(error))]


def _findings(backend: OnnxRuntimeBackend, network: NetworkSpec) -> list[Finding]:
    """Compare a row alone with the same row in a batch; the backend itself refuses values that are not finite."""
    if backend.max_batch < 2:
        return []
    alone, both = _silence(backend, network, 1), _silence(backend, network, 2)
    findings = []
    for tensor in network.outputs:
        one, two = alone[tensor.name], both[tensor.name]
        apart = np.abs(two - one).max(initial=0.0)  # the batch axis of one is stretched
        if apart > _TOLERANCE * max(1.0, np.abs(one).max(initial=0.0)):
            right = "rows that do not depend on each other"
            findings.append(
                Finding("warning", network.path.name, tensor.name, right, f"they differ by {apart:.3g}")
            )
    return findings


def _silence(backend: OnnxRuntimeBackend, network: NetworkSpec, rows: int) -> dict[str, NDArray[np.float32]]:
    return backend.run({tensor.name: np.zeros(tensor.sized(rows), np.float32) for tensor in network.inputs})

"""Whether a pack's network runs: silence through ONNX Runtime on the CPU, one row and two (spec: part 3, 3.7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError, PackError
from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
from a2fbridge.packs import Finding, load, pack_kind

__all__: list[str] = []

_TOLERANCE: Final = 1e-3
"""Largest difference of one row computed alone and in a batch; NVIDIA's tests allow as much between engines."""

Run = Callable[[int], NDArray[np.float32]]
"""Rows of silence -> results [rows, ...]."""


def smoke(path_or_id: str | Path) -> list[Finding]:
    """Return what goes wrong when a sound pack is run; raises PackError if there is no such pack."""
    try:
        return _findings(*_regression(path_or_id)) if pack_kind(path_or_id) == "regression" else []
    except (BackendError, PackError) as error:
        return [Finding("error", "network.onnx", "", "a network that runs", str(error))]


def _findings(file: str, most: int, run: Run) -> list[Finding]:
    alone = run(1)
    if not np.isfinite(alone).all():
        return [Finding("error", file, "silence", "finite numbers", "gives values that are not finite")]
    if most < 2:
        return []
    apart = np.abs(run(2) - alone).max()
    if apart <= _TOLERANCE * max(1.0, np.abs(alone).max()):
        return []
    return [
        Finding(
            "warning", file, "batch", "rows that do not depend on each other", f"they differ by {apart:.3g}"
        )
    ]


def _regression(path_or_id: str | Path) -> tuple[str, int, Run]:
    pack = load(path_or_id)
    backend = OnnxRuntimeBackend(pack, 1)
    emotion = pack.info.implicit_length + len(pack.info.emotions)

    def run(rows: int) -> NDArray[np.float32]:
        return backend.run(
            np.zeros((rows, pack.info.window), np.float32), np.zeros((rows, emotion), np.float32)
        )

    return pack.network_path.name, backend.max_batch, run

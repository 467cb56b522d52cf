"""What an inference engine must offer, and what every caller of one needs."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__: list[str] = []


class Backend(Protocol):
    """A regression network ready to run: stateless, any row in any order.

    ``run`` may be called from any thread, by one thread at a time.
    """

    @property
    def name(self) -> str:
        """``onnxruntime``, ..."""

    @property
    def max_batch(self) -> int:
        """Most rows of one call of ``run``."""

    def run(self, audio: NDArray[np.float32], emotion: NDArray[np.float32]) -> NDArray[np.float32]:
        """Infer B rows, 1 <= B <= max_batch.

        ``audio`` [B, W] is the window of each row, times the input strength; ``emotion`` [B, I + E] the
        implicit vector, then the explicit one.  Returns a new array [B, R]; a row that the network cannot
        compute holds NaN or infinity (see :func:`finite_rows`).  Raises BackendError.
        """

    def describe(self) -> dict[str, str | int]:
        """Return what is in force: engine, version, device, threads, max_batch."""

    def close(self) -> None:
        """Free the engine; ``run`` then raises BackendError."""


def finite_rows(result: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return for each row of a result [B, R] whether all of it is finite.

    A row that is not belongs to one stream, which alone must fail: other rows of the batch are good.
    """
    return np.asarray(np.isfinite(result).all(axis=1))

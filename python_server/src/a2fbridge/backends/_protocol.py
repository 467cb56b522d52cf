"""What an inference engine must offer, and what every caller of one needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.packs import TensorSpec

__all__: list[str] = []

Tensors = Mapping[str, NDArray[np.float32]]


class Backend(Protocol):
    """A network ready to run: tensors in and out by name, stateless, rows of a batch independent of each other.

    What the tensors mean is the caller's business: state that a network hands on is an output of one call and an
    input of the next.  ``run`` may be called from any thread, by one thread at a time.
    """

    @property
    def name(self) -> str:
        """``onnxruntime``, ..."""

    @property
    def max_batch(self) -> int:
        """Most rows of one call of ``run``."""

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        """Infer B rows, 1 <= B <= max_batch: every input of the network's specification, sized for B.

        Returns every output, in arrays of the caller's own; a row that the network cannot compute holds NaN or
        infinity (see :func:`finite_rows`).  An input that is not writeable keeps its values for as long as it lives: an
        engine with a memory of its own may keep its copy there.  Raises BackendError.
        """

    def describe(self) -> dict[str, str | int]:
        """Return what is in force: engine, version, device, threads, max_batch."""

    def close(self) -> None:
        """Free the engine; ``run`` then raises BackendError."""


def finite_rows(result: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Return for each row of a result [B, ...] whether all of it is finite.

    A row that is not belongs to one stream, which alone must fail: other rows of the batch are good.
    """
    return np.asarray(np.isfinite(result).reshape(len(result), -1).all(axis=1))


def check_feeds(feeds: Tensors, inputs: tuple[TensorSpec, ...], max_batch: int) -> int:
    """Return the rows of a batch; raises BackendError when tensors are missing, of wrong shapes, or too many rows."""
    first = feeds.get(inputs[0].name)
    rows = 0 if first is None else first.shape[inputs[0].batch_axis]
    if not 1 <= rows <= max_batch:
        raise BackendError(f"a batch of {rows} rows; right is 1 to {max_batch}")
    if feeds.keys() != {tensor.name for tensor in inputs} or any(
        feeds[tensor.name].shape != tensor.sized(rows) for tensor in inputs
    ):
        given = _shapes({name: array.shape for name, array in feeds.items()})
        right = _shapes({tensor.name: tensor.sized(rows) for tensor in inputs})
        raise BackendError(f"inputs are {given}; right are {right}")
    return rows


def _shapes(shapes: Mapping[str, tuple[Any, ...]]) -> str:
    return ", ".join(f"{name} {list(shape)}" for name, shape in sorted(shapes.items()))

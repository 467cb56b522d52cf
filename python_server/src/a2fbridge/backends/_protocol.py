"""What an inference engine must offer, and what every caller of one needs."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import BackendError
from a2fbridge.packs import NetworkSpec

__all__: list[str] = []

Tensors = Mapping[str, NDArray[np.float32]]
Slots = NDArray[np.intp]
_TENSOR_BYTES: Final = 700 << 20
"""Inputs and outputs of one batch at most, where nobody says: 8 rows of v3.0, as NVIDIA's engines are built for."""
_ROWS: Final = 128
"""Rows of one batch at most, as NVIDIA's engines are built for."""


class Backend(Protocol):
    """A network ready to run: tensors in and out by name, rows of a batch independent of each other.

    A network that hands state on from window to window (``NetworkSpec.state``) can be run with slots, one for each
    stream, whose states lie where the engine runs.  Methods may be called from any thread, by one thread at a time.
    """

    @property
    def name(self) -> str:
        """``onnxruntime``, ..."""

    @property
    def max_batch(self) -> int:
        """Most rows of one call of ``run``."""

    def run(self, feeds: Tensors, slots: Slots | None = None) -> dict[str, NDArray[np.float32]]:
        """Infer B rows, 1 <= B <= max_batch: every input of the network's specification, sized for B.

        Returns every output, or the part of it that is wanted, in arrays that hold until the next call; a row that the
        network cannot compute holds NaN or infinity (see :func:`finite_rows`).  An input that is not writeable keeps
        its values for as long as it lives: an engine with a memory of its own may keep its copy there.

        ``slots`` [B], each once, says whose state a row continues; the tensors of the state are then neither fed nor
        returned.  What the run leaves becomes the slots' state with :meth:`commit`: until then it may be repeated.
        Raises BackendError.
        """

    def commit(self) -> None:
        """Make what the last run with slots left their state."""

    def state(self, slot: int) -> NDArray[np.float32]:
        """Return a copy of a slot's state, without the batch axis; zeros at first."""

    def set_state(self, slot: int, values: NDArray[np.float32] | None) -> None:
        """Set a slot's state; None: zeros."""

    def describe(self) -> dict[str, str | int]:
        """Return what is in force: engine, version, device, threads, max_batch."""

    def close(self) -> None:
        """Free the engine; ``run`` then raises BackendError."""


def finite_rows(result: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Return for each row of a result [B, ...] whether all of it is finite.

    A row that is not belongs to one stream, which alone must fail: other rows of the batch are good.
    """
    return np.asarray(np.isfinite(result).reshape(len(result), -1).all(axis=1))


def check_feeds(feeds: Tensors, network: NetworkSpec, max_batch: int, slots: Slots | None) -> int:
    """Return the rows of a batch; raises BackendError when tensors are missing, of wrong shapes, or too many rows."""
    inputs = network.inputs if slots is None else network.fed
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
    if slots is not None and (not network.state or len(set(slots.tolist())) != rows):
        raise BackendError(
            f"slots {slots.tolist()} for {rows} rows; right is one slot for each, all different"
        )
    return rows


def check_silence(backend: Backend, network: NetworkSpec) -> None:
    """Run one row of zeros; raises BackendError when that fails or is not finite."""
    silence = {t.name: np.broadcast_to(np.float32(0.0), t.sized(1)) for t in network.inputs}
    if not all(np.isfinite(result).all() for result in backend.run(silence).values()):
        raise BackendError(f"{network.path}: silence gives a result that is not finite")


def usual_rows(network: NetworkSpec) -> int:
    """Return how many rows a batch may have where neither the pack nor the caller says."""
    row = sum(4 * prod(tensor.sized(1)) for tensor in (*network.inputs, *network.outputs))
    return max(1, min(_ROWS, _TENSOR_BYTES // row))


def _shapes(shapes: Mapping[str, tuple[Any, ...]]) -> str:
    return ", ".join(f"{name} {list(shape)}" for name, shape in sorted(shapes.items()))

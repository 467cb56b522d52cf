"""What a network hands on from window to window, a slot for each stream, where the engine runs.

A run takes the rows of its batch out of their slots; what it leaves becomes their state with ``commit``, so that a run
that failed, or whose results could not be used, changes nothing and may be tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.backends._cuda import Context, Strided
from a2fbridge.packs import TensorSpec

__all__: list[str] = []

Floats = NDArray[np.float32]
Slots = NDArray[np.intp]
_BLOCK: Final = 64
"""Slots of one allocation on a GPU."""


class HostStates:
    """States in the host's memory."""

    def __init__(self, spec: TensorSpec) -> None:
        self._axis = spec.batch_axis
        self._row = spec.shape[: self._axis] + spec.shape[self._axis + 1 :]
        self._values: dict[int, Floats] = {}
        self._left: tuple[Slots, Floats] | None = None

    def batch(self, slots: Slots) -> Floats:
        """Return the states of a batch, in the shape of the network's input."""
        return np.stack([self.get(slot) for slot in slots.tolist()], axis=self._axis)

    def leave(self, slots: Slots, values: Floats) -> None:
        """Take what a run left, until :meth:`commit`."""
        self._left = slots, values

    def commit(self) -> None:
        """Make what the last run left the slots' state."""
        if self._left:
            slots, values = self._left
            rows = np.moveaxis(values, self._axis, 0)
            self._values |= {slot: rows[i].copy() for i, slot in enumerate(slots.tolist())}
            self._left = None

    def get(self, slot: int) -> Floats:
        """Return a slot's state; zeros where nothing is known."""
        known = self._values.get(slot)
        return np.zeros(self._row, np.float32) if known is None else known  # type: ignore[arg-type]

    def set(self, slot: int, values: Floats | None) -> None:
        """Set a slot's state; None: nothing is known."""
        self._values.pop(slot, None)
        if values is not None:
            self._values[slot] = np.array(values, np.float32)


class DeviceStates:
    """States in a GPU's memory: a batch is gathered and scattered there, one strided copy a row each way."""

    def __init__(self, spec: TensorSpec, context: Context, stream: int) -> None:
        """Within the context."""
        self._context, self._stream, axis = context, stream, spec.batch_axis
        lengths = [n or 0 for n in spec.shape]
        self._row = (*lengths[:axis], *lengths[axis + 1 :])
        self._outer, self._inner = prod(lengths[:axis]), 4 * prod(lengths[axis + 1 :])
        self._blocks: list[int] = []
        self._left: tuple[Sequence[int], int] | None = None

    @property
    def size(self) -> int:
        """Bytes of one slot."""
        return self._outer * self._inner

    def gather(self, slots: Slots, target: int) -> None:
        """Put the states of a batch into the network's input at ``target``."""
        for row, slot in enumerate(slots.tolist()):
            self._copy(self._strided(target, row, len(slots)), self._whole(slot))

    def leave(self, slots: Slots, source: int) -> None:
        """Note where a run left the states of its batch, until :meth:`commit`."""
        self._left = slots.tolist(), source

    def commit(self) -> None:
        """Make what the last run left the slots' state.  Within the context."""
        if self._left:
            slots, source = self._left
            for row, slot in enumerate(slots):
                self._copy(self._whole(slot), self._strided(source, row, len(slots)))
            self._left = None

    def get(self, slot: int, staging: tuple[int, Floats]) -> Floats:
        """Return a copy of a slot's state, through page-locked memory.  Within the context."""
        address, view = staging
        self._context.download(address, self._at(slot), self.size, self._stream)
        self._context.wait(self._stream)
        return view[: self.size // 4].reshape(self._row).copy()

    def set(self, slot: int, values: Floats | None) -> None:
        """Set a slot's state; None: zeros.  Within the context."""
        if values is None:
            self._context.clear(self._at(slot), self.size, self._stream)
            return
        whole = np.ascontiguousarray(values, np.float32)
        self._context.upload(self._at(slot), whole.ctypes.data, self.size, self._stream)
        self._context.wait(self._stream)  # the values may go

    def free(self) -> None:
        """Give the memory back.  Within the context."""
        while self._blocks:
            self._context.free(self._blocks.pop())

    def _at(self, slot: int) -> int:
        while slot >= _BLOCK * len(self._blocks):
            self._blocks.append(self._context.allocate(_BLOCK * self.size))
            self._context.clear(self._blocks[-1], _BLOCK * self.size, self._stream)
        return self._blocks[slot // _BLOCK] + slot % _BLOCK * self.size

    def _whole(self, slot: int) -> Strided:
        return Strided(self._at(slot), self._inner)

    def _strided(self, batch: int, row: int, rows: int) -> Strided:
        """A row of a tensor whose batch axis may stand anywhere."""
        return Strided(batch + row * self._inner, rows * self._inner)

    def _copy(self, target: Strided, source: Strided) -> None:
        self._context.copy_strided(target, source, self._inner, self._outer, self._stream)

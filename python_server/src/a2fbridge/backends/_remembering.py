"""A network that remembers: rows whose inputs were seen before are not computed again.

Equal inputs and states have equal outputs, so what was computed once is known.  Who edits and looks in turn, as in a
studio, pays for what an edit changes and no more.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.backends._protocol import Backend, Slots, Tensors, check_feeds
from a2fbridge.packs import NetworkSpec

__all__: list[str] = []

Floats = NDArray[np.float32]
_KEY_BYTES: Final = 20
_BEGINNING: Final = b""
"""What stands for the state of a slot that has none yet."""


@dataclass(slots=True)
class _Row:
    """One row's outputs, and the state after it once the run was made good."""

    outputs: dict[str, Floats]
    state: Floats | None = None

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in self.outputs.values())


class RememberingBackend:
    """A backend before another one; not thread-safe, as that is not."""

    def __init__(self, backend: Backend, network: NetworkSpec, most_bytes: int) -> None:
        """Keeps outputs of at most ``most_bytes``, those used longest ago go first."""
        self._backend, self._network, self._most = backend, network, most_bytes
        self._axes = {tensor.name: tensor.batch_axis for tensor in (*network.inputs, *network.outputs)}
        self._rows: OrderedDict[bytes, _Row] = OrderedDict()
        self._bytes = 0
        self._states: dict[int, bytes] = {}
        """What stands for each slot's state: the row that left it, or the digest of its values."""
        self._last: list[tuple[int, bytes, _Row, bool]] = []
        """Of the last run with slots: slot, key, row, whether the other backend ran it."""
        self._lasting: dict[tuple[int, int], tuple[Floats, bytes]] = {}
        """Digests of rows of inputs that never change (see :meth:`Backend.run`), by place in memory."""

    @property
    def name(self) -> str:
        """The other backend's."""
        return self._backend.name

    @property
    def max_batch(self) -> int:
        """The other backend's."""
        return self._backend.max_batch

    def run(self, feeds: Tensors, slots: Slots | None = None) -> dict[str, Floats]:
        """As :meth:`Backend.run`; only rows that are new are run."""
        count = check_feeds(feeds, self._network, self.max_batch, slots)
        keys = [self._key(feeds, row, slots) for row in range(count)]
        known = {key: row for key in keys if (row := self._known(key, slots is not None))}
        new = [row for row, key in enumerate(keys) if key not in known]
        if new:
            known |= self._run(feeds, slots, new, keys)
        if slots is not None:
            ran = set(new)
            self._last = [
                (int(slot), key, known[key], row in ran)
                for row, (slot, key) in enumerate(zip(slots, keys, strict=True))
            ]
        return {
            name: np.stack([known[key].outputs[name] for key in keys], axis=self._axes[name])
            for name in known[keys[0]].outputs
        }

    def commit(self) -> None:
        """As :meth:`Backend.commit`."""
        if any(ran for *_, ran in self._last):
            self._backend.commit()
        for slot, key, row, ran in self._last:
            if ran:
                row.state = self._backend.state(slot)
            else:
                self._backend.set_state(slot, row.state)
            self._states[slot] = key

    def state(self, slot: int) -> Floats:
        """The other backend's."""
        return self._backend.state(slot)

    def set_state(self, slot: int, values: Floats | None) -> None:
        """As :meth:`Backend.set_state`."""
        self._states[slot] = _BEGINNING if values is None else _digest(values)
        self._backend.set_state(slot, values)

    def describe(self) -> dict[str, str | int]:
        """What the other backend says, and what is remembered."""
        return {**self._backend.describe(), "remembers_mib": self._most >> 20}

    def close(self) -> None:
        """Forget, and free the engine."""
        self._rows.clear()
        self._lasting.clear()
        self._last.clear()
        self._backend.close()

    def _known(self, key: bytes, with_state: bool) -> _Row | None:
        row = self._rows.get(key)
        if row is None or (with_state and row.state is None):
            return None
        self._rows.move_to_end(key)
        return row

    def _run(
        self, feeds: Tensors, slots: Slots | None, new: list[int], keys: list[bytes]
    ) -> dict[bytes, _Row]:
        """Run rows, and remember those that are finite; returns them all."""
        if len(new) == len(keys):
            results = self._backend.run(feeds, slots)
        else:
            some = {name: _taken(values, new, self._axes[name]) for name, values in feeds.items()}
            results = self._backend.run(some, None if slots is None else slots[new])
        made = {}
        for at, row in enumerate(new):
            outputs = {name: np.take(values, at, self._axes[name]) for name, values in results.items()}
            made[keys[row]] = _Row(outputs)
            if all(np.isfinite(part).all() for part in outputs.values()):
                self._keep(keys[row], made[keys[row]])
        return made

    def _keep(self, key: bytes, row: _Row) -> None:
        if before := self._rows.pop(key, None):
            self._bytes -= before.nbytes
        self._rows[key] = row
        self._bytes += row.nbytes
        while self._bytes > self._most:
            self._bytes -= self._rows.popitem(last=False)[1].nbytes

    def _key(self, feeds: Tensors, row: int, slots: Slots | None) -> bytes:
        digest = hashlib.blake2b(digest_size=_KEY_BYTES)
        for name in sorted(feeds):
            digest.update(self._digest(feeds[name], row, self._axes[name]))
        if slots is not None:
            digest.update(self._states.get(int(slots[row]), _BEGINNING))
        return digest.digest()

    def _digest(self, values: Floats, row: int, axis: int) -> bytes:
        part = values[(slice(None),) * axis + (row,)]
        if values.flags.writeable:
            return _digest(part)
        place = (part.__array_interface__["data"][0], part.nbytes)
        if place not in self._lasting:
            self._lasting[place] = part, _digest(part)  # kept, so that nothing else can come to lie there
        return self._lasting[place][1]


def _taken(values: Floats, rows: list[int], axis: int) -> Floats:
    """Return some rows; of a block that all rows share it is no copy."""
    if values.strides[axis] == 0:
        return values[(slice(None),) * axis + (slice(len(rows)),)]
    return np.take(values, rows, axis)


def _digest(values: Floats) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values).data, digest_size=_KEY_BYTES).digest()

"""A network that remembers: rows whose inputs were seen before are not computed again.

Backends are stateless (a recurrent network's state is an input), so that equal inputs have equal outputs.  Who
edits and looks in turn, as in a studio, pays for what an edit changes and no more.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.backends._protocol import Backend, Tensors, check_feeds
from a2fbridge.packs import NetworkSpec

__all__: list[str] = []

Floats = NDArray[np.float32]
_KEY_BYTES: Final = 20


class RememberingBackend:
    """A backend before another one; not thread-safe, as that is not."""

    def __init__(self, backend: Backend, network: NetworkSpec, most_bytes: int) -> None:
        """Keeps outputs of at most ``most_bytes``, those used longest ago go first."""
        self._backend, self._network, self._most = backend, network, most_bytes
        self._rows: OrderedDict[bytes, list[Floats]] = OrderedDict()
        self._bytes = 0
        self._lasting: dict[tuple[int, int], tuple[NDArray[np.float32], bytes]] = {}
        """Digests of rows of inputs that never change (see :meth:`Backend.run`), by place in memory."""

    @property
    def name(self) -> str:
        """The other backend's."""
        return self._backend.name

    @property
    def max_batch(self) -> int:
        """The other backend's."""
        return self._backend.max_batch

    def run(self, feeds: Tensors) -> dict[str, Floats]:
        """As :meth:`Backend.run`; only rows that are new are run."""
        count = check_feeds(feeds, self._network.inputs, self.max_batch)
        keys = [self._key(feeds, row) for row in range(count)]
        new = [row for row, key in enumerate(keys) if key not in self._rows]
        found = {key: self._rows[key] for key in keys if key in self._rows}
        for key in found:
            self._rows.move_to_end(key)
        if len(new) == count:
            results = self._backend.run(feeds)
            self._keep(keys, results)
            return results
        if new:
            some = {
                tensor.name: np.take(feeds[tensor.name], new, axis=tensor.batch_axis)
                for tensor in self._network.inputs
            }
            found |= self._keep([keys[row] for row in new], self._backend.run(some))
        return {
            tensor.name: np.stack([found[key][i] for key in keys], axis=tensor.batch_axis)
            for i, tensor in enumerate(self._network.outputs)
        }

    def describe(self) -> dict[str, str | int]:
        """What the other backend says, and what is remembered."""
        return {**self._backend.describe(), "remembers_mib": self._most >> 20}

    def close(self) -> None:
        """Forget, and free the engine."""
        self._rows.clear()
        self._lasting.clear()
        self._backend.close()

    def _key(self, feeds: Tensors, row: int) -> bytes:
        digest = hashlib.blake2b(digest_size=_KEY_BYTES)
        for tensor in self._network.inputs:
            digest.update(self._digest(feeds[tensor.name], row, tensor.batch_axis))
        return digest.digest()

    def _digest(self, values: Floats, row: int, axis: int) -> bytes:
        part = values[(slice(None),) * axis + (row,)]
        if values.flags.writeable:
            return _digest(part)
        place = (part.__array_interface__["data"][0], part.nbytes)
        if place not in self._lasting:
            self._lasting[place] = part, _digest(part)  # kept, so that nothing else can come to lie there
        return self._lasting[place][1]

    def _keep(self, keys: list[bytes], results: Tensors) -> dict[bytes, list[Floats]]:
        """Remember the rows of results; returns them."""
        made = {}
        for row, key in enumerate(keys):
            parts = [
                np.take(results[tensor.name], row, axis=tensor.batch_axis) for tensor in self._network.outputs
            ]
            made[key] = parts
            if key not in self._rows and all(np.isfinite(part).all() for part in parts):
                self._rows[key] = parts
                self._bytes += sum(part.nbytes for part in parts)
        while self._bytes > self._most:
            self._bytes -= sum(part.nbytes for part in self._rows.popitem(last=False)[1])
        return made


def _digest(values: Floats) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values).data, digest_size=_KEY_BYTES).digest()

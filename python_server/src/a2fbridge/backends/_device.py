"""A network's inputs and outputs in a GPU's memory, and what crosses the bus for a batch: as little as can be.

The rows that are ready are packed in page-locked memory and cross once.  An input that its caller keeps unchanged (the
constant noise of diffusion) crosses once for all runs, one row of it where all rows are alike.  State stays on the GPU.
Of an output only the part that anyone looks at comes back.  Engines differ; this is what they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from a2fbridge.backends._cuda import Context, Strided
from a2fbridge.backends._protocol import Tensors
from a2fbridge.backends._states import DeviceStates
from a2fbridge.packs import NetworkSpec, TensorSpec

__all__: list[str] = []

Floats = NDArray[np.float32]
Slots = NDArray[np.intp]


@dataclass(slots=True, eq=False)
class _Tensor:
    """One input or output: its place on the GPU and, once it is needed, its staging memory on the host."""

    spec: TensorSpec
    device: int
    most: int
    """Rows."""
    host: int = 0
    view: Floats | None = None
    kept: Floats | None = None
    """The unchanging array that the GPU holds now; holding it keeps its address from being used again."""

    def holds(self, value: Floats) -> bool:
        """Tell whether the GPU has these values: the same memory, no more rows than before."""
        kept = self.kept
        same = kept is not None and kept.ctypes.data == value.ctypes.data and kept.strides == value.strides
        return same and kept is not None and len(value) <= len(kept) and kept.shape[1:] == value.shape[1:]


class DeviceTensors:
    """Memory for batches of a network.  All but ``address`` within the context, in one stream."""

    def __init__(self, network: NetworkSpec, max_batch: int, context: Context, stream: int) -> None:
        self._network, self._context, self._stream = network, context, stream
        self._tensors = {
            spec.name: _Tensor(spec, context.allocate(4 * prod(spec.sized(max_batch))), max_batch)
            for spec in (*network.inputs, *network.outputs)
        }
        self._states = DeviceStates(network.state_input, context, stream) if network.state else None

    def address(self, name: str) -> int:
        """Where a tensor lies on the GPU."""
        return self._tensors[name].device

    @property
    def state_bytes(self) -> int:
        """Bytes of one stream's state."""
        return self._states.size if self._states else 0

    def traffic(self, rows: int) -> int:
        """Bytes of a batch, in and out."""
        return sum(4 * prod(t.spec.looked_at(rows)) for t in self._tensors.values())

    def stage(self, feeds: Tensors, slots: Slots | None) -> tuple[str, ...]:
        """Take the inputs of a batch; returns the names of those that :meth:`upload` must bring over each time."""
        changing = []
        for spec in self._network.inputs if slots is None else self._network.fed:
            tensor, value = self._tensors[spec.name], feeds[spec.name]
            if value.flags.writeable:
                tensor.kept = None
                self._staging(tensor)[: value.size].reshape(value.shape)[...] = value
                changing.append(spec.name)
            elif not tensor.holds(value):
                self._keep(tensor, value)
        if slots is not None and self._states and self._network.state:
            self._states.gather(slots, self.address(self._network.state[0]))
        return tuple(changing)

    def upload(self, names: Sequence[str], rows: int) -> None:
        """Bring staged inputs over."""
        for name in names:
            tensor = self._tensors[name]
            size = 4 * prod(tensor.spec.sized(rows))
            self._context.upload(tensor.device, tensor.host, size, self._stream)

    def download(self, rows: int, slots: Slots | None) -> None:
        """Bring back what anyone looks at of the outputs."""
        for spec in self._outputs(slots):
            tensor = self._tensors[spec.name]
            size = 4 * prod(spec.looked_at(rows))
            self._staging(tensor)
            if spec.wanted is None:
                self._context.download(tensor.host, tensor.device, size, self._stream)
                continue
            pitch, piece = 4 * prod(spec.sized(1)), size // rows
            first = tensor.device + spec.wanted[0] * 4 * prod(spec.shape[2:])  # type: ignore[arg-type]
            target, source = Strided(tensor.host, piece, host=True), Strided(first, pitch)
            self._context.copy_strided(target, source, piece, rows, self._stream)

    def results(self, rows: int, slots: Slots | None) -> dict[str, Floats]:
        """Return the outputs that were downloaded, views that hold until the next run; note the state."""
        if slots is not None and self._states and self._network.state:
            self._states.leave(slots, self.address(self._network.state[1]))
        shapes = {spec.name: spec.looked_at(rows) for spec in self._outputs(slots)}
        return {
            name: self._staging(self._tensors[name])[: prod(shape)].reshape(shape)
            for name, shape in shapes.items()
        }

    def commit(self) -> None:
        """Make what the last run left the state of its slots."""
        if self._states:
            self._states.commit()

    def state(self, slot: int) -> Floats:
        """Return a copy of a slot's state."""
        assert self._states
        address, view = self._context.pinned(self._states.size)
        try:
            return self._states.get(slot, (address, view))
        finally:
            self._context.free_pinned(address)

    def set_state(self, slot: int, values: Floats | None) -> None:
        """Set a slot's state."""
        if self._states:
            self._states.set(slot, values)

    def free(self) -> None:
        """Give all memory back."""
        for tensor in self._tensors.values():
            self._context.free(tensor.device)
            if tensor.host:
                tensor.view = None
                self._context.free_pinned(tensor.host)
        self._tensors.clear()
        if self._states:
            self._states.free()

    def _outputs(self, slots: Slots | None) -> tuple[TensorSpec, ...]:
        return self._network.outputs if slots is None else self._network.given

    def _staging(self, tensor: _Tensor) -> Floats:
        """Return a tensor's page-locked memory, for the largest batch, so that it never moves."""
        if tensor.view is None:
            size = 4 * prod(tensor.spec.looked_at(tensor.most))
            tensor.host, tensor.view = self._context.pinned(size)
        return tensor.view

    def _keep(self, tensor: _Tensor, value: Floats) -> None:
        """Bring over an input that does not change: straight from the caller's memory, equal rows once."""
        equal = value.strides[0] == 0
        rows = np.ascontiguousarray(value[:1] if equal else value)
        self._context.upload(tensor.device, rows.ctypes.data, rows.nbytes, self._stream)
        for row in range(1, len(value) if equal else 0):
            self._context.copy(tensor.device + row * rows.nbytes, tensor.device, rows.nbytes, self._stream)
        self._context.wait(self._stream)  # the caller's memory is read
        tensor.kept = value

"""Looks into an ONNX file without executing it and without the onnx package.

Walks the protobuf wire format of ``onnx.proto`` (field numbers below are its own) over a memory map: finds
every tensor in every graph, subgraph and function, and the declared inputs and outputs.  Nothing is copied
but names.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import fault, shorten
from a2fbridge.packs._folder import PackFolder

__all__: list[str] = []

_CHILDREN: Final[dict[tuple[str, int], str]] = {
    ("Model", 7): "Graph",
    ("Model", 20): "Training",
    ("Model", 25): "Function",
    ("Training", 1): "Graph",
    ("Training", 2): "Graph",
    ("Function", 7): "Node",
    ("Function", 11): "Attribute",
    ("Graph", 1): "Node",
    ("Graph", 5): "Tensor",
    ("Graph", 15): "Sparse",
    ("Node", 5): "Attribute",
    ("Attribute", 5): "Tensor",
    ("Attribute", 6): "Graph",
    ("Attribute", 10): "Tensor",
    ("Attribute", 11): "Graph",
    ("Attribute", 22): "Sparse",
    ("Attribute", 23): "Sparse",
    ("Sparse", 1): "Tensor",
    ("Sparse", 2): "Tensor",
}
"""Messages that may hold tensors: (message, field number) -> message in that field."""

_FLOATS: Final = {1: "<f4", 10: "<f2", 11: "<f8"}
"""TensorProto.data_type of floating point types."""

Dims = tuple[int | None, ...]
"""Lengths of a tensor's axes; None where the axis is dynamic."""


@dataclass(slots=True)
class NetworkFile:
    """What an ONNX file declares."""

    inputs: dict[str, tuple[int, Dims]] = field(default_factory=dict)
    """Name -> (TensorProto.data_type, lengths), initializers left out."""
    outputs: dict[str, tuple[int, Dims]] = field(default_factory=dict)
    opset: int = 0
    """Version of the standard operator set; 0 when the file names none."""


def inspect_network(folder: PackFolder, name: str) -> NetworkFile:
    """Check the tensors of an ONNX file and return what goes in and out; raises Fault.

    Refused: damaged files, weights that are not numbers, files of weights outside the pack folder, and nodes
    that stand for a foreign engine's compiled file.
    """
    with folder.open(name, name, "", limits.NETWORK_BYTES) as stream:
        try:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise fault(name, "", "an ONNX network", "the file is empty") from None
    with data:
        return _Walker(data, folder, name).walk()


class _Walker:
    def __init__(self, data: mmap.mmap, folder: PackFolder, name: str) -> None:
        self._data = data
        self._folder = folder
        self._name = name
        self._fields = 0
        self._initializers: set[str] = set()
        self._result = NetworkFile()
        self._graphs = 0

    def walk(self) -> NetworkFile:
        try:
            self._message("Model", 0, len(self._data), 0)
        except (IndexError, ValueError) as error:
            raise fault(self._name, "", "an ONNX network", f"damaged: {error}") from None
        if not self._graphs:
            raise fault(self._name, "", "an ONNX network", "the file holds no graph")
        for name in self._initializers & self._result.inputs.keys():
            del self._result.inputs[name]
        return self._result

    def _message(self, kind: str, start: int, end: int, depth: int) -> None:
        """Visit the fields of one message; the model's own graph is at depth 1."""
        if depth > limits.NETWORK_DEPTH:
            raise fault(self._name, "", f"graphs nested at most {limits.NETWORK_DEPTH} deep", "nested deeper")
        if kind == "Tensor":
            self._tensor(start, end)
            return
        for number, low, high in self._split(start, end):
            child = _CHILDREN.get((kind, number))
            if child:
                self._graphs += child == "Graph"
                self._message(child, low, high, depth + 1)
            if (kind, number) == ("Model", 8) and self._text(low, high, 1) in ("", "ai.onnx"):
                self._result.opset = next((v for n, v, _ in self._split(low, high) if n == 2), 0)
            if kind == "Graph" and depth == 1 and number in (5, 11, 12):
                self._declared(number, low, high)
            if (kind, number) == ("Node", 4) and self._data[low:high] == b"EPContext":
                raise fault(
                    self._name, "EPContext", "operators of ONNX", "a node that loads an engine's own file"
                )

    def _declared(self, number: int, start: int, end: int) -> None:
        """Note an initializer's name (5) or a ValueInfoProto among inputs (11) or outputs (12)."""
        if number == 5:
            self._initializers.add(self._text(start, end, 8))
            return
        kind, dims = 0, []
        for tensor in self._find(start, end, 2, 1):
            kind = next((low for n, low, _ in self._split(*tensor) if n == 1), 0)
            dims = [self._dim(*dim) for dim in self._find(*tensor, 2, 1)]
        target = self._result.inputs if number == 11 else self._result.outputs
        target[self._text(start, end, 1)] = (kind, tuple(dims))

    def _dim(self, start: int, end: int) -> int | None:
        return next((value for number, value, _ in self._split(start, end) if number == 1), None)

    def _tensor(self, start: int, end: int) -> None:
        kind, external, name = 0, False, self._text(start, end, 8)
        values: list[tuple[int, int]] = []
        entries: dict[str, str] = {}
        for number, low, high in self._split(start, end):
            if number == 2:
                kind = low
            elif number in (4, 9, 10):
                values.append((low, high))
            elif number == 13:
                external = True
                entry = self._text(low, high, 1)
                if entry in entries:
                    raise fault(
                        self._name, name, "each entry of external data once", f"{entry!r} stands twice"
                    )
                entries[entry] = self._text(low, high, 2)
            elif number == 14 and low == 1:
                external = True
        if external:
            self._external(name, kind, entries)
        elif kind in _FLOATS:
            for extent in values:
                self._check_numbers(name, _FLOATS[kind], self._data, *extent)

    def _external(self, tensor: str, kind: int, entries: dict[str, str]) -> None:
        """Check a tensor in a file of its own (TensorProto.external_data): contained, within its file, numbers."""
        key = f"external data of {tensor}"
        if "location" not in entries:
            raise fault(self._name, tensor, "the file of an external tensor", "none is named")
        with self._folder.open(entries["location"], self._name, key, limits.EXTERNAL_BYTES) as stream:
            size = stream.seek(0, 2)
            low = self._whole(entries.get("offset", "0"), key)
            high = low + self._whole(entries["length"], key) if "length" in entries else max(size, low)
            if high > size:
                raise fault(
                    self._name, key, f"at most the {size} bytes of {entries['location']}", f"ends at {high}"
                )
            if kind in _FLOATS and high > low:
                with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    self._check_numbers(tensor, _FLOATS[kind], data, low, high)

    def _whole(self, text: str, key: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise fault(self._name, key, "an offset and a length in bytes", shorten(text))
        return int(text)

    def _check_numbers(self, tensor: str, dtype: str, data: mmap.mmap, start: int, end: int) -> None:
        """Refuse NaN among weights (infinity is legal: attention masks use it)."""
        size = np.dtype(dtype).itemsize
        for low in range(start, end - size + 1, limits.MIB):
            count = min(end - low, limits.MIB) // size
            if np.isnan(np.frombuffer(data[low : low + count * size], dtype)).any():
                raise fault(self._name, tensor, "weights that are numbers", "the tensor holds NaN")

    def _text(self, start: int, end: int, wanted: int) -> str:
        """Return a string field of a message, empty if it is not there."""
        text = ""
        for number, low, high in self._split(start, end):
            if number == wanted:
                text = self._data[low : min(high, low + limits.NAME_BYTES)].decode("utf-8", "replace")
        return text

    def _find(self, start: int, end: int, *path: int) -> Iterator[tuple[int, int]]:
        """Yield the extent of every message at a path of field numbers."""
        for number, low, high in self._split(start, end):
            if number == path[0]:
                if len(path) == 1:
                    yield low, high
                else:
                    yield from self._find(low, high, *path[1:])

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield (number, start, end) of each field; a number that is no message gives (number, value, 0)."""
        data, varint = self._data, self._varint
        while start < end:
            self._fields += 1
            if self._fields > limits.NETWORK_FIELDS:
                raise fault(self._name, "", f"at most {limits.NETWORK_FIELDS} fields", "the network has more")
            tag = data[start]  # nearly every number has one byte: no call for those
            if tag < 0x80:
                start += 1
            else:
                tag, start = varint(start)
            number, wire = tag >> 3, tag & 7
            if wire == 0:
                value = data[start]
                if value < 0x80:
                    start += 1
                else:
                    value, start = varint(start)
                yield number, value, 0
                continue
            if wire == 2:
                length = data[start]
                if length < 0x80:
                    start += 1
                else:
                    length, start = varint(start)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise ValueError(f"wire type {wire} at byte {start}")
            if start + length > end:
                raise ValueError(f"cut short at byte {start}")
            yield number, start, start + length
            start += length

    def _varint(self, start: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._data[start]
            start += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, start
        raise ValueError(f"number too long at byte {start}")


def describe_dims(dims: Dims) -> str:
    """Return lengths as text: ``n x 1 x 8320``."""
    return " x ".join("n" if length is None else str(length) for length in dims) or "scalar"

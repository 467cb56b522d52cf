"""The SDK's own container of float arrays, which older packs use for ``model_data`` (spec: regression, section 1.5).

Little-endian: ``u32 count``, then per tensor ``u32 length, name, u32 floats, float32 ...``.  Sizes are checked against
the file before anything is allocated; arrays that nobody asks for are never read.
"""

from __future__ import annotations

import math
import struct
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import fault, shorten
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._npy import finite_floats

__all__: list[str] = []

_NAME_BYTES: Final = 256
_U32: Final = struct.Struct("<I")


class TensorFile:
    """A container opened and its list of tensors checked; a context manager with the face of ``Archive``."""

    def __init__(self, folder: PackFolder, name: str, source: str, key: str) -> None:
        """Raises Fault when the file is not a sound container."""
        self.file = name
        self._folder = folder
        self._stream = folder.open(name, source, key, limits.ARCHIVE_BYTES)
        try:
            self._places = self._index()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __contains__(self, array: str) -> bool:
        return array in self._places

    def floats(self, array: str, *shape: int) -> NDArray[np.float32]:
        """Return finite numbers as float32 [*shape]; -1 stands for one free length.  Raises Fault."""
        if array not in self._places:
            raise fault(self.file, array, "an array of that name", "is missing")
        start, count = self._places[array]
        fixed = math.prod(n for n in shape if n >= 0)
        fits = count == fixed if -1 not in shape else 0 < count <= limits.ROWS * fixed and count % fixed == 0
        if not fits:
            wanted = " x ".join("n" if n < 0 else str(n) for n in shape)
            raise fault(self.file, array, f"{wanted} numbers", f"has {count}")
        self._folder.spend(4 * count, self.file, array)
        self._stream.seek(start)
        values = np.empty(count, "<f4")
        if self._stream.readinto(values.view(np.uint8).data) != 4 * count:  # type: ignore[attr-defined]
            raise fault(self.file, array, "a sound container", "the file became shorter")
        return finite_floats(values.reshape(shape), self.file, array)

    def _index(self) -> dict[str, tuple[int, int]]:
        """Return where each tensor begins and how many floats it has."""
        size = self._stream.seek(0, 2)
        self._stream.seek(0)
        count = self._number(size)
        if count > limits.MEMBERS:
            raise fault(self.file, "", f"a container of at most {limits.MEMBERS} tensors", f"says {count}")
        places: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            name = self._name(size)
            floats = self._number(size)
            start = self._stream.tell()
            if start + 4 * floats > size:
                raise fault(
                    self.file, name, f"{4 * floats} bytes of numbers", f"the file ends after {size - start}"
                )
            if name in places:
                raise fault(self.file, name, "each tensor once", "the container holds it twice")
            places[name] = (start, floats)
            self._stream.seek(4 * floats, 1)
        if self._stream.tell() != size:
            raise fault(
                self.file, "", "nothing after the last tensor", f"{size - self._stream.tell()} bytes more"
            )
        return places

    def _name(self, size: int) -> str:
        length = self._number(size)
        if not 0 < length <= _NAME_BYTES:
            raise fault(self.file, "", f"names of 1 to {_NAME_BYTES} bytes", f"one of {length}")
        raw = self._stream.read(length)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise fault(self.file, "", "names in UTF-8", shorten(raw)) from None

    def _number(self, size: int) -> int:
        data = self._stream.read(4)
        if len(data) < 4:
            expected = "a container of float tensors (the SDK's), or an .npz archive"
            raise fault(self.file, "", expected, f"the file ends at byte {size}")
        return int(_U32.unpack(data)[0])

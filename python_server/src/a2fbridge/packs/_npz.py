"""Bounded reading of ``.npz`` archives: every size is known to be right before an array is allocated.

NumPy's own loader trusts the shape in a member's header and the sizes in the archive; this one believes
neither: the shape must be the one the pack needs, its byte size must equal the member's, and members that are
not asked for are never unpacked.  Nothing is ever unpickled.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Fault, Report, fault, shorten
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._npy import Header, finite_floats, read_header, read_kind, read_values

__all__: list[str] = []

_MEMBER: Final = re.compile(r"[^/\\:\0]+\.npy")
_END: Final = struct.Struct("<4s4H2LH")
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    struct.error,
)

FLOATS: Final = ("f4", "f8")
INTEGERS: Final = ("i4", "i8")
NAMES: Final = ("S", "U")


class Archive:
    """An ``.npz`` file of a pack, opened and its list of members checked; a context manager."""

    def __init__(self, folder: PackFolder, name: str, source: str, key: str, report: Report) -> None:
        """Raises Fault when the file is not a sound archive."""
        if not name.lower().endswith(".npz"):
            raise fault(source, key, "an .npz file", f"is {shorten(name)}")
        self.file = name
        self._folder = folder
        self._report = report
        self._spent = 0
        self._doubted = False
        self._axes: dict[str, int] = {}
        self._stream = folder.open(name, source, key, limits.ARCHIVE_BYTES)
        try:
            self._size = _check_end(self._stream, name)
            self._zip = zipfile.ZipFile(self._stream)
            self._members = self._index()
        except _BROKEN as error:
            self._stream.close()
            raise fault(name, "", "a sound .npz archive", f"damaged: {error}") from None
        except Fault:
            self._stream.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._stream.close()

    def __contains__(self, array: str) -> bool:
        return array in self._members

    def __iter__(self) -> Iterator[str]:
        """Names of the arrays, in file order."""
        return iter(self._members)

    def floats(self, array: str, *shape: int) -> NDArray[np.float32]:
        """Return finite numbers as float32 [*shape]; -1 stands for one free length.  Raises Fault."""
        return finite_floats(self._read(array, FLOATS, shape), self.file, array)

    def integers(self, array: str, *shape: int) -> NDArray[np.int64]:
        """Return whole numbers as int64 [*shape]; -1 stands for one free length.  Raises Fault."""
        return np.ascontiguousarray(self._read(array, INTEGERS, shape), dtype=np.int64)

    def dimensions(self, array: str) -> int:
        """Return the number of axes of an array that was read."""
        return self._axes[array]

    def numbers(self, array: str) -> NDArray[Any]:
        """Return numbers of any shape as they are, even when they are not finite.  Raises Fault."""
        return self._read(array, FLOATS + INTEGERS, None)

    def kind(self, array: str) -> str:
        """Return the letter of an array's type as its header gives it (``f``, ``i``, ``U``, ``S``, ``O`` for objects).

        Raises Fault when there is no such array.
        """
        info = self._members.get(array)
        if info is None:
            raise fault(self.file, array, "an array of that name", "is missing")
        try:
            with self._zip.open(info) as stream:
                return read_kind(stream)
        except _BROKEN as error:
            raise fault(self.file, array, "a sound member", f"damaged: {error}") from None

    def names(self, array: str, most: int) -> tuple[str, ...]:
        """Return an array of at most ``most`` different names.  Raises Fault."""
        raw = self._read(array, NAMES, (-1,), most)
        try:
            texts = [n.decode() if isinstance(n, bytes) else str(n) for n in raw.tolist()]
        except UnicodeDecodeError:
            raise fault(self.file, array, "names in UTF-8", "bytes that are not UTF-8") from None
        if len(set(texts)) != len(texts) or not all(texts):
            raise fault(self.file, array, "names that all differ, none empty", shorten(texts))
        return tuple(texts)

    def _index(self) -> dict[str, zipfile.ZipInfo]:
        """Return the members by array name; refuses what NumPy never writes."""
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = info.orig_filename
            if not _MEMBER.fullmatch(name):
                raise fault(
                    self.file, shorten(name), "members named NAME.npy", "the name has a path or another end"
                )
            if name[:-4] in members:
                raise fault(self.file, name[:-4], "each array once", "the archive holds it twice")
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise fault(
                    self.file, name[:-4], "a stored or deflated member", "encrypted or packed otherwise"
                )
            members[name[:-4]] = info
        if len(members) > limits.MEMBERS:
            raise fault(self.file, "", f"at most {limits.MEMBERS} arrays", f"{len(members)} arrays")
        return members

    def _read(
        self, array: str, kinds: tuple[str, ...], shape: tuple[int, ...] | None, most: int = limits.ROWS
    ) -> NDArray[Any]:
        info = self._members.get(array)
        if info is None:
            raise fault(self.file, array, "an array of that name", "is missing")
        try:
            self._doubt_packing(info, array)
            with self._zip.open(info) as stream:
                header = read_header(stream, info.file_size, self.file, array)
                self._check(header, array, kinds, shape, most)
                self._axes[array] = len(header.shape)
                self._spend(header.size, array)
                values = read_values(stream, header)
                return values if shape is None else values.reshape(_resolve(header, shape))
        except _BROKEN as error:
            raise fault(self.file, array, "a sound member", f"damaged: {error}") from None

    def _check(
        self, header: Header, array: str, kinds: tuple[str, ...], shape: tuple[int, ...] | None, most: int
    ) -> None:
        """Check type and number of values; warn of what NVIDIA's reader would misread."""
        kind = header.dtype.str[1:]
        if kind not in kinds and header.dtype.kind not in kinds:
            raise fault(self.file, array, f"type {' or '.join(kinds)}", f"has type {header.dtype.str}")
        if header.dtype.kind in "SU" and header.dtype.itemsize > limits.NAME_BYTES:
            raise fault(
                self.file, array, f"names of at most {limits.NAME_BYTES} bytes", f"has {header.dtype.str}"
            )
        if shape is not None and not _fits(header.shape, shape, most):
            wanted = " x ".join("n" if n < 0 else str(n) for n in shape)
            raise fault(
                self.file, array, f"shape {wanted}", f"has shape {' x '.join(map(str, header.shape))}"
            )
        if kind not in ("f4", "i4") and header.dtype.kind != "S":
            advice = {"f": "float32", "i": "int32", "U": "bytes (S)"}[header.dtype.kind]
            self._report.warning(
                self.file, array, f"{advice} for NVIDIA's reader", f"has type {header.dtype.str}"
            )
        if header.fortran and len(header.shape) > 1:
            self._report.warning(self.file, array, "C order for NVIDIA's reader", "is in Fortran order")

    def _doubt_packing(self, info: zipfile.ZipInfo, array: str) -> None:
        """Warn, once a file, of members whose size NVIDIA's reader takes from a header that does not say it."""
        if info.compress_type == zipfile.ZIP_DEFLATED and not self._doubted:
            self._doubted = True
            self._report.warning(
                self.file, array, "stored members (numpy.savez) for NVIDIA's reader", "is compressed"
            )

    def _spend(self, size: int, array: str) -> None:
        self._folder.spend(size, self.file, array)
        self._spent += size
        if self._spent > max(limits.INFLATION_FREE, limits.INFLATION * self._size):
            expected = f"arrays at most {limits.INFLATION} times the size of the archive"
            raise fault(self.file, array, expected, f"{self._size} bytes unpack to {self._spent}")


def _check_end(stream: BinaryIO, name: str) -> int:
    """Check the record that ends an archive and bounds its directory; return the file's size."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 42))
    tail = stream.read()
    if len(tail) < _END.size:
        raise fault(name, "", "a sound .npz archive", "the file is too short")
    magic, *_, directory, _offset, comment = _END.unpack(tail[-_END.size :])
    if magic != b"PK\5\6" or comment:
        raise fault(name, "", "a sound .npz archive", "is no zip archive, or cut short")
    if directory > limits.DIRECTORY_BYTES or tail[-42:-38] == b"PK\6\7":
        raise fault(name, "", f"at most {limits.MEMBERS} arrays", "the list of members is too long")
    return size


def _fits(found: tuple[int, ...], shape: tuple[int, ...], most: int) -> bool:
    """Return whether an array has as many values as ``shape`` asks for, its free length at most ``most``."""
    count, fixed = math.prod(found), math.prod(n for n in shape if n >= 0)
    return count == fixed if -1 not in shape else 0 < count <= most * fixed and count % fixed == 0


def _resolve(header: Header, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return ``shape`` with its free length filled in."""
    free = math.prod(header.shape) // math.prod(n for n in shape if n >= 0)
    return tuple(free if n < 0 else n for n in shape)

"""``.npy`` members: a strict header, and values read into memory of exactly their size."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import fault, shorten

__all__: list[str] = []

_ENTRY: Final = rb"\s*+'(\w++)'\s*+:\s*+('[^']*+'|True|False|\([\d,\s]*+\))\s*+,?"
_HEADER: Final = re.compile(rb"\{" + _ENTRY * 3 + rb"\s*+\}\s*+")
_DTYPE: Final = re.compile(rb"'(<[fi][48]|\|S[1-9]\d{0,4}|<U[1-9]\d{0,4})'")
_CHUNK: Final = limits.MIB


@dataclass(frozen=True, slots=True)
class Header:
    """What a ``.npy`` member says of itself."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(stream: IO[bytes], size: int, file: str, array: str) -> Header:
    """Read the header of a member of ``size`` bytes; its array must fill the rest of it.  Raises Fault."""
    start = stream.read(8)
    width = {b"\x93NUMPY\1\0": 2, b"\x93NUMPY\2\0": 4, b"\x93NUMPY\3\0": 4}.get(start)
    if width is None:
        raise fault(file, array, "a .npy member", f"begins with {shorten(start)}")
    length = int.from_bytes(stream.read(width), "little")
    if length > limits.HEADER_BYTES:
        raise fault(
            file, array, f"a header of at most {limits.HEADER_BYTES} bytes", f"header of {length} bytes"
        )
    header = _parse_header(stream.read(length), file, array)
    rest = size - 8 - width - length
    if header.size != rest:
        expected = f"{header.size} bytes for shape {header.shape} of {header.dtype.str}"
        raise fault(file, array, expected, f"the member holds {rest}")
    return header


def read_kind(stream: IO[bytes]) -> str:
    """Return the letter of the type that a member names, ``?`` when it names none; nothing else is looked at."""
    start = stream.read(limits.HEADER_BYTES)
    found = re.search(rb"'descr':\s*'[<>|=]?([a-zA-Z])", start)
    return found[1].decode() if found else "?"


def _parse_header(text: bytes, file: str, array: str) -> Header:
    match = _HEADER.fullmatch(text)
    groups = match.groups() if match else ()
    entries = dict(zip(groups[::2], groups[1::2], strict=True))
    descr, order, shape = (entries.get(key, b"") for key in (b"descr", b"fortran_order", b"shape"))
    if not descr.startswith(b"'") or order not in (b"True", b"False") or not shape.startswith(b"("):
        raise fault(file, array, "a header of descr, fortran_order and shape", shorten(text))
    if not _DTYPE.fullmatch(descr):
        raise fault(
            file, array, "type f4, f8, i4, i8, S or U, little-endian", f"has type {descr.decode('latin-1')}"
        )
    try:
        lengths = tuple(int(n) for n in shape.strip(b"()").split(b",") if n.strip())
    except ValueError:
        raise fault(file, array, "a shape of whole numbers", shorten(shape)) from None
    if len(lengths) > 4:
        raise fault(file, array, "at most 4 dimensions", f"has {len(lengths)}")
    return Header(np.dtype(descr[1:-1].decode()), lengths, order == b"True")


def read_values(stream: IO[bytes], header: Header) -> NDArray[Any]:
    """Unpack the array in chunks into memory of its own size; returns it in C order."""
    flat = np.empty(math.prod(header.shape), header.dtype)
    view = memoryview(flat.view(np.uint8).data) if flat.size else memoryview(b"")
    done = 0
    while done < len(view):
        chunk = stream.read(min(_CHUNK, len(view) - done))
        if not chunk:
            raise EOFError(f"ends after {done} of {len(view)} bytes")
        view[done : done + len(chunk)] = chunk
        done += len(chunk)
    if stream.read(1):
        raise ValueError("longer than it says")
    return np.ascontiguousarray(flat.reshape(header.shape, order="F" if header.fortran else "C"))


def finite_floats(raw: NDArray[Any], file: str, array: str) -> NDArray[np.float32]:
    """Return numbers as float32 in C order; raises Fault when one is not finite or does not fit."""
    if not np.isfinite(raw).all():
        place = int(np.flatnonzero(~np.isfinite(raw.ravel()))[0])
        raise fault(file, array, "finite numbers", f"value {place} is {raw.ravel()[place]}")
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(raw, dtype=np.float32)
    if raw.dtype != np.float32 and not np.isfinite(values).all():
        raise fault(file, array, "numbers that fit float32", "a value is too large")
    return values

"""NumPy files that belong to no pack, through the same guards: sizes are proved before memory is spent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._npy import read_header
from a2fbridge.packs._npz import Archive

__all__ = ["map_array", "open_archive"]


def open_archive(path: Path) -> Archive:
    """Open an ``.npz`` file, a context manager: iterate for the names, ``numbers(name)`` reads.  Raises Fault."""
    path = path.resolve()
    return Archive(PackFolder(path.parent, shipped=True), path.name, path.name, "", Report())


def map_array(path: Path) -> NDArray[Any]:
    """Return an ``.npy`` file of numbers, left on disk until it is looked at.  Raises Fault."""
    try:
        with path.open("rb") as stream:
            header = read_header(stream, path.stat().st_size, path.name, "")
            start = stream.tell()
    except OSError as error:
        raise fault(path.name, "", "a readable file", f"cannot be opened: {error.strerror}") from None
    if header.dtype.kind not in "fi":
        raise fault(path.name, "", "type f4, f8, i4 or i8", f"has type {header.dtype.str}")
    if not header.size:
        return np.empty(header.shape, header.dtype)
    return np.asanyarray(
        np.memmap(path, header.dtype, "r", start, header.shape, "F" if header.fortran else "C")
    )

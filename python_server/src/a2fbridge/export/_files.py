"""Reading files without trusting their size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from a2fbridge._errors import RecordingError

__all__ = ["MAX_NAMES", "MAX_TEXT", "read_bounded"]

MAX_TEXT: Final = 256 << 20
"""Bytes of a CSV or JSON file at most."""
MAX_NAMES: Final = 4096


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the file's bytes; raises RecordingError when it cannot be read or is larger than ``limit``."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise RecordingError(f"{path}: more than {limit >> 20} MiB", limit)
    return data

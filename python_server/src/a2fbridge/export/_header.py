"""The header of a recorded session."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final

from a2fbridge._errors import RecordingError
from a2fbridge.export._build import check_convention, check_names, check_rate
from a2fbridge.export._recording import MAGIC, MAX_RECORD, VERSION
from a2fbridge.shapes import Convention

__all__ = ["Header", "json_object", "read_header"]

_FIXED: Final = len(MAGIC) + 8


@dataclass(frozen=True, slots=True)
class Header:
    names: tuple[str, ...]
    convention: Convention
    frame_rate: Fraction
    sample_rate: int
    values: dict[str, Any]
    """The whole JSON object."""


def read_header(path: str | Path, file: BinaryIO, size: int) -> Header:
    """Read magic, version and header; raises RecordingError (byte offset) when any of it cannot be used."""
    fixed = file.read(_FIXED)
    if fixed[: len(MAGIC)] != MAGIC:
        raise RecordingError(f"{path}: byte 0: not a recorded session", 0)
    if len(fixed) < _FIXED:
        raise RecordingError(f"{path}: byte 8: the file ends within its header", len(MAGIC))
    version, _, length = struct.unpack("<HHI", fixed[len(MAGIC) :])
    if version != VERSION:
        raise RecordingError(f"{path}: byte 8: version {version}; this reader knows {VERSION}", len(MAGIC))
    if length > MAX_RECORD or _FIXED + length > size:
        raise RecordingError(f"{path}: byte 12: a header of {length} bytes does not fit the file", 12)
    values = json_object(file.read(length))
    if values is None:
        raise RecordingError(f"{path}: byte {_FIXED}: the header is not a JSON object", _FIXED)
    try:
        return _checked(f"{path}: byte {_FIXED}", values)
    except RecordingError as error:
        raise RecordingError(str(error), _FIXED) from None


def _checked(where: str, values: dict[str, Any]) -> Header:
    names, rate, sample_rate = (values.get(key) for key in ("names", "frame_rate", "sample_rate"))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RecordingError(f"{where}: names must be a list of text")
    check_names(where, names)
    if not isinstance(rate, list) or len(rate) != 2:
        raise RecordingError(f"{where}: frame_rate must be [numerator, denominator]")
    if not isinstance(sample_rate, int) or not 0 < sample_rate <= 768000:
        raise RecordingError(f"{where}: sample_rate {sample_rate!r} is out of range")
    convention = check_convention(where, values.get("convention"))
    return Header(tuple(names), convention, check_rate(where, *rate), sample_rate, values)


def json_object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object that the bytes are, or None."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

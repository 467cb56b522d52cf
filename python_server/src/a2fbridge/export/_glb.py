"""The container of a binary glTF 2.0 file: a JSON document and one block of binary data."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from a2fbridge._errors import RecordingError

__all__ = ["pack_glb", "unpack_glb"]

_HEADER: Final = struct.Struct("<4sII")
_CHUNK: Final = struct.Struct("<I4s")


def pack_glb(document: Mapping[str, object], blob: bytes) -> bytes:
    """Return the file of a document and its binary block, both padded to four bytes."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    data = blob + b"\0" * (-len(blob) % 4)
    total = _HEADER.size + 2 * _CHUNK.size + len(text) + len(data)
    return b"".join(
        (
            _HEADER.pack(b"glTF", 2, total),
            _CHUNK.pack(len(text), b"JSON"),
            text,
            _CHUNK.pack(len(data), b"BIN\0"),
            data,
        )
    )


def unpack_glb(content: bytes, path: str | Path) -> tuple[dict[str, Any], bytes]:
    """Return document and binary block; raises RecordingError, naming ``path``, for anything else."""
    try:
        magic, version, total = _HEADER.unpack_from(content)
        size, kind = _CHUNK.unpack_from(content, _HEADER.size)
        start = _HEADER.size + _CHUNK.size
        document = json.loads(content[start : start + size])
        length, block = _CHUNK.unpack_from(content, start + size)
    except (struct.error, ValueError) as error:
        raise RecordingError(f"{path}: not a binary glTF file ({error})") from None
    data = content[start + size + _CHUNK.size :][:length]
    good = (magic, version, kind, block) == (b"glTF", 2, b"JSON", b"BIN\0") and total == len(content)
    if not good or len(data) < length or not isinstance(document, dict):
        raise RecordingError(f"{path}: not a binary glTF 2.0 file of one JSON and one BIN block")
    return document, data

"""Work that is kept: files written whole, with records that say from what they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import atomic_file

__all__ = ["digest", "file_digest", "read_record", "save_array", "save_arrays", "write_json"]


def digest(value: object) -> str:
    """Return a hash of anything JSON can say."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(path: Path, key: str) -> dict[str, Any] | None:
    """Return a record if it was made from what ``key`` stands for."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value.get("key") == key else None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        file.write((json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def save_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        np.save(file, np.ascontiguousarray(values), allow_pickle=False)


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive as NVIDIA's reader needs it: stored, float32 or int32, C order.  Its bytes hold no date."""
    kinds = {"f": np.float32, "i": np.int32, "u": np.int32}
    typed = {k: np.ascontiguousarray(v, kinds.get(v.dtype.kind, v.dtype)) for k, v in arrays.items()}
    with atomic_file(path) as file:
        np.savez(file, allow_pickle=False, **typed)

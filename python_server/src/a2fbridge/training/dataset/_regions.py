"""Lists of vertices: lips and lids, which losses look at, and the rigid part of the tongue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.dataset._findings import stop
from a2fbridge.training.head import Head

__all__ = ["REGIONS", "head_regions", "index_list", "read_indices", "read_json", "read_regions"]

Ints = NDArray[np.int32]

REGIONS: Final = (
    "lip_upper",
    "lip_lower",
    "lip_size_upper_top",
    "lip_size_upper_bottom",
    "lip_size_lower_top",
    "lip_size_lower_bottom",
    "eye_upper",
    "eye_lower",
)
_BYTES: Final = 16 << 20


def read_regions(path: Path, vertices: int) -> dict[str, Ints]:
    """Read ``{"lip_upper": [vertex, ...], ...}``; partners must be of one length.  Raises Stop."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise stop(path, "is no JSON object", f"lists of vertices by name: {', '.join(REGIONS)}")
    unknown = [name for name in value if name not in REGIONS]
    if unknown:
        raise stop(path, "is no known region", f"one of {', '.join(REGIONS)}", place=str(unknown[0])[:80])
    found = {name: index_list(path, value[name], vertices, name) for name in REGIONS if name in value}
    for name in found:
        partner = _partner(name)
        if partner not in found or len(found[partner]) != len(found[name]):
            raise stop(path, f"has {len(found[name])} vertices", f"as many as {partner}", place=name)
    return found


def read_indices(path: Path) -> Ints:
    """Read a JSON list of vertices.  Raises Stop."""
    return index_list(path, read_json(path), -1, "")


def index_list(path: Path, value: Any, vertices: int, place: str) -> Ints:
    """Return vertices from 0 to ``vertices`` - 1 (-1: not known yet) as int32.  Raises Stop."""
    whole = (
        isinstance(value, list)
        and value
        and all(isinstance(v, int) and not isinstance(v, bool) for v in value)
    )
    if not whole or min(value) < 0 or max(value) >= (vertices if vertices >= 0 else 1 << 31):
        right = "a list of vertices from 0" + (f" to {vertices - 1}" if vertices >= 0 else "")
        raise stop(path, "is " + repr(value)[:80], right, place=place)
    return np.array(value, np.int32)


def read_json(path: Path) -> Any:
    """Read a JSON file of at most 16 MiB.  Raises Stop."""
    if path.stat().st_size > _BYTES:
        raise stop(path, f"has {path.stat().st_size} bytes", f"at most {_BYTES}")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise stop(path, f"is not JSON: {error}", "JSON") from None


def head_regions(head: Head) -> dict[str, Ints]:
    """Return the regions of our own head: five columns in the middle of the lips, one of each lid (left, right).

    Of each column the vertex where the lips (lids) meet, and for lip sizes the outermost one.
    """
    columns = np.arange(2, 7)
    upper, lower = head.lip_columns[:, :, columns]
    heights = head.skin_neutral[:, 1]
    meets_upper = upper[heights[upper].argmin(axis=0), np.arange(len(columns))]
    meets_lower = lower[heights[lower].argmax(axis=0), np.arange(len(columns))]
    lids = head.lid_columns[::-1, :, :, head.lid_columns.shape[-1] // 2]
    eye_upper, eye_lower = (lids[:, side] for side in (0, 1))
    picked = (
        meets_upper,
        meets_lower,
        upper[-1],
        meets_upper,
        meets_lower,
        lower[-1],
        eye_upper[np.arange(2), heights[eye_upper].argmin(axis=1)],
        eye_lower[np.arange(2), heights[eye_lower].argmax(axis=1)],
    )
    return {name: np.asarray(indices, np.int32) for name, indices in zip(REGIONS, picked, strict=True)}


def _partner(name: str) -> str:
    pairs = (("_upper", "_lower"), ("_top", "_bottom"))
    first, second = pairs[1] if "_size_" in name else pairs[0]
    return name.replace(first, second) if first in name else name.replace(second, first)

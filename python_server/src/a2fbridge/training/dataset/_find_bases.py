"""Skin and tongue bases from the poses that the takes kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import DatasetError
from a2fbridge.training._config import Progress
from a2fbridge.training.dataset._arrays import Bases
from a2fbridge.training.dataset._bases import Basis, pick_distinct, principal
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Dataset
from a2fbridge.training.dataset._store import digest, file_digest, read_record, save_arrays, write_json

__all__ = ["find_bases"]

Floats = NDArray[np.float32]

_MOST_POSES = 4096
"""Poses among which the distinct ones are looked for: their inner products take 128 MiB."""
_NO_TONGUE = (10, 520, 3)
"""Shape of the tongue's zeros when there is none (NVIDIA's default)."""
_ELSEWHERE = ("seed", "validation_share", "transform_scale")
"""Options that no basis depends on."""


def find_bases(
    dataset: Dataset,
    geometry: Geometry,
    config: PrepareConfig,
    out: Path,
    records: dict[str, dict[str, Any]],
    progress: Progress,
) -> tuple[Bases, str]:
    """Find skin and tongue bases, or read those kept from the same takes and options."""
    options = asdict(config)
    for name in _ELSEWHERE:
        del options[name]
    key = digest([options, {name: record["key"] for name, record in sorted(records.items())}])
    place, about = out / "work" / "bases.npz", out / "work" / "bases.json"
    if read_record(about, key) is None or not place.is_file():
        progress("looking for distinct poses", 0.5)
        skin = _skin_basis(dataset, geometry, config, out, progress)
        tongue = _tongue_basis(dataset, geometry, config, out)
        parts = {"skin": skin, "tongue": tongue}
        arrays = {
            f"{part}_{name}": getattr(basis, name)
            for part, basis in parts.items()
            for name in ("mean", "rows")
        }
        save_arrays(place, arrays)
        shares = {part: round(basis.explained, 7) for part, basis in parts.items()}
        write_json(about, {"key": key, "explained": shares, "arrays": file_digest(place)})
    record = read_record(about, key) or {}
    with np.load(place) as arrays:
        found = [
            Basis(arrays[f"{p}_mean"], arrays[f"{p}_rows"], record["explained"][p])
            for p in ("skin", "tongue")
        ]
    return Bases(*found), record["arrays"]


def _skin_basis(
    dataset: Dataset, geometry: Geometry, config: PrepareConfig, out: Path, progress: Progress
) -> Basis:
    poses = _poses(dataset, out, "skin")
    origin = geometry.skin.neutral.ravel() if geometry.skin else poses[0][0]
    products = _products(poses, np.asarray(origin, np.float64))

    def told(done: float) -> None:
        progress("distinct poses", 0.55 + 0.2 * done)

    chosen = pick_distinct(products, config.distinct_poses, config.distinct_variance, told)
    picked = _take_rows(poses, chosen)
    mean = np.asarray(origin if geometry.skin else picked.mean(axis=0, dtype=np.float64), np.float32)
    basis = principal(picked, mean, config.skin_variance, config.skin_components)
    if not len(basis.rows):
        raise DatasetError(f"{dataset.root}: the skin never moves; right is animation in the takes")
    return basis


def _tongue_basis(dataset: Dataset, geometry: Geometry, config: PrepareConfig, out: Path) -> Basis:
    poses = _poses(dataset, out, "tongue")
    mesh = geometry.tongue
    if poses:
        rows = np.concatenate([np.asarray(part) for part in poses])
        mean = mesh.neutral.ravel() if mesh else rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        basis = principal(rows, mean, config.tongue_variance, config.tongue_components)
        if len(basis.rows):
            return basis
    if mesh is not None and mesh.deltas is not None:
        whole = (mesh.neutral + mesh.deltas).reshape(len(mesh.deltas), -1)
        return principal(whole, mesh.neutral.ravel(), config.tongue_variance, config.tongue_components)
    count, vertices, _ = _NO_TONGUE
    mean = mesh.neutral.ravel() if mesh else np.zeros(3 * vertices, np.float32)
    return Basis(mean, np.zeros((count, len(mean)), np.float32), 0.0)


def _poses(dataset: Dataset, out: Path, part: str) -> list[Floats]:
    """Return the poses kept of each take [m, D], on disk; thinned evenly when they are too many."""
    files = [out / "work" / "poses" / f"{take.name}.{part}.npy" for take in dataset.takes]
    poses = [np.load(file, mmap_mode="r") for file in files if file.is_file()]
    step = -(-sum(map(len, poses)) // _MOST_POSES)
    return [rows[::step] for rows in poses] if step > 1 else poses


def _products(poses: list[Floats], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inner products [M, M] of all poses, seen from ``origin``."""
    counts = np.cumsum([0, *map(len, poses)])
    out = np.empty((counts[-1], counts[-1]))
    for i, first in enumerate(poses):
        left = first - origin
        for j in range(i + 1):
            block = left @ (left if i == j else poses[j] - origin).T
            out[counts[i] : counts[i + 1], counts[j] : counts[j + 1]] = block
            out[counts[j] : counts[j + 1], counts[i] : counts[i + 1]] = block.T
    return out


def _take_rows(poses: list[Floats], chosen: NDArray[np.int64]) -> Floats:
    counts = np.cumsum([0, *map(len, poses)])
    parts = [
        rows[chosen[(chosen >= a) & (chosen < b)] - a]
        for rows, a, b in zip(poses, counts, counts[1:], strict=False)
    ]
    return np.concatenate(parts)

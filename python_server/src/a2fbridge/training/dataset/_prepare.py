"""``train prepare``: a dataset becomes a prepared folder, take by take, and only what changed is done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from a2fbridge._errors import DatasetError
from a2fbridge.training._config import SAMPLE_RATE, Progress, silent
from a2fbridge.training.dataset._arrays import Bases, statistics, write_pack_arrays
from a2fbridge.training.dataset._bases import Basis, pick_distinct, principal
from a2fbridge.training.dataset._check_take import BLOCK, check_counts
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._findings import Finding, Findings
from a2fbridge.training.dataset._geometry import Geometry, load_geometry
from a2fbridge.training.dataset._layout import Dataset, Take, open_dataset, split_takes
from a2fbridge.training.dataset._motion import Surface, frame_rate, read_motion
from a2fbridge.training.dataset._store import (
    digest,
    file_digest,
    read_record,
    save_array,
    save_arrays,
    write_json,
)
from a2fbridge.training.dataset._structure import check_structure
from a2fbridge.training.dataset._take_work import do_take, take_key, tongue_rows

__all__ = ["prepare", "refuse"]

Floats = NDArray[np.float32]

_MOST_POSES = 4096
"""Poses among which the distinct ones are looked for: their inner products take 128 MiB."""
_NO_TONGUE = (10, 520, 3)
"""Shape of the tongue's zeros when there is none (NVIDIA's default)."""


def prepare(
    dataset_path: str | Path,
    out: str | Path,
    config: PrepareConfig | None = None,
    progress: Progress = silent,
) -> Path:
    """Turn a dataset into the prepared folder ``out`` (docs/dataset.md) and return it.

    Interrupted and started again it goes on where it was, and ends with the same bytes; takes whose files have not
    changed are not read again.  Raises DatasetError with every finding when something is wrong, ConfigError for a
    bad ``dataset.yaml``.
    """
    with threadpool_limits(1, "blas"):  # the same bytes on any number of cores
        return _prepare(dataset_path, out, config or PrepareConfig(), progress)


def _prepare(dataset_path: str | Path, out: str | Path, config: PrepareConfig, progress: Progress) -> Path:
    dataset, out = open_dataset(dataset_path), Path(out)
    findings = Findings(dataset.root)
    geometry = load_geometry(dataset, findings)
    check_structure(dataset, geometry, findings)
    fps = frame_rate(dataset)
    out.mkdir(parents=True, exist_ok=True)
    (out / "prepared.json").unlink(missing_ok=True)
    records, found = _all_takes(dataset, geometry, fps, config, out, findings, progress)
    refuse(dataset, found)
    _sweep(out, dataset)
    bases, basis_key = _find_bases(dataset, geometry, config, out, records, progress)
    for number, take in enumerate(dataset.takes):
        progress(f"{take.name}: coefficients", 0.75 + 0.23 * number / len(dataset.takes))
        _write_targets(dataset, geometry, take, fps, bases, basis_key, out, records[take.name]["key"])
    write_pack_arrays(out, geometry, bases)
    _write_summary(dataset, geometry, fps, config, out, records, bases, found)
    progress(f"{len(dataset.takes)} takes prepared in {out}", 1.0)
    return out


def refuse(dataset: Dataset, findings: Sequence[Finding]) -> None:
    """Raise DatasetError if there is an error among the findings, with all of them."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        shown = "\n".join(f"  {finding}" for finding in errors[:20])
        more = f"\n  and {len(errors) - 20} more" if len(errors) > 20 else ""
        ordered = sorted(findings, key=lambda finding: finding.severity)
        raise DatasetError(f"{dataset.root}: {len(errors)} errors\n{shown}{more}", ordered)


def _all_takes(
    dataset: Dataset,
    geometry: Geometry,
    fps: float,
    config: PrepareConfig,
    out: Path,
    findings: Findings,
    progress: Progress,
) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """Do the work of each take that is new or has changed; return the records and everything found."""
    records: dict[str, dict[str, Any]] = {}
    found, shape = list(findings.items), geometry.digest()
    for number, take in enumerate(dataset.takes):
        if not {"audio"} < take.files.keys() or not {"animation", "skin"} & take.files.keys():
            continue  # reported by the structure's check
        done = 0.5 * number / len(dataset.takes)
        key = _key(dataset, shape, take, fps, config, found)
        if key is None:
            continue
        place = out / "work" / "takes" / f"{take.name}.json"
        record = read_record(place, key)
        if record is None:
            progress(f"{take.name}: read and checked", done)
            found += do_take(dataset, geometry, take, fps, config, out, key)
            record = read_record(place, key)
        else:
            progress(f"{take.name}: unchanged", done)
            found += [Finding(**finding) for finding in record["findings"]]
        if record is not None:
            records[take.name] = record
    again = Findings(dataset.root)
    check_counts(dataset, {name: record["vertices"] for name, record in records.items()}, again)
    found += again.items
    return records, found


def _key(
    dataset: Dataset, geometry: str, take: Take, fps: float, config: PrepareConfig, found: list[Finding]
) -> str | None:
    """Return the take's key; an unreadable file is a finding."""
    findings = Findings(dataset.root, take.name)
    key = findings.attempt(take.files["audio"].path, take_key, dataset, geometry, take, fps, config)
    found += findings.items
    return key


def _sweep(out: Path, dataset: Dataset) -> None:
    """Remove what takes and voices that are gone have left."""
    names = {take.name for take in dataset.takes}
    voices = {voice for take in dataset.takes for voice in take.voices}
    for file in [
        *out.glob("targets/*"),
        *out.glob("audio/*.npy"),
        *out.glob("work/takes/*"),
        *out.glob("work/rig/*"),
    ]:
        if file.stem not in names:
            file.unlink()
    for file in [*out.glob("work/poses/*"), *out.glob("work/targets/*")]:
        if (
            file.name.removesuffix(".npy").removesuffix(".skin").removesuffix(".tongue").removesuffix(".json")
            not in names
        ):
            file.unlink()
    for file in out.glob("audio/*/*.npy"):
        if file.parent.name not in voices or file.stem not in names:
            file.unlink()


def _find_bases(
    dataset: Dataset,
    geometry: Geometry,
    config: PrepareConfig,
    out: Path,
    records: dict[str, dict[str, Any]],
    progress: Progress,
) -> tuple[Bases, str]:
    """Find skin and tongue bases, or read those kept from the same takes and options."""
    options = asdict(config)
    for name in ("seed", "validation_share", "transform_scale"):
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


def _write_targets(
    dataset: Dataset,
    geometry: Geometry,
    take: Take,
    fps: float,
    bases: Bases,
    basis_key: str,
    out: Path,
    key: str,
) -> None:
    """Write skin and tongue coefficients, jaw and eyes [N, S + T + J + 4] of a take."""
    place, record = out / "targets" / f"{take.name}.npy", out / "work" / "targets" / f"{take.name}.json"
    key = digest([key, basis_key])
    if read_record(record, key) is not None and place.is_file():
        return
    motion = read_motion(dataset, geometry, take, fps, Findings(dataset.root))
    if motion is None:
        raise DatasetError(
            f"{dataset.root}: the files of {take.name} changed while they were prepared; run again"
        )
    skin = _coefficients(motion.skin, bases.skin, motion.skin.rows)
    tongue = np.zeros((motion.frames, len(bases.tongue.rows)), np.float32)
    if (surface := motion.tongue) is not None:
        tongue = _coefficients(surface, bases.tongue, lambda a, b: tongue_rows(surface, geometry, a, b))
    rig = np.load(out / "work" / "rig" / f"{take.name}.npy")
    save_array(place, np.concatenate([skin, tongue, rig], axis=1).astype(np.float32))
    write_json(record, {"key": key})


def _coefficients(surface: Surface, basis: Basis, rows: Any) -> Floats:
    """Return c = (x - mean) . rows [N, K]."""
    blocks = []
    for start in range(0, surface.frames, BLOCK):
        points = rows(start, min(start + BLOCK, surface.frames))
        blocks.append(
            (points.reshape(len(points), -1) - basis.mean).astype(np.float64)
            @ basis.rows.T.astype(np.float64)
        )
    return np.concatenate(blocks).astype(np.float32)


def _write_summary(
    dataset: Dataset,
    geometry: Geometry,
    fps: float,
    config: PrepareConfig,
    out: Path,
    records: dict[str, dict[str, Any]],
    bases: Bases,
    found: list[Finding],
) -> None:
    splits = split_takes(dataset, config.validation_share, config.seed)
    takes = []
    for take in dataset.takes:
        record = records[take.name]
        takes.append(
            {
                "name": take.name,
                "frames": record["frames"],
                "emotion": take.emotion,
                "language": take.language,
                "split": splits[take.name],
                "norm_factor": record["norm_factor"],
                "voices": ["original", *record["voices"]],
                "voice_norm_factors": record["voices"],
                "audio_offset": record["audio_offset"],
                "lag_ms": record["lag_ms"],
                "lag_correlation": record["lag_correlation"],
            }
        )
    summary = {
        "format": 1,
        "name": dataset.name,
        "actor": dataset.actor,
        "fps": fps,
        "sample_rate": SAMPLE_RATE,
        "emotions": list(dataset.document.emotions),
        "shapes": {
            "skin": len(bases.skin.rows),
            "tongue": len(bases.tongue.rows),
            "jaw": geometry.jaw_neutral.size,
            "eyes": 4,
        },
        "vertices": {"skin": len(bases.skin.mean) // 3, "tongue": len(bases.tongue.mean) // 3},
        "explained": {"skin": bases.skin.explained, "tongue": bases.tongue.explained},
        "takes": takes,
        "statistics": statistics(geometry, bases, config.transform_scale),
        "dataset": digest(
            [geometry.digest(), {name: record["key"] for name, record in sorted(records.items())}]
        ),
        "options": asdict(config),
        "warnings": [str(finding) for finding in found if finding.severity == "warning"],
    }
    write_json(out / "prepared.json", summary)

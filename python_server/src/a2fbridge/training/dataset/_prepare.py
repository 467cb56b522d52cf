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
from a2fbridge.training.dataset._bases import Basis
from a2fbridge.training.dataset._check_take import check_counts
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._find_bases import find_bases
from a2fbridge.training.dataset._findings import Finding, Findings
from a2fbridge.training.dataset._geometry import Geometry, load_geometry
from a2fbridge.training.dataset._layout import Dataset, Take, open_dataset, split_takes
from a2fbridge.training.dataset._motion import BLOCK, Surface, frame_rate, read_motion
from a2fbridge.training.dataset._store import (
    digest,
    read_record,
    save_array,
    write_json,
)
from a2fbridge.training.dataset._structure import check_structure
from a2fbridge.training.dataset._take_work import do_take, take_key, tongue_rows

__all__ = ["prepare", "refuse"]

Floats = NDArray[np.float32]


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
    bases, basis_key = find_bases(dataset, geometry, config, out, records, progress)
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
    spoken = {(voice, take.name) for take in dataset.takes for voice in take.voices}
    kept = ("targets/*.npy", "audio/*.npy", "work/takes/*.json", "work/targets/*.json", "work/rig/*.npy")
    gone = [file for pattern in kept for file in out.glob(pattern) if file.stem not in names]
    gone += [
        f
        for f in out.glob("work/poses/*.npy")
        if f.stem.removesuffix(".skin").removesuffix(".tongue") not in names
    ]
    gone += [file for file in out.glob("audio/*/*.npy") if (file.parent.name, file.stem) not in spoken]
    for file in gone:
        file.unlink()


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

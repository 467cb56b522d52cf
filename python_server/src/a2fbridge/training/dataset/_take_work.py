"""The part of the preparation that needs one take alone: checks, sound, poses worth keeping, jaw and eyes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.dataset._alignment import align
from a2fbridge.training.dataset._bases import prune
from a2fbridge.training.dataset._check_take import check_take, read_take_sound, read_voices
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._findings import Finding, Findings
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Dataset, Take, data_file
from a2fbridge.training.dataset._motion import Motion, Surface, read_motion
from a2fbridge.training.dataset._rigid import stabilise
from a2fbridge.training.dataset._rigs import read_numbers
from a2fbridge.training.dataset._sound import norm_factor, shifted
from a2fbridge.training.dataset._store import digest, file_digest, save_array, write_json

__all__ = ["do_take", "take_key", "tongue_rows"]

Floats = NDArray[np.float32]

_VERSION: Final = 1
"""Of this code: work of another version is done again."""
_SKIN_VERTICES, _TONGUE_VERTICES = 24_002, 5_602
"""Of the meshes that NVIDIA's prune distances were chosen for (Claire)."""
_PRUNED_AT_ONCE = 1024


def take_key(dataset: Dataset, geometry: str, take: Take, fps: float, config: PrepareConfig) -> str:
    """Return a hash of all that decides a take's work: its files, labels that matter, geometry and options."""
    files: dict[str, Any] = {}
    for part, file in take.files.items():
        if file.array:
            files[part] = hashlib.sha256(read_numbers(file).tobytes()).hexdigest()
        else:
            data = data_file(file.path)
            described = [file_digest(file.path)] if data != file.path else []
            files[part] = [data.suffix.lower(), *described, file_digest(data) if data.is_file() else ""]
    voices = {voice: file_digest(path) for voice, path in take.voices.items()}
    document = dataset.document
    said = [
        document.units,
        document.convention,
        document.eye_order,
        document.jaw_values,
        document.length_tolerance,
    ]
    options = [
        config.prune_distance,
        config.prune_stride,
        config.tongue_prune_distance,
        config.audio_offset,
        config.correct_lag,
    ]
    return digest(
        [
            _VERSION,
            take.name,
            files,
            voices,
            geometry,
            fps,
            said,
            asdict(document.meshes),
            take.audio_offset,
            options,
        ]
    )


def do_take(
    dataset: Dataset, geometry: Geometry, take: Take, fps: float, config: PrepareConfig, out: Path, key: str
) -> list[Finding]:
    """Check a take and write its share into ``out``; nothing is written when there are errors."""
    findings = Findings(dataset.root, take.name)
    sound = read_take_sound(take, findings)
    motion = read_motion(dataset, geometry, take, fps, findings)
    if motion is not None:
        check_take(dataset, geometry, take, motion, sound, fps, findings)
    voices = read_voices(dataset, take, sound, findings)
    if findings.errors or motion is None or sound is None:
        return findings.items
    heard, ahead, lag = align(
        take, motion, geometry, sound.samples, fps, findings, config.audio_offset, config.correct_lag
    )
    save_array(out / "audio" / f"{take.name}.npy", heard)
    for voice, samples in voices.items():
        save_array(out / "audio" / voice / f"{take.name}.npy", shifted(samples, ahead, len(heard)))
    _save_poses(out, take, motion, geometry, config)
    save_array(out / "work" / "rig" / f"{take.name}.npy", np.concatenate([motion.jaw, motion.eyes], axis=1))
    record = {
        "key": key,
        "frames": motion.frames,
        "vertices": {"skin": motion.skin.vertices, "tongue": motion.tongue.vertices if motion.tongue else 0},
        "norm_factor": round(norm_factor(heard), 7),
        "voices": {voice: round(norm_factor(samples), 7) for voice, samples in sorted(voices.items())},
        "audio_offset": round(ahead, 7),
        "lag_ms": None if lag is None else round(1000 * lag[0], 1),
        "lag_correlation": None if lag is None else round(lag[1], 3),
        "findings": [asdict(finding) for finding in findings.items],
    }
    write_json(out / "work" / "takes" / f"{take.name}.json", record)
    return findings.items


def tongue_rows(surface: Surface, geometry: Geometry, first: int, last: int) -> Floats:
    """Return frames of the tongue [n, Vt, 3] without the motion that the jaw gives it."""
    rows = surface.rows(first, last)
    if surface.cache is None or geometry.tongue is None or geometry.tongue_rigid is None:
        return rows
    return stabilise(rows, geometry.tongue.neutral, geometry.tongue_rigid)


def _save_poses(out: Path, take: Take, motion: Motion, geometry: Geometry, config: PrepareConfig) -> None:
    """Keep the poses that differ, for the bases."""
    place = out / "work" / "poses"
    near = config.prune_distance * (motion.skin.vertices / _SKIN_VERTICES) ** 0.5
    save_array(place / f"{take.name}.skin.npy", _kept(motion.skin.rows, motion.frames, near, config))
    tongue = motion.tongue
    if tongue is None:
        (place / f"{take.name}.tongue.npy").unlink(missing_ok=True)
        return
    near = config.tongue_prune_distance * (tongue.vertices / _TONGUE_VERTICES) ** 0.5
    rows = partial(tongue_rows, tongue, geometry)
    save_array(place / f"{take.name}.tongue.npy", _kept(rows, motion.frames, near, config))


def _kept(rows: Callable[[int, int], Floats], frames: int, near: float, config: PrepareConfig) -> Floats:
    """Return the poses [m, D] that pruning leaves; long takes are pruned in pieces."""
    kept = []
    for start in range(0, frames, _PRUNED_AT_ONCE):
        block = rows(start, min(start + _PRUNED_AT_ONCE, frames))
        block = block.reshape(len(block), -1)
        kept.append(block[prune(block, near, config.prune_stride)])
    return np.concatenate(kept)

"""The part of the preparation that needs one take alone: checks, sound, poses worth keeping, jaw and eyes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._compose import lip_gap
from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training.dataset._bases import prune
from a2fbridge.training.dataset._check_take import BLOCK, check_take, read_take_sound
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._findings import Finding, Findings
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Dataset, Take
from a2fbridge.training.dataset._motion import Motion, Surface, read_motion
from a2fbridge.training.dataset._rigid import stabilise
from a2fbridge.training.dataset._rigs import read_numbers
from a2fbridge.training.dataset._sound import measure_lag, norm_factor, read_sound, shifted
from a2fbridge.training.dataset._store import digest, file_digest, save_array, write_json

__all__ = ["do_take", "take_key", "tongue_rows"]

Floats = NDArray[np.float32]

_VERSION: Final = 1
"""Of this code: work of another version is done again."""
_SKIN_VERTICES, _TONGUE_VERTICES = 24_002, 5_602
"""Of the meshes that NVIDIA's prune distances were chosen for (Claire)."""
_PRUNED_AT_ONCE = 2048
_LATE = 0.08
"""Seconds of lag from which a warning is due."""


def take_key(dataset: Dataset, geometry: str, take: Take, fps: float, config: PrepareConfig) -> str:
    """Return a hash of all that decides a take's work: its files, labels that matter, geometry and options."""
    files: dict[str, Any] = {}
    for part, file in take.files.items():
        if file.array:
            files[part] = hashlib.sha256(read_numbers(file).tobytes()).hexdigest()
        else:
            beside = file.path.with_suffix(".mc")
            data = [beside] if file.path.suffix.lower() == ".xml" and beside.is_file() else []
            files[part] = [file.path.suffix.lower(), *map(file_digest, (file.path, *data))]
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
    voices = {
        voice: found.samples
        for voice, path in take.voices.items()
        if (found := findings.attempt(path, read_sound, path)) is not None
    }
    if findings.errors or motion is None or sound is None:
        return findings.items
    ahead = take.audio_offset / fps + config.audio_offset
    length = round(motion.frames / fps * SAMPLE_RATE)
    heard = shifted(sound.samples, ahead, length)
    opening = _opening(motion, geometry)
    lag = measure_lag(heard, opening, fps) if opening is not None else None
    if lag is not None and config.correct_lag:
        ahead -= lag[0]
        heard = shifted(sound.samples, ahead, length)
    elif lag is not None and abs(lag[0]) > _LATE:
        late = f"the mouth follows the sound by {1000 * lag[0]:+.0f} ms (correlation {lag[1]:.2f})"
        findings.warning(
            take.files["audio"].path, late, f"within {1000 * _LATE:.0f} ms (audio_offset, correct_lag)"
        )
    save_array(out / "audio" / f"{take.name}.npy", heard)
    for voice, samples in voices.items():
        save_array(out / "audio" / voice / f"{take.name}.npy", shifted(samples, ahead, length))
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
    near = config.prune_distance * (motion.skin.vertices / _SKIN_VERTICES) ** 0.5
    kept = [
        block[prune(block, near, config.prune_stride)]
        for start in range(0, motion.frames, _PRUNED_AT_ONCE)
        for block in [_flat(motion.skin.rows(start, min(start + _PRUNED_AT_ONCE, motion.frames)))]
    ]
    save_array(out / "work" / "poses" / f"{take.name}.skin.npy", np.concatenate(kept))
    if motion.tongue is None:
        (out / "work" / "poses" / f"{take.name}.tongue.npy").unlink(missing_ok=True)
        return
    near = config.tongue_prune_distance * (motion.tongue.vertices / _TONGUE_VERTICES) ** 0.5
    kept = [
        block[prune(block, near, config.prune_stride)]
        for start in range(0, motion.frames, _PRUNED_AT_ONCE)
        for block in [
            _flat(tongue_rows(motion.tongue, geometry, start, min(start + _PRUNED_AT_ONCE, motion.frames)))
        ]
    ]
    save_array(out / "work" / "poses" / f"{take.name}.tongue.npy", np.concatenate(kept))


def _flat(rows: Floats) -> Floats:
    return rows.reshape(len(rows), -1)


def _opening(motion: Motion, geometry: Geometry) -> NDArray[np.float64] | None:
    """Return how far the mouth is open [N], in some unit; None when nothing says it."""
    if motion.weights is not None:
        return np.asarray(lip_gap(motion.weights), np.float64)
    upper, lower = (geometry.regions.get(name) for name in ("lip_upper", "lip_lower"))
    if upper is None or lower is None:
        return None
    blocks = []
    for start in range(0, motion.frames, BLOCK):
        heights = motion.skin.rows(start, min(start + BLOCK, motion.frames))[:, :, 1]
        blocks.append((heights[:, upper] - heights[:, lower]).mean(axis=1, dtype=np.float64))
    return np.concatenate(blocks)

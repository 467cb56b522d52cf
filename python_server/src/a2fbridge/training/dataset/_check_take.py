"""Everything that can be wrong within one take; nothing stops early."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training.dataset._findings import Findings
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Dataset, Take
from a2fbridge.training.dataset._motion import BLOCK, Motion, Surface
from a2fbridge.training.dataset._rigid import rigid_part
from a2fbridge.training.dataset._sound import Sound, read_sound

__all__ = ["check_counts", "check_take", "read_take_sound", "read_voices"]

Floats = NDArray[np.float32]

_SHORT, _LONG = 3.0, 30.0
"""Seconds of a shot that NVIDIA advises."""
_SILENT = 0.003
_SHIFT, _TURN = 0.3, 1.0
"""Centimetres and degrees by which a head may move and still count as static."""
_LOOKS = 24
"""Frames of a take that are looked at for motion of the head."""
_ASTRAY = 0.05
"""Share of the mesh's size by which vertices differ on average when they stand in another order."""


def read_take_sound(take: Take, findings: Findings) -> Sound | None:
    """Read the sound of a take and look at its level; None, with a finding, when it cannot be read."""
    path = take.files["audio"].path
    sound = findings.attempt(path, read_sound, path)
    if sound is None:
        return None
    if sound.rate < SAMPLE_RATE:
        findings.warning(path, f"has {sound.rate} Hz", f"{SAMPLE_RATE} Hz or more")
    peak = float(np.abs(sound.samples).max(initial=0.0))
    if peak < _SILENT:
        findings.error(path, f"is silent (peak {peak:.4f})", "speech")
    if sound.clipped > sound.rate // 1000:
        findings.warning(
            path, f"is clipped ({sound.clipped} samples at full scale)", "a recording with headroom"
        )
    return sound


def read_voices(dataset: Dataset, take: Take, sound: Sound | None, findings: Findings) -> dict[str, Floats]:
    """Read the take in other voices, which must last as long as the original."""
    voices: dict[str, Floats] = {}
    for voice, path in sorted(take.voices.items()):
        other = findings.attempt(path, read_sound, path)
        if other is None:
            continue
        voices[voice] = other.samples
        lengths = [len(s.samples) / SAMPLE_RATE for s in (other, sound or other)]
        if abs(lengths[0] - lengths[1]) > dataset.document.length_tolerance:
            right = f"{lengths[1]:.3f} s as the original voice"
            findings.error(path, f"is {lengths[0]:.3f} s long", right)
    return voices


def check_take(
    dataset: Dataset,
    geometry: Geometry,
    take: Take,
    motion: Motion,
    sound: Sound | None,
    fps: float,
    findings: Findings,
) -> None:
    """Check a take that could be read."""
    _check_length(dataset, take, motion, sound, fps, findings)
    for part, surface in (("skin", motion.skin), ("tongue", motion.tongue)):
        if surface is not None and surface.cache is not None:
            _check_points(part, surface, geometry, findings)
    for part, values, labels in (("jaw", motion.jaw, "xyz"), ("eyes", motion.eyes, "")):
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(bad):
            column = int(np.flatnonzero(~np.isfinite(values[bad[0]]))[0])
            place = f"key point {column // 3} {labels[column % 3]}" if labels else f"angle {column}"
            file = take.files[part].path if part in take.files else take.files["animation"].path
            findings.error(
                file,
                f"is {values[bad[0], column]} ({len(bad)} frames)",
                "a number",
                frame=int(bad[0]),
                place=place,
            )


def _check_length(
    dataset: Dataset, take: Take, motion: Motion, sound: Sound | None, fps: float, findings: Findings
) -> None:
    seconds = motion.frames / fps
    source = motion.skin.source or take.files["audio"].path
    if not _SHORT <= seconds <= _LONG:
        findings.warning(source, f"is {seconds:.2f} s long", f"a shot of {_SHORT:g} to {_LONG:g} s")
    if sound is None:
        return
    heard = len(sound.samples) / SAMPLE_RATE - take.audio_offset / fps
    tolerance = dataset.document.length_tolerance
    if abs(heard - seconds) > tolerance:
        findings.error(
            source,
            f"has {motion.frames} frames ({seconds:.3f} s), its sound {heard:.3f} s",
            f"{round(heard * fps)} frames (length_tolerance {tolerance:g} s)",
            frame=min(motion.frames, max(0, round(heard * fps))),
        )


def _check_points(part: str, surface: Surface, geometry: Geometry, findings: Findings) -> None:
    mesh = geometry.skin if part == "skin" else geometry.tongue
    bad_frames, first = 0, None
    for start in range(0, surface.frames, BLOCK):
        block = surface.rows(start, min(start + BLOCK, surface.frames))
        whole: NDArray[np.bool_] = np.asarray(np.isfinite(block).all(axis=2))
        if not whole.all():
            broken = np.flatnonzero(~whole.all(axis=1))
            bad_frames += len(broken)
            first = first or (start + int(broken[0]), int(np.flatnonzero(~whole[broken[0]])[0]))
    source = surface.source or part
    if first:
        found = f"is no number ({bad_frames} frames)"
        findings.error(source, found, "finite coordinates", frame=first[0], place=f"vertex {first[1]}")
        return
    beginning = surface.rows(0, 1)[0]
    if mesh is not None and not _in_order(part, beginning, mesh.neutral, findings, str(source)):
        return
    if part == "skin":
        _check_static(surface, mesh.neutral if mesh else beginning, findings)


def _in_order(part: str, points: Floats, neutral: Floats, findings: Findings, source: str) -> bool:
    """Tell by their distance from the neutral whether these are its vertices; if not, add why."""
    size = float(np.linalg.norm(np.ptp(neutral, axis=0)))
    away = np.linalg.norm(points - points.mean(axis=0) - (neutral - neutral.mean(axis=0)), axis=1)
    if away.mean() <= _ASTRAY * size:
        return True
    spans = np.ptp(points, axis=0) / np.maximum(np.ptp(neutral, axis=0), 1e-6)
    if spans.max() < 0.3:
        right = f"positions in the units of the {part}'s neutral"
        findings.error(source, "holds offsets, or another unit", right, frame=0)
    else:
        found = f"lies {away.mean():.2f} cm from the neutral on average"
        right = f"vertices in the order of the {part}'s neutral (or the same head)"
        findings.error(source, found, right, frame=0, place=f"vertex {int(away.argmax())}")
    return False


def check_counts(dataset: Dataset, vertices: Mapping[str, Mapping[str, int]], findings: Findings) -> None:
    """Find takes whose mesh is not that of the others; ``vertices``: take -> part -> count, 0 for none."""
    for part in ("skin", "tongue"):
        counts = {name: found[part] for name, found in vertices.items() if found[part]}
        first = next(iter(counts.values()), 0)
        for take in dataset.takes:
            if counts.get(take.name, first) != first:
                path = take.files[part].path
                findings.error(
                    path, f"has {counts[take.name]} vertices", f"{first} as the other takes", frame=0
                )


def _check_static(surface: Surface, neutral: Floats, findings: Findings) -> None:
    looked = np.unique(np.linspace(0, surface.frames - 1, min(_LOOKS, surface.frames)).round().astype(int))
    points = np.concatenate([surface.rows(k, k + 1) for k in looked.tolist()])
    shifts, angles = rigid_part(points, neutral)
    moved = np.flatnonzero((shifts > _SHIFT) | (angles > _TURN))
    if len(moved):
        worst = int(np.maximum(shifts / _SHIFT, angles / _TURN).argmax())
        found = f"moves as a whole (by {shifts[worst]:.2f} cm and {angles[worst]:.1f} degrees at frame {looked[worst]})"
        findings.error(
            str(surface.source), found, "a still head: stabilise the cache", frame=int(looked[moved[0]])
        )

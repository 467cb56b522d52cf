"""``train check``: everything that is wrong with a dataset, in one go."""

from __future__ import annotations

from pathlib import Path

from a2fbridge.training._config import Progress, silent
from a2fbridge.training.dataset._alignment import align
from a2fbridge.training.dataset._check_take import check_counts, check_take, read_take_sound, read_voices
from a2fbridge.training.dataset._findings import Finding, Findings
from a2fbridge.training.dataset._geometry import load_geometry
from a2fbridge.training.dataset._layout import open_dataset
from a2fbridge.training.dataset._motion import frame_rate, read_motion
from a2fbridge.training.dataset._structure import check_structure

__all__ = ["check_dataset"]


def check_dataset(path: str | Path, progress: Progress = silent) -> list[Finding]:
    """Return every finding, in the order of the takes; empty for a sound dataset.

    Raises ConfigError for a ``dataset.yaml`` that cannot be read, DatasetError when there is no dataset.
    """
    dataset = open_dataset(path)
    findings = Findings(dataset.root)
    geometry = load_geometry(dataset, findings)
    check_structure(dataset, geometry, findings)
    found = list(findings.items)
    fps = frame_rate(dataset)
    counts: dict[str, dict[str, int]] = {}
    for number, take in enumerate(dataset.takes):
        progress(take.name, number / len(dataset.takes))
        own = Findings(dataset.root, take.name)
        sound = read_take_sound(take, own) if "audio" in take.files else None
        read_voices(dataset, take, sound, own)
        if {"animation", "skin"} & take.files.keys():
            motion = read_motion(dataset, geometry, take, fps, own)
            if motion is not None:
                check_take(dataset, geometry, take, motion, sound, fps, own)
                if sound is not None and not own.errors:
                    align(take, motion, geometry, sound.samples, fps, own)
                tongue = motion.tongue.vertices if motion.tongue else 0
                counts[take.name] = {"skin": motion.skin.vertices, "tongue": tongue}
        found += own.items
    last = Findings(dataset.root)
    check_counts(dataset, counts, last)
    found += last.items
    return found

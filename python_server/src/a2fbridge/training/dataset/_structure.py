"""What is wrong with a dataset as a whole, before any take is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from a2fbridge._errors import nearest
from a2fbridge.training.dataset._document import NEUTRAL
from a2fbridge.training.dataset._findings import Findings
from a2fbridge.training.dataset._geometry import Geometry
from a2fbridge.training.dataset._layout import Dataset, Take, data_file
from a2fbridge.training.dataset._meshes import find_mesh
from a2fbridge.training.dataset._store import file_digest

__all__ = ["check_structure"]

_SHOTS: Final = 3
"""Shots of an emotion that NVIDIA advises at least."""


def check_structure(dataset: Dataset, geometry: Geometry, findings: Findings) -> None:
    """Find takes without a partner, stray files, doubtful labels, takes that are one recording, missing geometry."""
    for path, right in dataset.strays:
        findings.warning(path, "belongs to no take", right)
    _check_labels(dataset, findings)
    for take in dataset.takes:
        _check_files(dataset, take, findings)
    _check_twins(dataset, findings)
    _check_geometry(dataset, geometry, findings)


def _check_files(dataset: Dataset, take: Take, findings: Findings) -> None:
    parts = dataset.document.parts
    if not take.files:
        findings.error("dataset.yaml", "has no files", "the name of a take", place=f"takes.{take.name}")
        return
    own = next(iter(take.files.values())).path
    if "audio" not in take.files:
        findings.error(f"{parts.audio}/{take.name}.wav", "is missing", f"the sound of {own.name}")
    if not {"animation", "skin"} & take.files.keys():
        wanted = f"{parts.animation}/{take.name}.csv"
        findings.error(wanted, "is missing", f"an animation of {own.name} there, or a cache in {parts.skin}")
    for part in ("tongue", "jaw", "eyes"):
        used = any(part in other.files for other in dataset.takes)
        if used and part not in take.files and "animation" not in take.files and "skin" in take.files:
            findings.warning(
                f"{getattr(parts, part)}/{take.name}", "is missing; taken as zeros", "as the other takes"
            )
    voices = {voice for other in dataset.takes for voice in other.voices}
    for voice in sorted(voices - take.voices.keys()):
        findings.warning(
            f"{parts.audio}/aug/{voice}/{take.name}.wav", "is missing", "every take in every voice"
        )


def _check_labels(dataset: Dataset, findings: Findings) -> None:
    document = dataset.document
    names = {take.name for take in dataset.takes}
    for name in document.validation:
        if name not in names:
            findings.error(
                "dataset.yaml",
                f"there is no take '{name}'{nearest(name, names)}",
                "names of takes",
                place="validation",
            )
    counts = Counter(take.emotion for take in dataset.takes)
    for take in dataset.takes:
        if take.emotion != NEUTRAL and take.emotion not in document.emotions:
            right = f"neutral, or one of {', '.join(document.emotions)}"
            found = (
                f"emotion '{take.emotion}' is none of the dataset's{nearest(take.emotion, document.emotions)}"
            )
            findings.error("dataset.yaml", found, right, place=f"takes.{take.name}")
    for emotion, count in sorted(counts.items()):
        if count < _SHOTS:
            findings.warning(
                "dataset.yaml", f"has {count} takes", f"{_SHOTS} or more of each emotion", place=emotion
            )
    if len(dataset.takes) == 1:
        findings.warning("dataset.yaml", "has one take: nothing is left for validation", "several takes")


def _check_twins(dataset: Dataset, findings: Findings) -> None:
    """Find takes with the same sound or animation, by size first and then by content."""
    for part in ("audio", "skin", "animation"):
        by_size: dict[int, list[tuple[Take, Path]]] = {}
        for take in dataset.takes:
            if part in take.files and (path := data_file(take.files[part].path)).is_file():
                by_size.setdefault(path.stat().st_size, []).append((take, path))
        for group in by_size.values():
            seen: dict[str, Take] = {}
            for take, path in group if len(group) > 1 else ():
                first = seen.setdefault(file_digest(path), take)
                if first is not take:
                    findings.error(path, f"is the same as that of take {first.name}", "every take once")


def _check_geometry(dataset: Dataset, geometry: Geometry, findings: Findings) -> None:
    parts = dataset.document.parts
    cached = any("skin" in take.files for take in dataset.takes)
    if geometry.skin is None and cached and find_mesh(dataset.path("skin_geometry")) is None:
        found = "is missing; the mean of the poses stands for the neutral, and there will be no blend-shape solver"
        findings.warning(parts.skin_geometry, found, "the head at rest, with its shapes (OBJ, glTF, NPZ)")
    elif geometry.skin is not None and geometry.skin.deltas is None:
        missing = "has no shapes"
        if any("skin" not in take.files for take in dataset.takes):
            findings.error(parts.skin_geometry, missing, "shapes for the weights in " + parts.animation)
        else:
            findings.warning(
                parts.skin_geometry, missing + ": there will be no blend-shape solver", "ARKit's shapes"
            )
    if any("tongue" in take.files for take in dataset.takes):
        if geometry.tongue is None and find_mesh(dataset.path("tongue_geometry")) is None:
            findings.warning(
                parts.tongue_geometry, "is missing; the mean of the poses is used", "the tongue at rest"
            )
        elif geometry.tongue is not None and geometry.tongue_rigid is None:
            findings.warning(
                parts.tongue_rigid,
                "is missing: caches are taken as free of the jaw's motion",
                "4 vertices or more that never deform",
            )
    if any("jaw" in take.files for take in dataset.takes):
        spread = geometry.jaw_neutral - geometry.jaw_neutral.mean(axis=0)
        if np.linalg.matrix_rank(spread, tol=1e-4) < 2:
            findings.error(
                parts.jaw_neutral,
                "is missing, or its points lie on one line",
                "3 points or more on the jaw at rest",
            )
    if not geometry.regions:
        findings.warning(
            parts.regions,
            "is missing: losses on lips and lids are off, lag is not measured",
            "vertices of lips and lids",
        )

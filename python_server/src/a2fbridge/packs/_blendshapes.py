"""``bs_*.npz`` with its configuration: the poses of the solver."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import nearest
from a2fbridge.packs import _limits as limits
from a2fbridge.packs._findings import Report, fault
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import Fields, read_json
from a2fbridge.packs._model import BlendshapeSet
from a2fbridge.packs._npz import Archive
from a2fbridge.packs._parameters import read_solver_config

__all__: list[str] = []

_NEUTRAL_TOLERANCE = 1e-3
"""Centimetres by which the solver's neutral may differ from the model's."""


def read_blendshapes(
    folder: PackFolder, paths: Fields, mean: NDArray[np.float32] | None, vertices: int, report: Report
) -> BlendshapeSet:
    """Read one part (skin or tongue); ``mean`` [V, 3] is the model's neutral, if it could be read.

    Raises Fault.
    """
    data, config = paths.path("data"), paths.path("config")
    with Archive(folder, data, paths.file, "data", report) as archive:
        names = _read_names(archive, report)
        neutral = archive.floats("neutral", vertices, 3)
        deltas = _read_deltas(archive, folder, names, neutral, report)
        mask = _read_mask(archive, vertices, report)
    if mean is not None and np.abs(neutral - mean).max(initial=0.0) > _NEUTRAL_TOLERANCE:
        report.warning(
            data, "neutral", "the model's neutral pose", f"differs by {np.abs(neutral - mean).max():.3g} cm"
        )
    solver = read_solver_config(read_json(folder, config, paths.file, "config", report), len(names))
    return BlendshapeSet(names, neutral, deltas, mask, solver)


def _read_names(archive: Archive, report: Report) -> tuple[str, ...]:
    """Return the names of the poses without the neutral, which must stand first."""
    names = archive.names("poseNames", limits.POSES)
    if names[0] != "neutral":
        raise fault(archive.file, "poseNames", "'neutral' as first name", f"the first is '{names[0]}'")
    if len(names) < 2:
        raise fault(archive.file, "poseNames", "'neutral' and at least one pose", "there is no pose")
    for reserved in {"poseNames", "frontalMask"} & set(names):
        raise fault(archive.file, "poseNames", "names of poses", f"'{reserved}' is an array of its own")
    known = [shapes.camel_case(name) for name in shapes.FACE_NAMES]
    for name in names[1:]:
        if name not in known:
            report.warning(
                archive.file, "poseNames", f"ARKit or tongue shapes{nearest(name, known)}", f"has '{name}'"
            )
    return names[1:]


def _read_deltas(
    archive: Archive, folder: PackFolder, names: tuple[str, ...], neutral: NDArray[np.float32], report: Report
) -> NDArray[np.float32]:
    """Return the poses [K, V, 3] as offsets from the neutral."""
    missing = [name for name in names if name not in archive]
    if missing:
        raise fault(
            archive.file, missing[0], "an array for every pose", f"{len(missing)} of {len(names)} are missing"
        )
    folder.spend(len(names) * neutral.nbytes, archive.file, "poses")
    deltas = np.empty((len(names), *neutral.shape), np.float32)
    size = float(np.linalg.norm(neutral))
    for row, name in zip(deltas, names, strict=True):
        row[:] = archive.floats(name, *neutral.shape)
        if size > 0 and np.linalg.norm(row - neutral) < 0.25 * size:
            report.warning(archive.file, name, "an offset from the neutral", "looks like an absolute pose")
    return deltas


def _read_mask(archive: Archive, vertices: int, report: Report) -> NDArray[np.int32] | None:
    """Return the vertices that the solver looks at, or None for all."""
    if "frontalMask" not in archive:
        return None
    mask = archive.integers("frontalMask", -1).ravel()
    if mask.min() < 0 or mask.max() >= vertices:
        found = f"holds {mask.min() if mask.min() < 0 else mask.max()}"
        raise fault(archive.file, "frontalMask", f"vertex indices from 0 to {vertices - 1}", found)
    if len(np.unique(mask)) != len(mask):
        report.warning(archive.file, "frontalMask", "every vertex once", "some stand twice")
    return mask.astype(np.int32)

"""The face that a dataset moves: meshes at rest with their blend shapes, and what training knows of them.

What a dataset leaves out comes from our own head when its weights move that head, and is a documented default
(docs/dataset.md) otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge import shapes
from a2fbridge._errors import nearest
from a2fbridge.packs import map_array
from a2fbridge.training._gaze import saccades
from a2fbridge.training.dataset._document import CENTIMETRES
from a2fbridge.training.dataset._findings import Findings, stop
from a2fbridge.training.dataset._layout import Dataset
from a2fbridge.training.dataset._meshes import as_offset, find_mesh, read_mesh
from a2fbridge.training.dataset._regions import head_regions, read_indices, read_regions
from a2fbridge.training.head import Head, load_head

__all__ = ["BLINK", "Geometry", "Shapes", "load_geometry"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

BLINK: Final[Floats] = np.sin(np.linspace(0.0, np.pi, 10)).astype(np.float32) ** 2
"""[10] one blink at 30 frames per second: 0 open, 1 closed."""
_SACCADE_SEED: Final = 3
_ALONG: Final = 0.3
"""Share of jawOpen in a mouthClose that contains it, at least: 0.58 on our head, which has -0.42 without."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """A mesh at rest and how it deforms."""

    neutral: Floats
    """[V, 3]"""
    names: tuple[str, ...] = ()
    """PascalCase names of ``shapes.FACE_NAMES`` that there are shapes for, in the file's order."""
    deltas: Floats | None = None
    """[K, V, 3] in NVIDIA's convention; None without shapes."""
    mask: Ints | None = None
    """[M] vertices that a solver should look at."""


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """Everything about the face that does not change over time; centimetres, y up."""

    skin: Shapes | None
    """None when only caches show the skin, and no neutral is given."""
    tongue: Shapes | None
    lip_open: Floats | None
    eye_close: Floats | None
    """[V, 3] offsets; None: unknown."""
    jaw_neutral: Floats
    """[K, 3]; zeros [5, 3] when unknown."""
    tongue_rigid: Ints | None
    """Vertices of the tongue that never deform."""
    regions: Mapping[str, Ints]
    """Vertices of lips and lids by name (``_regions.REGIONS``)."""
    blink_keys: Floats
    saccades: Floats
    solvers: Mapping[str, dict[str, Any]]
    """Solver configurations by part, where the dataset brings them."""
    head: Head | None
    """Our own head, when the skin is its skin."""

    def digest(self) -> str:
        """Return a hash of all arrays."""
        found = hashlib.sha256()
        for value in _leaves(self):
            found.update(value)
        return found.hexdigest()


def load_geometry(dataset: Dataset, findings: Findings) -> Geometry:
    """Read the geometry of a dataset; what is wrong is added to ``findings`` and taken as missing."""
    document = dataset.document
    units = CENTIMETRES[document.units]
    skin_file, tongue_file = (find_mesh(dataset.path(f"{part}_geometry")) for part in ("skin", "tongue"))
    cached = any("skin" in take.files for take in dataset.takes)
    tongue_cached = any("tongue" in take.files for take in dataset.takes)
    head = load_head() if skin_file is None and not cached else None
    skin = _own_skin(head) if head else _shapes(dataset, "skin", skin_file, units, findings)
    tongue = _own_tongue(head) if head and tongue_file is None and not tongue_cached else None
    tongue = tongue or _shapes(dataset, "tongue", tongue_file, units, findings)

    def optional(part: str, *shape: int) -> Floats | None:
        path = dataset.path(part)
        return findings.attempt(path, _read_array, path, shape) if path.is_file() else None

    count = len(skin.neutral) if skin else -1
    offsets = {part: optional(part, count, 3) for part in ("lip_open", "eye_close")}
    jaw, blink, darts = (
        optional("jaw_neutral", -1, 3),
        optional("blink_keys", -1),
        optional("saccades", -1, 2),
    )
    rigid_file = dataset.path("tongue_rigid")
    rigid = findings.attempt(rigid_file, read_indices, rigid_file) if rigid_file.is_file() else None
    if rigid is not None and tongue is not None and (len(rigid) < 4 or rigid.max() >= len(tongue.neutral)):
        findings.error(
            rigid_file,
            f"has {len(rigid)} vertices up to {rigid.max()}",
            f"4 or more from 0 to {len(tongue.neutral) - 1}",
        )
        rigid = None
    regions_file = dataset.path("regions")
    regions = (
        findings.attempt(regions_file, read_regions, regions_file, count) if regions_file.is_file() else None
    )
    return Geometry(
        skin=skin,
        tongue=tongue,
        lip_open=_scaled(offsets["lip_open"], units, head.lip_open if head else None),
        eye_close=_scaled(offsets["eye_close"], units, head.eye_close if head else None),
        jaw_neutral=_jaw(jaw, units, head),
        tongue_rigid=rigid,
        regions=regions or (head_regions(head) if head else {}),
        blink_keys=BLINK if blink is None else blink,
        saccades=saccades(_SACCADE_SEED) if darts is None else darts,
        solvers=_solvers(dataset, {"skin": skin, "tongue": tongue}, findings),
        head=head,
    )


def _own_skin(head: Head) -> Shapes:
    return Shapes(head.skin_neutral, shapes.ARKIT_NAMES, head.skin_deltas, head.frontal_mask)


def _own_tongue(head: Head) -> Shapes:
    return Shapes(head.tongue_neutral, shapes.TONGUE_NAMES, head.tongue_deltas)


def _shapes(
    dataset: Dataset, part: str, file: Path | None, units: float, findings: Findings
) -> Shapes | None:
    """Read a mesh with its shapes and bring them into NVIDIA's convention."""
    if file is None:
        return None
    mesh = findings.attempt(
        file, read_mesh, file, getattr(dataset.document.meshes, f"{part}_geometry"), units
    )
    if mesh is None:
        return None
    known = {name.lower(): name for name in shapes.FACE_NAMES}
    deltas: dict[str, Floats] = {}
    for name, delta in mesh.deltas.items():
        if (right := known.get(name.replace("_", "").lower())) is None:
            findings.warning(
                file,
                "is no known shape" + nearest(name, shapes.FACE_NAMES),
                "ARKit's and tongue names",
                place=name,
            )
        elif right in deltas:
            findings.error(file, "appears twice", "every shape once", place=name)
        else:
            deltas[right] = as_offset(file, name, delta, mesh.neutral, findings)
    if {"MouthClose", "JawOpen"} <= deltas.keys():
        _doubt_shapes(file, dataset.document.shapes, deltas, findings)
        if dataset.document.shapes == "arkit":
            deltas["MouthClose"] = deltas["MouthClose"] + deltas["JawOpen"]
    return Shapes(mesh.neutral, tuple(deltas), np.stack(list(deltas.values())) if deltas else None, mesh.mask)


def _doubt_shapes(file: Path, said: str, deltas: Mapping[str, Floats], findings: Findings) -> None:
    """Find a MouthClose of the other convention: NVIDIA's goes along with JawOpen, Apple's against it."""
    opening, closing = deltas["JawOpen"].ravel(), deltas["MouthClose"].ravel()
    along = float(opening @ closing) / max(float(opening @ opening), 1e-12)
    if said == "arkit" and along > _ALONG:
        found, other = f"seems to contain jawOpen ({along:+.2f} of it)", "a2f"
    elif said == "a2f" and along < 0.0:
        found, other = f"seems not to contain jawOpen ({along:+.2f} of it)", "arkit"
    else:
        return
    findings.warning(file, found, f"'shapes: {other}' in dataset.yaml", place="mouthClose")


def _read_array(path: Path, shape: tuple[int, ...]) -> Floats:
    values = map_array(path)
    fits = values.ndim == len(shape) and all(n in (-1, m) for n, m in zip(shape, values.shape, strict=True))
    if not fits or not values.size or not np.isfinite(values).all():
        wanted = " x ".join("n" if n < 0 else str(n) for n in shape)
        found = " x ".join(map(str, values.shape))
        raise stop(
            path, f"has shape {found}" if not fits else "holds a value that is no number", f"finite {wanted}"
        )
    return np.array(values, np.float32)


def _scaled(values: Floats | None, units: float, default: Floats | None) -> Floats | None:
    return default if values is None else np.float32(units) * values


def _jaw(given: Floats | None, units: float, head: Head | None) -> Floats:
    if given is not None:
        return np.float32(units) * given
    return head.jaw_neutral if head else np.zeros((5, 3), np.float32)


def _solvers(
    dataset: Dataset, meshes: Mapping[str, Shapes | None], findings: Findings
) -> dict[str, dict[str, Any]]:
    """Read the solvers' settings; what is for other shapes is left out with a warning."""
    found = {}
    for part, mesh in meshes.items():
        path = dataset.path(f"{part}_solver")
        value = findings.attempt(path, _read_solver, path) if path.is_file() else None
        if value is None:
            continue
        count, poses = len(mesh.names) if mesh else 0, value["blendshape_params"].get("numPoses")
        if poses == count:
            found[part] = value
        else:
            text = f"is {poses!r}; our own head's settings are used"
            findings.warning(path, text, f"{count}, the shapes of {part}", place="numPoses")
    return found


def _read_solver(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes()[: 1 << 20])
    except ValueError as error:
        raise stop(path, f"is not JSON: {error}", "a solver configuration") from None
    if not isinstance(value, dict) or not isinstance(value.get("blendshape_params"), dict):
        raise stop(path, "has no blendshape_params", "a solver configuration (bs_skin_config.json)")
    return value


def _leaves(geometry: Geometry) -> list[bytes]:
    parts: list[Any] = [geometry.lip_open, geometry.eye_close, geometry.jaw_neutral, geometry.tongue_rigid]
    parts += [geometry.blink_keys, geometry.saccades]
    parts += [geometry.regions[name] for name in sorted(geometry.regions)]
    for mesh in (geometry.skin, geometry.tongue):
        parts += [mesh.neutral, mesh.deltas, mesh.mask] if mesh else [None]
        parts.append(np.array([name.encode() for name in (mesh.names if mesh else ())]))
    text = json.dumps(
        [sorted(geometry.regions), dict(geometry.solvers), geometry.head is not None], sort_keys=True
    )
    return [
        text.encode(),
        *(b"-" if part is None else np.ascontiguousarray(part).tobytes() for part in parts),
    ]

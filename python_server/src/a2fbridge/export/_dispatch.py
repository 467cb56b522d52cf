"""Choosing a format by the file's ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.animation import Animation
from a2fbridge.export._build import agreed_convention
from a2fbridge.export._csv import read_csv, write_csv
from a2fbridge.export._geometry import check_topologies, write_geometry_glb, write_geometry_usd
from a2fbridge.export._gltf import write_glb
from a2fbridge.export._html import write_html
from a2fbridge.export._json import read_json, write_json
from a2fbridge.export._livelink import is_livelink, read_livelink, write_livelink
from a2fbridge.export._npz import read_npz, write_npz
from a2fbridge.export._playback import read_recording
from a2fbridge.export._plot import write_plot
from a2fbridge.export._recording import write_recording
from a2fbridge.export._topology import Topology, read_topology
from a2fbridge.export._usd import write_usd
from a2fbridge.shapes import Convention

__all__ = ["FORMATS", "format_of", "read", "write"]

_WRITERS: Final[dict[str, Callable[[Animation, str | Path], None]]] = {
    "csv": write_csv,
    "json": write_json,
    "npz": write_npz,
    "a2frec": write_recording,
    "livelink": write_livelink,
    "png": write_plot,
    "glb": write_glb,
    "usd": write_usd,
    "usda": write_usd,
    "usdc": write_usd,
    "html": write_html,
}
_GEOMETRY: Final[dict[str, Callable[[Animation, str | Path, Sequence[Topology]], None]]] = {
    "glb": write_geometry_glb,
    "usd": write_geometry_usd,
    "usda": write_geometry_usd,
    "usdc": write_geometry_usd,
}
FORMATS: Final = tuple(_WRITERS)
_READABLE: Final = ("csv", "json", "npz", "a2frec")


def format_of(path: str | Path, format: str | None = None) -> str:
    """Return the format by name, or by the file's ending; raises ParameterError when neither is known."""
    if format is not None:
        if format in _WRITERS:
            return format
        raise ParameterError(
            f"no format '{format}'{nearest(format, FORMATS)}; right are {', '.join(FORMATS)}"
        )
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending in _WRITERS and ending != "livelink":
        return ending
    endings = ", ".join(f".{name}" for name in FORMATS if name != "livelink")
    shown = f"'.{ending}'" if ending else "no ending"
    raise ParameterError(
        f"'{path}' has {shown}, which names no format; right are {endings} (or format='livelink')"
    )


def write(
    animation: Animation,
    path: str | Path,
    format: str | None = None,
    *,
    topology: Sequence[str | Path] = (),
) -> None:
    """Write a clip in the format that the ending names, or in ``format`` (``livelink`` is a CSV as well).

    A clip with geometry goes into glTF and USD as its own meshes: points, or polygons where ``topology`` (OBJ files)
    has those of a mesh with as many vertices.

    The file is there whole or not at all.  Raises ParameterError for an unknown format, ConventionError when the
    format cannot hold the clip's convention, OSError when the file cannot be written.
    """
    kind = format_of(path, format)
    if not animation.names and (animation.skin is None or kind not in ("npz", *_GEOMETRY)):
        raise ParameterError(f"the clip has vertices and no weights; right are npz, {', '.join(_GEOMETRY)}")
    meshes = (animation.skin is not None) + (animation.tongue is not None)
    if kind in _GEOMETRY and meshes == 1:
        raise ParameterError(
            "a mesh cache holds skin and tongue, and this clip has one of them; .npz holds what there is"
        )
    cache = _GEOMETRY.get(kind) if meshes else None
    if topology and not cache:
        raise ParameterError(
            f"a topology is of use for clips with geometry, written to {', '.join(_GEOMETRY)}"
        )
    if cache:
        topologies = [read_topology(file) for file in topology]
        check_topologies(animation, topologies)
        cache(animation, path, topologies)
    else:
        _WRITERS[kind](animation, path)


def read(path: str | Path, *, convention: Convention | None = None) -> Animation:
    """Read a clip by the file's ending.

    ``convention`` is for files that do not say it (CSV, JSON of other programs); a file that says another is
    refused (ConventionError).  Raises RecordingError for a damaged file.
    """
    kind = format_of(path)
    if kind not in _READABLE:
        raise ParameterError(f"an animation cannot be read from '{path}'; right are {', '.join(_READABLE)}")
    if kind == "csv" and is_livelink(path):
        animation = read_livelink(path)
        agreed_convention(path, animation.convention, convention)
        return animation
    if kind == "csv":
        return read_csv(path, convention=convention)
    if kind == "json":
        return read_json(path, convention=convention)
    animation = read_npz(path) if kind == "npz" else read_recording(path, strict=True).animation
    agreed_convention(path, animation.convention, convention)
    return animation

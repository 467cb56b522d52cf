"""What the two kinds of face pack share: the geometry of an identity, its poses, and the network's tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.packs import _limits as limits
from a2fbridge.packs._blendshapes import read_blendshapes
from a2fbridge.packs._findings import Report
from a2fbridge.packs._folder import PackFolder
from a2fbridge.packs._json import Fields
from a2fbridge.packs._model import BlendshapeSet, Identity, NetworkInfo, NetworkSpec, TensorSpec
from a2fbridge.packs._npz import Archive
from a2fbridge.packs._onnx import Dims, describe_dims, inspect_network
from a2fbridge.packs._tensors import TensorFile

__all__: list[str] = []

NETWORK: Final = "network.onnx"
_FLOAT32: Final = 1
"""TensorProto.FLOAT"""
_SACCADE_ROWS: Final = 5000


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """``model_data*.npz``; shapes as in Identity."""

    skin_mean: NDArray[np.float32]
    lip_open: NDArray[np.float32]
    eye_close: NDArray[np.float32]
    tongue_mean: NDArray[np.float32]
    neutral_jaw: NDArray[np.float32]
    saccade: NDArray[np.float32]
    skin_basis: NDArray[np.float32] | None = None
    tongue_basis: NDArray[np.float32] | None = None


def open_model_data(
    folder: PackFolder, name: str, source: str, key: str, report: Report
) -> Archive | TensorFile:
    """Open the arrays of a model: an .npz archive, or by any other name NVIDIA's older container.  Raises Fault."""
    if name.lower().endswith(".npz"):
        return Archive(folder, name, source, key, report)
    return TensorFile(folder, name, source, key)


def read_geometry(data: Archive | TensorFile, info: NetworkInfo, neutral: str, report: Report) -> Geometry:
    """Read what every identity has; ``neutral`` is the spelling of the neutral poses.  Raises Fault."""
    skin, tongue = (info.skin_vertices, 3), (info.tongue_vertices, 3)
    geometry = Geometry(
        skin_mean=data.floats(f"{neutral}_skin", *skin),
        lip_open=data.floats("lip_open_pose_delta", *skin),
        eye_close=data.floats("eye_close_pose_delta", *skin),
        tongue_mean=data.floats(f"{neutral}_tongue", *tongue),
        neutral_jaw=data.floats("neutral_jaw", info.jaw_size // 3, 3),
        saccade=data.floats("saccade_rot_matrix", -1, 2),
    )
    _check_geometry(geometry, data.file, neutral, report)
    return geometry


def _check_geometry(geometry: Geometry, file: str, neutral: str, report: Report) -> None:
    height = np.ptp(geometry.skin_mean[:, 1])
    if height <= 0:
        report.error(file, f"{neutral}_skin", "a face with height along y", "all vertices have one height")
    spread = (
        geometry.neutral_jaw - geometry.neutral_jaw.mean(axis=0)
        if len(geometry.neutral_jaw)
        else np.zeros((1, 3))
    )
    if np.linalg.matrix_rank(spread, tol=1e-4) < 2:
        report.warning(
            file, "neutral_jaw", "3 points or more not on one line", "the jaw's rotation cannot be found"
        )
    if len(geometry.saccade) != _SACCADE_ROWS:
        found = f"has {len(geometry.saccade)}"
        report.warning(file, "saccade_rot_matrix", f"{_SACCADE_ROWS} rows, the range of the seed", found)


def make_identity(
    name: str,
    parameters: dict[str, float],
    geometry: Geometry,
    poses: tuple[BlendshapeSet | None, BlendshapeSet | None],
    implicit_emotion: NDArray[np.float32] | None = None,
) -> Identity:
    """Return the identity of parts that were read."""
    parts = {field: getattr(geometry, field) for field in Geometry.__slots__}
    implicit = np.empty(0, np.float32) if implicit_emotion is None else implicit_emotion
    return Identity(
        name=name,
        parameters=parameters,
        implicit_emotion=implicit,
        skin=poses[0],
        tongue=poses[1],
        **parts,
    )


def read_poses(
    folder: PackFolder,
    paths: Fields | None,
    part: str,
    vertices: int,
    geometry: Geometry | None,
    report: Report,
) -> BlendshapeSet | None:
    """Return the blend shapes of a part; a pack may leave out either, and both.  Raises Fault."""
    if paths is None or part not in paths:
        return None
    mean = getattr(geometry, f"{part}_mean", None)
    return read_blendshapes(folder, paths.child(part), mean, vertices, report)


def read_network(
    folder: PackFolder,
    card: Fields,
    inputs: Mapping[str, tuple[int | None, ...]],
    outputs: Mapping[str, tuple[int | None, ...]],
    report: Report,
) -> NetworkSpec:
    """Return the ONNX network, checked against the tensors that must go in and out.  Raises Fault."""
    name = card.path("networkPath")
    if not name.lower().endswith(".onnx"):
        # NVIDIA's card names the TensorRT engine, which is built from this file on the machine that runs it.
        name = NETWORK
    path: Path = folder.locate(name, card.file, "networkPath", limits.NETWORK_BYTES)
    network = inspect_network(folder, name)
    spec = NetworkSpec(
        folder.root.name,
        path,
        tuple(TensorSpec(key, shape) for key, shape in inputs.items()),
        tuple(TensorSpec(key, shape) for key, shape in outputs.items()),
    )
    _check_tensors(network.inputs, spec.inputs, name, "input", report)
    _check_tensors(network.outputs, spec.outputs, name, "output", report)
    return spec


def _check_tensors(
    found: dict[str, tuple[int, Dims]],
    wanted: tuple[TensorSpec, ...],
    file: str,
    kind: str,
    report: Report,
) -> None:
    names = sorted(tensor.name for tensor in wanted)
    for name in sorted(found.keys() - set(names)):
        report.error(file, name, f"{kind}s {', '.join(names)}", f"another {kind}")
    for tensor in wanted:
        if tensor.name not in found:
            report.error(file, tensor.name, f"{kind}s {', '.join(names)}", f"this {kind} is missing")
            continue
        element, dims = found[tensor.name]
        # A length that the file leaves open may fit; a batch may be fixed at one row.
        fits = len(dims) == len(tensor.shape) and all(
            n in (None, 1 if right is None else right) for n, right in zip(dims, tensor.shape, strict=True)
        )
        if element != _FLOAT32 or not fits:
            what = describe_dims(dims) + ("" if element == _FLOAT32 else f" of ONNX type {element}")
            report.error(file, tensor.name, f"float32 {describe_dims(tensor.shape)}", f"{kind} is {what}")

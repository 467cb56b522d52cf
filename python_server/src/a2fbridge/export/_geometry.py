"""The vertices of a clip as a cache for mesh deformation: USD time samples, or glTF morph targets.

A pack has vertices and no polygons: without a topology the meshes are points.  The tongue lies in the space of the
lower teeth, so it hangs below the jaw.  Centimetres, y up (glTF: metres).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._gltf import Appender
from a2fbridge.export._topology import Topology, find_topology
from a2fbridge.export._usd import pxr, set_stage

__all__ = ["check_topologies", "morph_targets", "write_geometry_glb", "write_geometry_usd"]

Floats = NDArray[np.float32]
_ROOT: Final = "/Face"
_EYES: Final = ("RightEye", "LeftEye")
_TOLERANCE: Final = 1e-3
"""Centimetres by which glTF's morph targets may miss a vertex."""
_MOST_FRAMES: Final = 4096
"""Frames of a glTF: the search for targets is quadratic in them."""


def check_topologies(animation: Animation, topologies: Sequence[Topology]) -> None:
    """Raise ParameterError for a topology that fits neither mesh of the clip."""
    assert animation.skin is not None
    assert animation.tongue is not None
    sizes = animation.skin.shape[1], animation.tongue.shape[1]
    for topology in topologies:
        if topology.vertices not in sizes:
            raise ParameterError(
                f"a topology of {topology.vertices} vertices; the clip's meshes have {sizes[0]} (skin) and "
                f"{sizes[1]} (tongue)"
            )


def write_geometry_usd(animation: Animation, path: str | Path, topologies: Sequence[Topology] = ()) -> None:
    """Write skin and tongue as meshes (or points) with a time sample a frame, jaw and eyes as transforms.

    Needs OpenUSD's Python package (ConfigError says how to install it).
    """
    Usd = pxr("Usd")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / f"stage{Path(path).suffix.lower()}"
        stage = Usd.Stage.CreateNew(str(scratch))
        set_stage(stage, animation)
        _fill(stage, animation, topologies)
        stage.GetRootLayer().Save()
        content = scratch.read_bytes()
    with atomic_file(path) as file:
        file.write(content)


def _fill(stage: Any, animation: Animation, topologies: Sequence[Topology]) -> None:
    UsdGeom, Gf = pxr("UsdGeom"), pxr("Gf")
    assert animation.skin is not None
    assert animation.tongue is not None
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, _ROOT).GetPrim())
    _mesh(stage, f"{_ROOT}/Skin", animation.skin, topologies)
    jaw = UsdGeom.Xform.Define(stage, f"{_ROOT}/Jaw")
    _mesh(stage, f"{_ROOT}/Jaw/Tongue", animation.tongue, topologies)
    if animation.jaw is not None:
        moves = jaw.AddTransformOp()
        for frame, matrix in enumerate(animation.jaw):  # USD's vectors are rows
            moves.Set(Gf.Matrix4d(matrix.T.astype(float).tolist()), float(frame))
    if animation.eyes is not None:
        for i, name in enumerate(_EYES):
            turns = UsdGeom.Xform.Define(stage, f"{_ROOT}/{name}").AddRotateXYZOp()
            for frame, angles in enumerate(animation.eyes[:, i]):
                turns.Set(Gf.Vec3f(*angles.tolist()), float(frame))


def _mesh(stage: Any, path: str, vertices: Floats, topologies: Sequence[Topology]) -> None:
    UsdGeom, Vt = pxr("UsdGeom"), pxr("Vt")
    topology = find_topology(vertices.shape[1], topologies)
    geometry = (UsdGeom.Mesh if topology else UsdGeom.Points).Define(stage, path)
    if topology:
        geometry.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(topology.counts))
        geometry.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(topology.indices))
        geometry.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    elif vertices.size:
        geometry.CreateWidthsAttr([0.1])
        geometry.SetWidthsInterpolation(UsdGeom.Tokens.constant)
    points, extent = geometry.CreatePointsAttr(), geometry.CreateExtentAttr()
    for frame, row in enumerate(vertices):
        points.Set(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(row)), float(frame))
        if len(row):
            extent.Set(Vt.Vec3fArray.FromNumpy(np.stack([row.min(0), row.max(0)])), float(frame))


def write_geometry_glb(animation: Animation, path: str | Path, topologies: Sequence[Topology] = ()) -> None:
    """Write skin and tongue with as few morph targets as give every vertex to 0.01 mm, jaw and eyes as nodes.

    Raises ParameterError for clips of more than 4096 frames.
    """
    if len(animation) > _MOST_FRAMES:
        raise ParameterError(
            f"{len(animation)} frames of vertices; glTF takes {_MOST_FRAMES} at most: write .usd, or shorter clips"
        )
    nodes: list[dict[str, Any]] = [
        {"name": "Face", "children": [1, 2, *([4, 5] if animation.eyes is not None else [])]},
        {"name": "Skin", "mesh": 0},
        {"name": "Jaw", "children": [3]},
        {"name": "Tongue", "mesh": 1},
        *({"name": name} for name in _EYES if animation.eyes is not None),
    ]
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "A2FBridge"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": [],
        "bufferViews": [],
        "accessors": [],
    }
    writer = Appender(document, b"")
    times = animation.time_codes.astype(np.float32)
    tracks: list[tuple[int, str, Floats]] = []
    for node, vertices in ((1, animation.skin), (3, animation.tongue)):
        assert vertices is not None
        weights = _morphing(writer, vertices, find_topology(vertices.shape[1], topologies))
        if weights.size:
            tracks.append((node, "weights", weights))
    tracks += _rigid_tracks(animation)
    if len(times):
        document["animations"] = [_channels(writer, times, tracks)]
    with atomic_file(path) as file:
        file.write(writer.packed())


def morph_targets(vertices: Floats, tolerance: float = _TOLERANCE) -> tuple[Floats, Floats, Floats]:
    """Return base [V, 3], targets [T, V, 3] and weights [N, T] that give vertices [N, V, 3] to ``tolerance``.

    The principal components of the clip about its first frame, as few as are needed.
    """
    if not len(vertices):
        return (
            np.zeros(vertices.shape[1:], np.float32),
            np.zeros((0, *vertices.shape[1:]), np.float32),
            np.zeros((0, 0), np.float32),
        )
    base = vertices[0]
    rest = (vertices - base).reshape(len(vertices), -1).astype(np.float64)
    targets, weights = [], []
    values, modes = np.linalg.eigh(rest @ rest.T)
    for mode in np.argsort(values)[::-1]:
        if np.abs(rest).max(initial=0.0) <= tolerance:
            break
        weight = modes[:, mode]
        target = weight @ rest
        rest = rest - weight[:, None] * target
        scale = max(float(np.abs(weight).max()), 1e-12)
        targets.append((target * scale).reshape(base.shape))
        weights.append(weight / scale)
    shape = (len(targets), *base.shape)
    return (
        base,
        np.array(targets, np.float32).reshape(shape),
        np.array(weights, np.float32).reshape(len(targets), len(vertices)).T,
    )


def _morphing(writer: Appender, vertices: Floats, topology: Topology | None) -> Floats:
    """Add a mesh; returns its weights [N, T]."""
    base, targets, weights = morph_targets(vertices)
    attributes = {"POSITION": writer.points(base / np.float32(100))}
    primitive: dict[str, Any] = {"attributes": attributes, "mode": 0}
    if topology:
        primitive |= {"mode": 4, "indices": writer.indices(topology.triangles())}
    primitive["targets"] = [{"POSITION": writer.points(target / np.float32(100))} for target in targets]
    mesh: dict[str, Any] = {"primitives": [primitive], "weights": [0.0] * len(targets)}
    if not len(targets):
        del primitive["targets"], mesh["weights"]
    writer.document["meshes"].append(mesh)
    return weights


def _rigid_tracks(animation: Animation) -> list[tuple[int, str, Floats]]:
    tracks: list[tuple[int, str, Floats]] = []
    if animation.jaw is not None:
        tracks.append((2, "rotation", _quaternions(animation.jaw[:, :3, :3].astype(np.float64))))
        tracks.append((2, "translation", animation.jaw[:, :3, 3] / np.float32(100)))
    if animation.eyes is not None:
        turned = [_from_angles(animation.eyes[:, i].astype(np.float64)) for i in range(2)]
        tracks += [(4 + i, "rotation", _quaternions(turned[i])) for i in range(2)]
    return tracks


def _channels(writer: Appender, times: Floats, tracks: Sequence[tuple[int, str, Floats]]) -> dict[str, Any]:
    clock = writer.accessor(times, min=[float(times[0])], max=[float(times[-1])])
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    for node, what, values in tracks:
        kinds = {"rotation": "VEC4", "translation": "VEC3", "weights": "SCALAR"}
        flat = values.ravel() if what == "weights" else values
        output = writer.accessor(flat, type=kinds[what])
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": what}})
        samplers.append({"input": clock, "output": output, "interpolation": "LINEAR"})
    return {"name": "speech", "samplers": samplers, "channels": channels}


def _from_angles(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rotations [N, 3, 3] of angles [N, 3] about x, then y, then z."""
    x, y, z = np.deg2rad(degrees).T
    zero, one = np.zeros_like(x), np.ones_like(x)

    def matrix(*rows: Any) -> NDArray[np.float64]:
        return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)

    about_x = matrix((one, zero, zero), (zero, np.cos(x), -np.sin(x)), (zero, np.sin(x), np.cos(x)))
    about_y = matrix((np.cos(y), zero, np.sin(y)), (zero, one, zero), (-np.sin(y), zero, np.cos(y)))
    about_z = matrix((np.cos(z), -np.sin(z), zero), (np.sin(z), np.cos(z), zero), (zero, zero, one))
    return about_z @ about_y @ about_x


def _quaternions(rotations: NDArray[np.float64]) -> Floats:
    """Return [N, 4] x, y, z, w of rotations [N, 3, 3], signs chosen so that neighbours are near.

    The eigenvector of the largest eigenvalue of Bar-Itzhack's matrix: well-conditioned for every angle.
    """
    r = rotations
    k = np.empty((len(r), 4, 4))
    k[:, 0] = np.stack(
        [
            r[:, 0, 0] - r[:, 1, 1] - r[:, 2, 2],
            r[:, 1, 0] + r[:, 0, 1],
            r[:, 2, 0] + r[:, 0, 2],
            r[:, 2, 1] - r[:, 1, 2],
        ],
        -1,
    )
    k[:, 1] = np.stack(
        [k[:, 0, 1], r[:, 1, 1] - r[:, 0, 0] - r[:, 2, 2], r[:, 2, 1] + r[:, 1, 2], r[:, 0, 2] - r[:, 2, 0]],
        -1,
    )
    k[:, 2] = np.stack(
        [k[:, 0, 2], k[:, 1, 2], r[:, 2, 2] - r[:, 0, 0] - r[:, 1, 1], r[:, 1, 0] - r[:, 0, 1]], -1
    )
    k[:, 3] = np.stack([k[:, 0, 3], k[:, 1, 3], k[:, 2, 3], r[:, 0, 0] + r[:, 1, 1] + r[:, 2, 2]], -1)
    quaternions = np.linalg.eigh(k)[1][:, :, 3]
    if len(quaternions):
        quaternions[0] *= 1.0 if quaternions[0, 3] >= 0 else -1.0
    for i in range(1, len(quaternions)):
        if quaternions[i] @ quaternions[i - 1] < 0:
            quaternions[i] *= -1.0
    return quaternions.astype(np.float32)

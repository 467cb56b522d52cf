"""The head that ships, animated, as OpenUSD: UsdSkel blend shapes with their weights over time."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConfigError
from a2fbridge.animation import Animation
from a2fbridge.export._apple import apple_weights
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._head_meshes import HeadMesh, head_meshes
from a2fbridge.shapes import FACE_NAMES, camel_case

__all__ = ["pxr", "set_stage", "write_usd"]

_ROOT: Final = "/Head"
_TOKENS: Final = tuple(camel_case(name) for name in FACE_NAMES)


def write_usd(animation: Animation, path: str | Path) -> None:
    """Write the head as a UsdSkel character whose blend-shape weights are the clip.

    ``.usda`` is text, ``.usdc`` and ``.usd`` are binary.  Centimetres, y up; a frame of the clip is a time code.
    Weights are in Apple's convention, as the head's shapes are; the sound is not in the file.  Needs OpenUSD's
    Python package (ConfigError says how to install it).  Raises ConventionError for a mapped clip.
    """
    weights = apple_weights(animation, "USD")
    Usd = pxr("Usd")
    kind = Path(path).suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / f"stage{kind}"
        stage = Usd.Stage.CreateNew(str(scratch))
        _fill(stage, animation, weights)
        stage.GetRootLayer().Save()
        content = scratch.read_bytes()
    with atomic_file(path) as file:
        file.write(content)


def pxr(module: str) -> Any:
    """Return a module of OpenUSD's Python package; raises ConfigError."""
    import importlib

    try:
        return importlib.import_module(f"pxr.{module}")
    except ImportError:
        raise ConfigError("USD needs OpenUSD's Python package: pip install 'a2fbridge[usd]'") from None


def set_stage(stage: Any, animation: Animation) -> None:
    """Say units, up axis and times: centimetres, y, a time code a frame."""
    UsdGeom = pxr("UsdGeom")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    stage.SetTimeCodesPerSecond(float(animation.frame_rate))
    stage.SetFramesPerSecond(float(animation.frame_rate))
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(max(0, len(animation) - 1))


def _fill(stage: Any, animation: Animation, weights: NDArray[np.float32]) -> None:
    UsdSkel = pxr("UsdSkel")
    set_stage(stage, animation)
    root = UsdSkel.Root.Define(stage, _ROOT)
    stage.SetDefaultPrim(root.GetPrim())
    skeleton = _skeleton(stage)
    speech = _speech(stage, weights)
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([speech.GetPath()])
    for mesh in head_meshes():
        _mesh(stage, mesh, skeleton)


def _skeleton(stage: Any) -> Any:
    Gf, UsdSkel = pxr("Gf"), pxr("UsdSkel")
    skeleton = UsdSkel.Skeleton.Define(stage, f"{_ROOT}/Skeleton")
    skeleton.CreateJointsAttr(["head"])
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1)])
    skeleton.CreateRestTransformsAttr([Gf.Matrix4d(1)])
    return skeleton


def _speech(stage: Any, weights: NDArray[np.float32]) -> Any:
    UsdSkel, Vt = pxr("UsdSkel"), pxr("Vt")
    speech = UsdSkel.Animation.Define(stage, f"{_ROOT}/Skeleton/speech")
    speech.CreateBlendShapesAttr(list(_TOKENS))
    values = speech.CreateBlendShapeWeightsAttr()
    for frame, row in enumerate(weights):
        values.Set(Vt.FloatArray.FromNumpy(np.ascontiguousarray(row)), float(frame))
    return speech


def _mesh(stage: Any, mesh: HeadMesh, skeleton: Any) -> None:
    UsdGeom, UsdSkel, Vt = pxr("UsdGeom"), pxr("UsdSkel"), pxr("Vt")
    geometry = UsdGeom.Mesh.Define(stage, f"{_ROOT}/{mesh.name}")
    geometry.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(mesh.points))
    geometry.CreateFaceVertexCountsAttr([3] * len(mesh.faces))
    geometry.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(mesh.faces.ravel()))
    geometry.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    geometry.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.normals)))
    geometry.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    geometry.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([mesh.points.min(0), mesh.points.max(0)])))
    colours = geometry.CreateDisplayColorPrimvar(UsdGeom.Tokens.vertex)
    colours.Set(Vt.Vec3fArray.FromNumpy(mesh.colours))
    binding = UsdSkel.BindingAPI.Apply(geometry.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    binding.CreateJointIndicesPrimvar(True, 1).Set([0])
    binding.CreateJointWeightsPrimvar(True, 1).Set([1.0])
    if mesh.targets:
        paths = [_blend_shape(stage, mesh.name, *item) for item in mesh.targets.items()]
        binding.CreateBlendShapesAttr(list(mesh.targets))
        binding.CreateBlendShapeTargetsRel().SetTargets(paths)


def _blend_shape(
    stage: Any, mesh: str, name: str, moved: tuple[NDArray[np.int32], NDArray[np.float32]]
) -> Any:
    UsdSkel, Vt = pxr("UsdSkel"), pxr("Vt")
    shape = UsdSkel.BlendShape.Define(stage, f"{_ROOT}/{mesh}/{name}")
    indices, offsets = moved
    shape.CreateOffsetsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(offsets)))
    shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(indices)))
    return shape.GetPath()

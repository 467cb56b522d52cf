"""OpenUSD point caches: a mesh whose points have time samples, read through usd-core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import pxr
from a2fbridge.training.dataset._findings import stop

__all__ = ["read_usd"]


def read_usd(path: Path, mesh: str) -> tuple[NDArray[np.float32], float]:
    """Return the points [N, V, 3] of one mesh in centimetres, y up, and the frame rate.

    ``mesh`` is a prim's name or path; empty: there must be one with time samples.  Transforms above the mesh are
    applied.  Raises Stop, and ConfigError when usd-core is missing.
    """
    Usd, Tf = pxr("Usd"), pxr("Tf")
    try:
        return _points(path, Usd.Stage.Open(str(path), Usd.Stage.LoadNone), mesh)
    except UnicodeDecodeError as error:
        raise stop(path, f"holds a name that is no text ({error})", "a USD stage") from None
    except Tf.ErrorException as error:
        raise stop(path, f"cannot be opened{_reason(error)}", "a USD stage") from None


def _reason(error: Exception) -> str:
    """Return the last line of what USD says, if it is text: it quotes the file."""
    try:
        return ": " + str(error).strip().splitlines()[-1][:200]
    except (UnicodeDecodeError, IndexError):
        return ""


def _points(path: Path, stage: Any, mesh: str) -> tuple[NDArray[np.float32], float]:
    UsdGeom = pxr("UsdGeom")
    prim = _choose(path, stage, UsdGeom, mesh)
    points = UsdGeom.PointBased(prim).GetPointsAttr()
    times = np.array(points.GetTimeSamples())
    steps = np.diff(times)
    step = float(steps[0]) if len(steps) else 1.0
    uneven = np.flatnonzero(np.abs(steps - step) > 1e-3 * step)
    if len(uneven):
        frame = int(uneven[0]) + 1
        raise stop(
            path, f"comes {steps[frame - 1]:g} time codes after the one before", f"{step:g}", frame=frame
        )
    frames = [_frame(path, UsdGeom, prim, points, time, number) for number, time in enumerate(times.tolist())]
    for number, frame_points in enumerate(frames):
        if len(frame_points) != len(frames[0]):
            found, right = len(frame_points), len(frames[0])
            raise stop(path, f"has {found} vertices", f"{right} as in frame 0", frame=number)
    out = np.stack(frames) * np.float32(100.0 * UsdGeom.GetStageMetersPerUnit(stage))
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        out = np.stack([out[..., 0], out[..., 2], -out[..., 1]], axis=-1)
    return out, float(stage.GetTimeCodesPerSecond()) / step


def _choose(path: Path, stage: Any, UsdGeom: Any, mesh: str) -> Any:
    moving = [
        prim
        for prim in stage.Traverse()
        if prim.IsA(UsdGeom.PointBased) and UsdGeom.PointBased(prim).GetPointsAttr().GetNumTimeSamples()
    ]
    chosen = [prim for prim in moving if mesh in (prim.GetName(), str(prim.GetPath()))] if mesh else moving
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(str(prim.GetPath()) for prim in moving) or "none"
    if mesh:
        raise stop(path, f"has {len(chosen) or 'no'} meshes '{mesh}' with time samples", f"one of {names}")
    raise stop(
        path,
        f"has {len(moving)} meshes with time samples: {names}",
        "one, or the name of the one meant under 'meshes' in dataset.yaml",
    )


def _frame(path: Path, UsdGeom: Any, prim: Any, points: Any, time: float, number: int) -> NDArray[np.float32]:
    values = points.Get(time)
    if not values:
        raise stop(path, "has no points", "points at every time sample", frame=number)
    local = np.array(values, np.float64)
    matrix = np.array(UsdGeom.XformCache(time).GetLocalToWorldTransform(prim))
    return np.asarray(local @ matrix[:3, :3] + matrix[3, :3], np.float32)

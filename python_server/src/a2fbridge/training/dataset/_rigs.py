"""Jaw key points and eye rotations of a take, from arrays, archives and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from a2fbridge.export import read_table
from a2fbridge.packs import map_array, open_archive
from a2fbridge.training.dataset._findings import stop
from a2fbridge.training.dataset._layout import TakeFile

__all__ = ["read_eyes", "read_jaw", "read_numbers"]

Floats = NDArray[np.float32]


def read_jaw(file: TakeFile, neutral: Floats, positions: bool, units: float) -> Floats:
    """Return offsets [N, 3 * K] in centimetres of the key points from ``neutral`` [K, 3].

    The file holds offsets or ``positions`` [N, K, 3], or rigid transforms [N, 4, 4] (column vectors) that carry the
    neutral points.  Raises Stop or Fault.
    """
    values, count = read_numbers(file), len(neutral)
    if values.shape[1:] == (4, 4):
        turned = neutral @ np.swapaxes(values[:, :3, :3], 1, 2) + units * values[:, None, :3, 3]
        return np.asarray(turned - neutral, np.float32).reshape(len(values), -1)
    if values.ndim not in (2, 3) or values[0].size != 3 * count:
        raise _shape(file, values, f"frames x {count} x 3, or frames x 4 x 4")
    points = np.float32(units) * values.reshape(len(values), count, 3)
    if positions:
        points = np.asarray(points - neutral, np.float32)
    elif _looks_absolute(points, neutral):
        raise stop(
            _name(file),
            "looks like positions, not offsets from the neutral points",
            "offsets; or say 'jaw_values: positions' in dataset.yaml",
        )
    return points.reshape(len(points), -1).astype(np.float32)


def read_eyes(file: TakeFile, left_first: bool) -> Floats:
    """Return [N, 4] degrees: right pitch, right yaw, left pitch, left yaw.

    The file holds [N, 2, 2] or [N, 2, 3] (eye, then pitch, yaw and roll, which is dropped) or [N, 4].
    Raises Stop or Fault.
    """
    values = read_numbers(file)
    if values.ndim == 2 and values.shape[1] in (4, 6):
        values = values.reshape(len(values), 2, -1)
    if values.ndim != 3 or values.shape[1] != 2 or values.shape[2] not in (2, 3):
        raise _shape(file, values, "frames x 2 eyes x 2 angles")
    eyes = values[:, ::-1, :2] if left_first else values[:, :, :2]
    return eyes.reshape(len(values), 4).astype(np.float32)


def read_numbers(file: TakeFile) -> NDArray[Any]:
    """Return the array of a file, one array of an archive, or the rows of a table.  Raises Stop or Fault."""
    ending = file.path.suffix.lower()
    if ending == ".npy":
        values: NDArray[Any] = np.array(map_array(file.path))
    elif ending == ".npz":
        values = _of_archive(file)
    else:
        values = read_table(file.path)
    if values.ndim < 2 or not values.size:
        raise _shape(file, values, "a row of numbers for each frame")
    return values.astype(np.float32)


def _of_archive(file: TakeFile) -> NDArray[Any]:
    with open_archive(file.path) as archive:
        names = list(archive)
        array = file.array or (names[0] if len(names) == 1 else file.path.stem)
        if array in archive and archive.kind(array) not in "fi":
            raise stop(
                file.path,
                "holds an archive object, not its array (a known mistake of export scripts)",
                "numbers: write numpy.load(one_shot)['arr_0'] into the archive, not numpy.load(one_shot)",
                place=array,
            )
        return archive.numbers(array)


def _looks_absolute(points: Floats, neutral: Floats) -> bool:
    """Return whether points lie near the neutral points rather than near zero, seen from the middle frame."""
    middle = points[len(points) // 2]
    far = np.linalg.norm(neutral)
    return bool(far > 1.0 and np.linalg.norm(middle - neutral) < 0.5 * np.linalg.norm(middle))


def _name(file: TakeFile) -> Path | str:
    return f"{file.path}: {file.array}" if file.array else file.path


def _shape(file: TakeFile, values: NDArray[Any], expected: str) -> Exception:
    return stop(file.path, f"has shape {' x '.join(map(str, values.shape))}", expected, place=file.array)

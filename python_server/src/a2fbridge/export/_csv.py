"""Animations as CSV: ``frame,time_code,<names...>``, one row per frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConventionError, RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._build import animation_of, rate_of
from a2fbridge.export._files import MAX_TEXT, read_bounded
from a2fbridge.shapes import FACE_NAMES, Convention

__all__ = ["read_cells", "read_csv", "read_rows", "read_table", "write_csv"]

_FRAME: Final = "frame"
_TIME: Final = ("time_code", "timecode")
_NVIDIA_PREFIX: Final = "blendshapes."


def write_csv(animation: Animation, path: str | Path) -> None:
    """Write one row per frame: number, time code in seconds, weights with all their digits."""
    with atomic_file(path) as file:
        file.write(_line((_FRAME, _TIME[0], *animation.names)))
        cells = animation.weights.astype(np.float32).astype(str)
        for i, time in enumerate(animation.time_codes.tolist()):
            file.write(f"{i},{time!r},{','.join(cells[i])}\n".encode())


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def read_csv(
    path: str | Path, *, convention: Convention | None = None, frame_rate: Fraction | None = None
) -> Animation:
    """Read what :func:`write_csv` wrote, or the ``animation_frames.csv`` of NVIDIA's sample client.

    A CSV does not say its convention: curves of a rig are ``target`` by themselves, for blend shapes it must be
    given.  The frame rate is taken from the time codes unless given.  Raises RecordingError with the byte offset
    of the line for a damaged file, ConventionError when the convention is needed.
    """
    rows = read_rows(Path(path))
    header = [_plain(name) for name in rows[0][1]]
    if repeated := [name for name in header if name and header.count(name) > 1]:
        raise RecordingError(f"{path}: column '{repeated[0]}' appears twice in the first line")
    times = [i for i, name in enumerate(header) if name.lower() in _TIME]
    if len(times) != 1:
        raise RecordingError(
            f"{path}: {len(times) or 'no'} columns time_code in the first line; right is one"
        )
    time = times[0]
    columns = [i for i, name in enumerate(header) if i != time and name.lower() != _FRAME and name]
    names = tuple(header[i] for i in columns)
    table = read_cells(Path(path), rows[1:], [time, *columns], len(header))
    return animation_of(
        path=path,
        names=names,
        convention=_convention(path, names, convention),
        frame_rate=frame_rate or rate_of(path, table[:, 0]),
        weights=table[:, 1:].astype(np.float32),
    )


def read_table(path: str | Path) -> NDArray[np.float64]:
    """Read a table of numbers [N, columns] without frame and time columns; a first line of names is passed over.

    Raises RecordingError with the byte offset of the line.
    """
    rows = read_rows(Path(path))
    header = [cell.strip().lower() for cell in rows[0][1]]
    named = not all(_is_number(cell) for cell in header)
    columns = [i for i, name in enumerate(header) if not named or name not in (_FRAME, *_TIME)]
    return read_cells(Path(path), rows[named:], columns, len(header))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    return name[len(_NVIDIA_PREFIX) :] if name.lower().startswith(_NVIDIA_PREFIX) else name


def _convention(path: str | Path, names: Sequence[str], given: Convention | None) -> Convention:
    if given is not None:
        return given
    if any(name in FACE_NAMES for name in names):
        raise ConventionError(f"{path}: a CSV does not say its convention; pass convention='a2f' or 'arkit'")
    return "target"


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return (byte offset, cells) of every line that is not empty, the header first."""
    data = read_bounded(path, MAX_TEXT)
    rows, offset = [], 0
    for line in data.splitlines(keepends=True):
        try:
            cells = next(csv.reader([line.decode("utf-8-sig" if offset == 0 else "utf-8")]), [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise RecordingError(f"{path}: byte {offset}: not a line of CSV ({error})", offset) from None
        if cells:
            rows.append((offset, cells))
        offset += len(line)
    if not rows:
        raise RecordingError(f"{path}: the file is empty")
    return rows


def read_cells(
    path: Path, rows: Sequence[tuple[int, list[str]]], columns: Sequence[int], width: int
) -> NDArray[np.float64]:
    """Return [rows, columns] numbers; each row has ``width`` cells.  Raises RecordingError with the byte offset."""
    out = np.empty((len(rows), len(columns)))
    for i, (offset, cells) in enumerate(rows):
        if len(cells) != width:
            raise RecordingError(f"{path}: byte {offset}: {len(cells)} cells; the header has {width}", offset)
        try:
            out[i] = [float(cells[column]) for column in columns]
        except ValueError as error:
            raise RecordingError(f"{path}: byte {offset}: {error}", offset) from None
    return out

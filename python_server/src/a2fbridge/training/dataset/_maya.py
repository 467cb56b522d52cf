"""Maya's one-file geometry caches: an ``.xml`` description beside an ``.mc`` file (spec: training, section 1.4).

Big-endian chunks; 6000 ticks a second.  32-bit files (``mcc``, tag FOR4) are read; 64-bit ones (``mcx``, FOR8) are
refused by name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training.dataset._findings import stop

__all__ = ["read_maya"]

_TICKS: Final = 6000
_XML_BYTES: Final = 1 << 20
_TYPES: Final = {b"FVCA": ">f4", b"DVCA": ">f8"}


class _Chunk(NamedTuple):
    tag: bytes
    start: int
    """Of its content in the file."""
    size: int


def read_maya(path: Path, channel: str) -> tuple[NDArray[np.float32], float]:
    """Return the points [N, V, 3] of one channel and the frame rate; ``path`` is the XML file.

    Raises Stop: not a one-file cache, several channels and none named, a damaged or 64-bit ``.mc`` file, missing
    frames, a vertex count that changes.
    """
    wanted = _describe(path, channel)
    data_path = path.with_suffix(".mc")
    if not data_path.is_file():
        raise stop(data_path, "is missing", f"the data of {path.name} beside it")
    data = data_path.read_bytes()
    if data[:4] == b"FOR8":
        raise stop(data_path, "is a 64-bit cache (FOR8, mcx)", "a 32-bit cache: export with the format mcc")
    frames: list[NDArray[np.float32]] = []
    ticks: list[int] = []
    for block in _chunks(data_path, data, 0, len(data)):
        if block.tag != b"FOR4":
            raise stop(
                data_path, f"has {block.tag!r} at byte {block.start - 8}", "blocks that begin with FOR4"
            )
        if data[block.start : block.start + 4] == b"MYCH":
            tick, points = _frame(data_path, data, block, wanted, len(frames))
            if frames and points.shape != frames[0].shape:
                found, right = len(points), len(frames[0])
                raise stop(data_path, f"has {found} vertices", f"{right} as in frame 0", frame=len(frames))
            frames.append(points)
            ticks.append(tick)
    if not frames:
        raise stop(data_path, "holds no frame", "blocks of points")
    return np.stack(frames), _rate(data_path, ticks)


def _describe(path: Path, channel: str) -> str:
    """Return the name of the channel to read."""
    text = path.read_bytes()[: _XML_BYTES + 1] if path.stat().st_size <= _XML_BYTES else b"<!"
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text == b"<!":
        raise stop(path, "has a document type, or more than 1 MiB", "the description that Maya writes")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise stop(path, f"is no XML: {error}", "the description that Maya writes") from None
    kind = root.find("cacheType")
    if kind is None or kind.get("Type") != "OneFile":
        found = "no cacheType" if kind is None else f"cacheType {kind.get('Type')}"
        raise stop(path, f"has {found}", "a cache of type OneFile (one file for all frames)")
    channels = root.find("Channels")
    names = [node.get("ChannelName", "") for node in channels] if channels is not None else []
    if channel and channel not in names:
        raise stop(path, f"has no channel '{channel}'", f"one of {', '.join(names) or 'none'}")
    if not channel and len(names) != 1:
        found = f"has {len(names)} channels: {', '.join(names)}"
        raise stop(path, found, "one, or the name of the one meant under 'meshes' in dataset.yaml")
    return channel or names[0]


def _chunks(path: Path, data: bytes, start: int, end: int) -> Iterator[_Chunk]:
    """Walk the chunks from ``start`` to ``end``, each padded to 4 bytes."""
    while start < end:
        if start + 8 > end:
            raise stop(path, f"ends within a chunk at byte {start}", "whole chunks (is the file cut short?)")
        tag, size = struct.unpack_from(">4si", data, start)
        if size < 0 or start + 8 + size > end:
            raise stop(
                path,
                f"says {size} bytes for {tag!r} at byte {start}, {end - start - 8} are there",
                "whole chunks",
            )
        yield _Chunk(tag, start + 8, size)
        start += 8 + size + -size % 4


def _frame(
    path: Path, data: bytes, block: _Chunk, wanted: str, number: int
) -> tuple[int, NDArray[np.float32]]:
    """Return the tick and points [V, 3] of one block."""
    tick, count, name = None, 0, ""
    for chunk in _chunks(path, data, block.start + 4, block.start + block.size):
        content = data[chunk.start : chunk.start + chunk.size]
        if chunk.tag == b"TIME" and chunk.size == 4:
            (tick,) = struct.unpack(">i", content)
        elif chunk.tag == b"CHNM":
            name = content.rstrip(b"\0").decode("utf-8", "replace")
        elif chunk.tag == b"SIZE" and chunk.size == 4:
            (count,) = struct.unpack(">i", content)
        elif chunk.tag in _TYPES and name == wanted:
            kind = np.dtype(_TYPES[chunk.tag])
            values: NDArray[Any] = np.frombuffer(content[: chunk.size - chunk.size % kind.itemsize], kind)
            if tick is None or count < 1 or values.size != 3 * count:
                raise stop(
                    path,
                    f"has {values.size} numbers for {count} vertices",
                    "3 for each",
                    frame=number,
                    place=name,
                )
            return tick, values.astype(np.float32).reshape(count, 3)
    raise stop(path, f"has no channel '{wanted}'", "every channel in every frame", frame=number)


def _rate(path: Path, ticks: list[int]) -> float:
    """Return frames per second; frames must follow each other evenly."""
    steps = np.diff(ticks)
    if not len(steps):
        return 30.0
    step = int(steps[0])
    uneven = np.flatnonzero(steps != step)
    if step <= 0 or len(uneven):
        frame = int(uneven[0]) + 1 if len(uneven) else 1
        raise stop(
            path,
            f"comes {steps[frame - 1]} ticks after the one before",
            f"{step} ticks, as between the first two",
            frame=frame,
        )
    return _TICKS / step

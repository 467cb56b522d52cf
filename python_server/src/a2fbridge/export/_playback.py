"""Recorded sessions, ``.a2frec``: reading what is whole, and saying where it stops being so."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import RecordingError
from a2fbridge.animation import Animation
from a2fbridge.export._build import animation_of
from a2fbridge.export._header import Header, json_object, read_header
from a2fbridge.export._recording import AUDIO, EVENT, FRAME, MAX_RECORD
from a2fbridge.shapes import EMOTION_NAMES

__all__ = ["AudioChunk", "Event", "Recording", "read_recording"]


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    sample_index: int
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Event:
    sample_index: int
    kind: str
    data: Mapping[str, Any]
    """The whole JSON object, ``kind`` included."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A session as far as the file is whole."""

    animation: Animation
    """``audio`` is set when the audio records follow each other from sample 0 without a gap."""
    time_codes: NDArray[np.float64]
    """[N] seconds, as recorded."""
    audio: tuple[AudioChunk, ...]
    events: tuple[Event, ...]
    header: Mapping[str, Any]
    complete: bool
    """Whether the session was closed: the last record is the ``end`` event and nothing is damaged."""
    problem: RecordingError | None
    """Why reading stopped before the end of the file, with the byte offset; None when it did not."""


@dataclass(slots=True)
class _Session:
    """What has been read so far."""

    count: int
    frames: list[bytes] = field(default_factory=list)
    audio: list[AudioChunk] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    last: int | None = None
    ended: bool = False


def read_recording(path: str | Path, *, strict: bool = False) -> Recording:
    """Read a session.

    A file that is cut off or damaged gives what stands before that point, with ``problem`` set; with ``strict`` the
    problem is raised.  Raises RecordingError (byte offset) when not even the header can be used.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = read_header(path, file, size)
            session = _Session(len(header.names))
            problem = _records(path, file, size, session)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from None
    if problem and strict:
        raise problem
    return _recording(path, header, session, problem)


def _records(path: str | Path, file: BinaryIO, size: int, session: _Session) -> RecordingError | None:
    """Read records into the session; return why that stopped early, or None."""
    offset = file.tell()
    try:
        for offset, kind, payload in _raw_records(file, size):  # noqa: B007
            session.ended = False
            _take(session, kind, payload)
    except _Stop as stop:
        where = stop.offset if stop.offset is not None else offset
        return RecordingError(f"{path}: byte {where}: {stop.reason}", where)
    return None


class _Stop(Exception):
    """Reading cannot go on; the offset is that of the record when not given."""

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def _raw_records(file: BinaryIO, size: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield (offset, type, payload) of every whole record; raises _Stop at the first that is not."""
    offset = file.tell()
    while offset < size:
        head = file.read(8)
        if len(head) < 8:
            raise _Stop("the file ends within a record", offset)
        kind, length = struct.unpack("<B3xI", head)
        if length > MAX_RECORD:
            raise _Stop(f"a record of {length} bytes; at most {MAX_RECORD} are allowed", offset)
        if offset + 12 + length > size:
            raise _Stop("the file ends within a record", offset)
        payload, (stored,) = file.read(length), struct.unpack("<I", file.read(4))
        if zlib.crc32(head + payload) != stored:
            raise _Stop("the record is damaged (its checksum does not fit)", offset)
        yield offset, kind, payload
        offset += 12 + length


def _take(session: _Session, kind: int, payload: bytes) -> None:
    """Add a record to the session; an unknown type is passed over."""
    if kind == FRAME:
        _take_frame(session, payload)
    elif kind == AUDIO:
        _take_audio(session, payload)
    elif kind == EVENT:
        _take_event(session, payload)


def _take_frame(session: _Session, payload: bytes) -> None:
    right = 16 + 4 * (session.count + len(EMOTION_NAMES))
    if len(payload) != right:
        raise _Stop(f"a frame of {len(payload)} bytes; right are {right}")
    (index,) = struct.unpack_from("<q", payload)
    if session.last is not None and index <= session.last:
        raise _Stop(f"a frame at sample {index} after one at {session.last}")
    session.last = index
    session.frames.append(payload)


def _take_audio(session: _Session, payload: bytes) -> None:
    if len(payload) < 8 or len(payload) % 2:
        raise _Stop(f"audio of {len(payload)} bytes; right are 8 and two for each sample")
    (index,) = struct.unpack_from("<q", payload)
    samples = np.frombuffer(payload, dtype="<i2", offset=8).astype(np.int16)
    session.audio.append(AudioChunk(index, samples))


def _take_event(session: _Session, payload: bytes) -> None:
    if len(payload) < 8:
        raise _Stop(f"an event of {len(payload)} bytes; right are 8 and its text")
    (index,) = struct.unpack_from("<q", payload)
    data = json_object(payload[8:])
    if data is None or not isinstance(data.get("kind"), str):
        raise _Stop("an event that is not a JSON object with a kind")
    session.events.append(Event(index, data["kind"], data))
    session.ended = data["kind"] == "end"


def _recording(
    path: str | Path, header: Header, session: _Session, problem: RecordingError | None
) -> Recording:
    count = len(header.names)
    layout = [("index", "<i8"), ("time", "<f8"), ("weights", "<f4", (count,)), ("emotions", "<f4", (10,))]
    frames = np.frombuffer(b"".join(session.frames), dtype=np.dtype(layout))
    said = header.values.get("settings")
    animation = animation_of(
        path=path,
        names=header.names,
        convention=header.convention,
        frame_rate=header.frame_rate,
        weights=frames["weights"].astype(np.float32),
        sample_indices=frames["index"].astype(np.int64),
        emotions=frames["emotions"].astype(np.float32),
        sample_rate=header.sample_rate,
        audio=_whole_audio(session.audio),
        settings=said if isinstance(said, dict) else {},
    )
    return Recording(
        animation=animation,
        time_codes=frames["time"].astype(np.float64),
        audio=tuple(session.audio),
        events=tuple(session.events),
        header=header.values,
        complete=session.ended and problem is None,
        problem=problem,
    )


def _whole_audio(chunks: list[AudioChunk]) -> NDArray[np.int16] | None:
    """Return the sound when the chunks follow each other from sample 0, else None."""
    end = 0
    for chunk in chunks:
        if chunk.sample_index != end:
            return None
        end += len(chunk.samples)
    return np.concatenate([chunk.samples for chunk in chunks]) if chunks else None

"""Recorded sessions, ``.a2frec``: writing (specification: docs/formats.md)."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, StreamError
from a2fbridge.animation import Animation
from a2fbridge.export._atomic import atomic_file
from a2fbridge.export._files import MAX_NAMES
from a2fbridge.shapes import EMOTION_NAMES, Convention

__all__ = ["AUDIO", "EVENT", "FRAME", "MAGIC", "MAX_RECORD", "VERSION", "RecordingWriter", "write_recording"]

MAGIC: Final = b"A2FREC\r\n"
VERSION: Final = 1
MAX_RECORD: Final = 16 << 20
"""Bytes of a header or payload at most."""
FRAME: Final = 1
AUDIO: Final = 2
EVENT: Final = 3

_AUDIO_BLOCK: Final = 16000


class RecordingWriter:
    """Writes a session as it happens; after a crash the file is readable up to the last whole record.

    ``path`` may also be a binary file that is open for writing; it is not closed then.  Use as a context manager:
    leaving it without an error writes the ``end`` event.
    """

    def __init__(
        self,
        path: str | Path | BinaryIO,
        names: Sequence[str],
        convention: Convention,
        frame_rate: Fraction,
        *,
        sample_rate: int = 16000,
        source: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        created: str | None = None,
    ) -> None:
        """Write the header.  ``created`` is RFC 3339 text, by default now."""
        if not 0 < len(names) <= MAX_NAMES:
            raise ParameterError(f"{len(names)} names; right are 1 to {MAX_NAMES}")
        header = {
            "names": list(names),
            "convention": convention,
            "frame_rate": [frame_rate.numerator, frame_rate.denominator],
            "sample_rate": sample_rate,
            "source": dict(source or {}),
            "settings": dict(settings or {}),
            "created": created or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        self._count = len(names)
        self._last: int | None = None
        self._end = 0
        self._owned = isinstance(path, str | os.PathLike)
        self._file: BinaryIO = open(path, "wb") if isinstance(path, str | os.PathLike) else path  # noqa: SIM115
        self._closed = False
        text = json.dumps(header, ensure_ascii=False, default=str).encode()
        if len(text) > MAX_RECORD:
            raise ParameterError(f"a header of {len(text)} bytes; right is at most {MAX_RECORD}")
        self._put(MAGIC + struct.pack("<HHI", VERSION, 0, len(text)) + text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._release()

    def write_frame(
        self,
        sample_index: int,
        time_code: float,
        weights: NDArray[np.floating[Any]],
        emotions: NDArray[np.floating[Any]] | None = None,
    ) -> None:
        """Append a frame: weights [K] and emotions [10] (NaN when None); sample indices must increase."""
        row = np.asarray(weights, dtype="<f4")
        feelings = (
            np.full(len(EMOTION_NAMES), np.nan, "<f4")
            if emotions is None
            else np.asarray(emotions, dtype="<f4")
        )
        if row.shape != (self._count,) or feelings.shape != (len(EMOTION_NAMES),):
            raise ParameterError(
                f"weights of shape {row.shape}, emotions {feelings.shape}; right are [{self._count}], [10]"
            )
        if self._last is not None and sample_index <= self._last:
            raise StreamError(
                f"frame at sample {sample_index} after one at {self._last}; frames must move on"
            )
        self._append(FRAME, struct.pack("<qd", sample_index, time_code) + row.tobytes() + feelings.tobytes())
        self._last = sample_index
        self._end = max(self._end, sample_index)

    def write_audio(self, sample_index: int, samples: NDArray[np.int16]) -> None:
        """Append mono PCM16 samples; the first of them is number ``sample_index``."""
        self._append(AUDIO, struct.pack("<q", sample_index) + np.asarray(samples, dtype="<i2").tobytes())
        self._end = max(self._end, sample_index + len(samples))

    def write_event(self, sample_index: int, kind: str, **data: Any) -> None:
        """Append an event (``status``, ``marker``, ...)."""
        text = json.dumps({"kind": kind, **data}, ensure_ascii=False, default=str).encode()
        self._append(EVENT, struct.pack("<q", sample_index) + text)

    def close(self) -> None:
        """Write the ``end`` event and close the file; a second call does nothing."""
        if not self._closed:
            self.write_event(self._end, "end")
            self._release()

    def _release(self) -> None:
        self._closed = True
        if self._owned:
            self._file.close()

    def _append(self, kind: int, payload: bytes) -> None:
        if self._closed:
            raise StreamError("the recording is closed")
        if len(payload) > MAX_RECORD:
            raise ParameterError(f"a record of {len(payload)} bytes; right is at most {MAX_RECORD}")
        body = struct.pack("<B3xI", kind, len(payload)) + payload
        self._put(body + struct.pack("<I", zlib.crc32(body)))

    def _put(self, data: bytes) -> None:
        """Write and hand over to the operating system, so that a crash of this process loses nothing."""
        self._file.write(data)
        self._file.flush()


def write_recording(animation: Animation, path: str | Path, *, created: str | None = None) -> None:
    """Write a whole clip: each second of sound (when it was kept) before the frames that it covers."""
    settings = dict(animation.settings)
    with (
        atomic_file(path) as file,
        RecordingWriter(
            file,
            animation.names,
            animation.convention,
            animation.frame_rate,
            sample_rate=animation.sample_rate,
            source=settings.get("source") if isinstance(settings.get("source"), dict) else None,
            settings=settings,
            created=created,
        ) as writer,
    ):
        audio = np.zeros(0, dtype=np.int16) if animation.audio is None else animation.audio
        done = 0
        for frame in animation:
            while done < len(audio) and done <= frame.sample_index:
                writer.write_audio(done, audio[done : done + _AUDIO_BLOCK])
                done += _AUDIO_BLOCK
            writer.write_frame(frame.sample_index, frame.time_code, frame.weights, frame.emotions)
        for first in range(done, len(audio), _AUDIO_BLOCK):
            writer.write_audio(first, audio[first : first + _AUDIO_BLOCK])

"""Whole clips: frames as they are made, and files."""

from __future__ import annotations

import asyncio
import struct
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from a2fbridge._errors import ParameterError, nearest
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.client import Session, clip_options
from a2fbridge.export import write
from a2fbridge.studio._call import Call
from a2fbridge.studio._clips import RATE, Clip
from a2fbridge.studio._frames import FrameFilter
from a2fbridge.studio._live import extensions
from a2fbridge.studio._settings import Settings
from a2fbridge.studio._upstream import Upstream

__all__ = ["EXPORTS", "ClipStream", "export", "failed"]

_LENGTH: Final = struct.Struct("<I")

EXPORTS: Final = {
    "csv": (".csv", "Table of the curves", True),
    "json": (".json", "NVIDIA's Audio2Face JSON", True),
    "npz": (".npz", "NumPy archive", True),
    "a2frec": (".a2frec", "Recorded session", True),
    "livelink": (".csv", "Live Link Face CSV", False),
    "html": (".html", "The head with sound and curves, a page", False),
    "glb": (".glb", "The head animated, glTF", False),
    "usd": (".usd", "The head animated, OpenUSD", False),
}
"""Format: ending, what it is, whether it can hold the curves of a rig."""


class ClipStream:
    """The answers to one clip, each behind its length, without sound."""

    def __init__(self, upstream: Upstream, clip: Clip, settings: Settings) -> None:
        """Begin; raises ParameterError or MappingError for settings that cannot be."""
        self._rewrite = FrameFilter(settings.table, audio=False)
        self._call = upstream.call(extensions(settings))
        self._messages = aiter(self._call)
        self._sender = asyncio.create_task(_send(self._call, clip, settings))

    async def opening(self) -> tuple[dict[str, Any], bytes]:
        """Wait for the first frame: what is in force, and everything up to there.  Raises ServerError."""
        in_force = await self._call.settings()
        begun = b""
        async for message in self._messages:
            stream = controller.AnimationDataStream.FromString(message)
            if stream.status.code != status.Status.ERROR:  # the call's own end says the kind of an error
                begun += self._framed(message)
            if stream.HasField("animation_data"):
                break
        return in_force, begun

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the rest; raises ServerError."""
        async for message in self._messages:
            yield self._framed(message)

    async def close(self) -> None:
        """Cancel what is under way; harmless after the end."""
        self._call.cancel()
        self._sender.cancel()
        await asyncio.gather(self._sender, return_exceptions=True)

    def _framed(self, message: bytes) -> bytes:
        return _framed(self._rewrite(message))


async def _send(call: Call, clip: Clip, settings: Settings) -> None:
    options = settings.options()
    emotions = options.pop("emotions")
    session = Session(RATE, clip_options(**options), "the server")
    for message in session.clip(clip.samples.tobytes(), emotions):
        await call.send(message.SerializeToString())
    call.finish()


def _framed(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def failed(error: Exception) -> bytes:
    """Return an error as the last message of a stream of frames."""
    told = controller.AnimationDataStream(status=status.Status(code=status.Status.ERROR, message=str(error)))
    return _framed(told.SerializeToString())


async def export(upstream: Upstream, clip: Clip, settings: Settings, kind: str) -> tuple[str, bytes]:
    """Animate a clip and write it as a file; returns the file's name and content.

    Raises ParameterError for an unknown format, ServerError.
    """
    if kind not in EXPORTS:
        raise ParameterError(
            f"no format '{kind[:60]}'{nearest(kind[:60], EXPORTS)}; right are {', '.join(EXPORTS)}"
        )
    return await asyncio.to_thread(_export, upstream, clip, settings, kind)


def _export(upstream: Upstream, clip: Clip, settings: Settings, kind: str) -> tuple[str, bytes]:
    ending, _, holds_curves = EXPORTS[kind]
    options: dict[str, Any] = settings.options()
    animation = upstream.client.animate(clip.samples, RATE, **options)
    table = settings.table
    if table and holds_curves:
        animation = table.map(animation.to_convention(table.convention))
    name = Path(clip.name).stem + ending
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip{ending}"
        write(animation, path, kind)
        return name, path.read_bytes()

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
from a2fbridge.client import ClipMessages
from a2fbridge.export import write
from a2fbridge.studio._call import Call
from a2fbridge.studio._clips import RATE, Clip
from a2fbridge.studio._frames import FrameFilter
from a2fbridge.studio._live import extensions
from a2fbridge.studio._settings import Settings
from a2fbridge.studio._upstream import Upstream

__all__ = ["EXPORTS", "export", "frames", "open_call"]

_LENGTH: Final = struct.Struct("<I")

EXPORTS: Final = {
    "csv": (".csv", "Table of the curves", True),
    "json": (".json", "NVIDIA's Audio2Face JSON", True),
    "npz": (".npz", "NumPy archive", True),
    "a2frec": (".a2frec", "Recorded session", True),
    "livelink": (".csv", "Live Link Face CSV", False),
    "glb": (".glb", "The head animated, glTF", False),
    "usd": (".usd", "The head animated, OpenUSD", False),
}
"""Format: ending, what it is, whether it can hold the curves of a rig."""


def open_call(upstream: Upstream, settings: Settings) -> Call:
    """Open the call of a clip."""
    return upstream.call(extensions(settings))


async def frames(call: Call, clip: Clip, settings: Settings) -> AsyncIterator[bytes]:
    """Yield the answers to a clip, each behind its length, without sound.

    Raises ServerError; later failures than the first frame are in the stream, as on ``/live``.
    """
    sender = asyncio.create_task(_send(call, clip, settings))
    rewrite = FrameFilter(settings.table, audio=False)
    try:
        async for message in call:
            data = rewrite(message)
            yield _LENGTH.pack(len(data)) + data
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        call.cancel()


async def _send(call: Call, clip: Clip, settings: Settings) -> None:
    messages = ClipMessages(RATE, "the server", **settings.options())
    for message in messages(clip.samples.tobytes(), dict(settings.emotions) or None):
        await call.send(message)
    call.finish()


def failed(error: Exception) -> bytes:
    """Return an error as the last message of a stream of frames."""
    told = controller.AnimationDataStream(status=status.Status(code=status.Status.ERROR, message=str(error)))
    data = told.SerializeToString()
    return _LENGTH.pack(len(data)) + data


async def export(upstream: Upstream, clip: Clip, settings: Settings, kind: str) -> tuple[str, bytes]:
    """Animate a clip and write it as a file; returns the file's name and content.

    Raises ParameterError for an unknown format, ServerError.
    """
    if kind not in EXPORTS:
        raise ParameterError(f"no format '{kind[:60]}'{nearest(kind[:60], EXPORTS)}; right are {', '.join(EXPORTS)}")
    return await asyncio.get_running_loop().run_in_executor(
        upstream.threads, _export, upstream, clip, settings, kind
    )


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

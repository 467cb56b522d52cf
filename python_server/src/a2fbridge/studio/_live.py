"""``/live``: one ProcessAudioStream call over one WebSocket (docs/web.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import WSMsgType, web

from a2fbridge._errors import A2FBridgeError, ParameterError, ServerError, nearest
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.studio._call import Call
from a2fbridge.studio._frames import FrameFilter
from a2fbridge.studio._guard import PROTOCOL, Problem
from a2fbridge.studio._settings import Settings
from a2fbridge.studio._upstream import Upstream
from a2fbridge.timeline import parse_frame_rate

__all__ = ["Live", "extensions", "opening"]

_MAX_MESSAGE: Final = 4 << 20
_HEARTBEAT: Final = 20.0
_NIM_RATE: Final = "30/1"
_KEYS: Final = {
    "frame-rate": "frame_rate",
    "pack": "pack",
    "identity": "identity",
    "solver": "solver",
    "emotion": "emotion",
    "mapping": "mapping",
}
_CLOSE: Final = {
    "FAILED_PRECONDITION": 1002,
    "INVALID_ARGUMENT": 1007,
    "RESOURCE_EXHAUSTED": 1008,
    "DEADLINE_EXCEEDED": 1008,
    "NOT_FOUND": 1008,
    "UNAUTHENTICATED": 1008,
}


class Live:
    """Serves the WebSockets of a studio."""

    def __init__(self, upstream: Upstream, limit: int) -> None:
        self._upstream, self._limit = upstream, limit
        self._open: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one stream to its end."""
        settings, audio = _asked(request.query)
        if len(self._open) >= self._limit:
            raise Problem(503, f"all {self._limit} live streams are taken; try again soon")
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,), max_msg_size=_MAX_MESSAGE, heartbeat=_HEARTBEAT, compress=False
        )
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await self._serve(socket, settings, audio)
        finally:
            self._open.discard(socket)
        return socket

    async def close(self) -> None:
        """Close what is open: the studio is stopping."""
        for socket in list(self._open):
            await socket.close(code=1001, message=b"the studio is stopping")

    async def _serve(self, socket: web.WebSocketResponse, settings: Settings, audio: bool) -> None:
        call = self._upstream.call(extensions(settings))
        writer = asyncio.create_task(_write(socket, call, FrameFilter(settings.table, audio), settings))
        try:
            await _read(socket, call)
            call.finish()
            if socket.closed:
                call.cancel()
            await asyncio.wait([writer])
        finally:
            call.cancel()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)


async def _read(socket: web.WebSocketResponse, call: Call) -> None:
    """Hand on what the browser says until it closes."""
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await call.send(message.data)
        elif message.type is WSMsgType.TEXT:
            await _fail(socket, ServerError("a client sends no text frames", "FAILED_PRECONDITION"))
            return


async def _write(socket: web.WebSocketResponse, call: Call, rewrite: FrameFilter, settings: Settings) -> None:
    """Hand on what the server says; closing the socket ends the reading side."""
    failed = False
    try:
        await socket.send_str(json.dumps(opening(await call.settings(), settings)))
        async for message in call:
            failed = failed or _is_error(message)
            await socket.send_bytes(rewrite(message))
        await socket.close()
    except A2FBridgeError as error:
        await _fail(socket, error, told=failed)
    except ConnectionResetError:
        call.cancel()


async def _fail(socket: web.WebSocketResponse, error: A2FBridgeError, told: bool = False) -> None:
    if not told and not socket.closed:
        message = controller.AnimationDataStream(
            status=status.Status(code=status.Status.ERROR, message=str(error))
        )
        await socket.send_bytes(message.SerializeToString())
    code = _CLOSE.get(getattr(error, "code", ""), 1011)
    await socket.close(code=code, message=str(error).encode()[:120].decode("utf-8", "ignore").encode())


def _is_error(message: bytes) -> bool:
    stream = controller.AnimationDataStream.FromString(message)
    return bool(stream.HasField("status") and stream.status.code == status.Status.ERROR)


def _asked(query: Mapping[str, str]) -> tuple[Settings, bool]:
    """Return what the address asks for, and whether frames bring back their sound; raises Problem (400)."""
    known = (*_KEYS, "audio")
    values: dict[str, Any] = {}
    for key, value in query.items():
        if key not in known:
            raise Problem(
                400, f"unknown key '{key[:60]}'{nearest(key[:60], known)}; right are {', '.join(known)}"
            )
        if key != "audio":
            values[_KEYS[key]] = value
    if query.get("audio", "1") != "1":
        raise Problem(400, f"audio is '{query['audio'][:60]}'; right is 1, or nothing")
    try:
        return Settings.read(values), "audio" in query
    except ParameterError as error:
        raise Problem(400, str(error)) from None


def extensions(settings: Settings) -> list[tuple[str, str]]:
    """Return the request metadata for what NVIDIA's header cannot say; a NIM's own frame rate needs none."""
    rate = None if settings.frame_rate == _NIM_RATE else settings.frame_rate
    asked = {
        "emotion": "auto" if settings.emotion == "auto" else None,
        "frame-rate": rate,
        "pack": settings.pack,
        "identity": settings.identity,
        "solver": settings.solver,
    }
    return [(f"a2fbridge-{key}", value) for key, value in asked.items() if value is not None]


def opening(in_force: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the text frame that comes before the header."""
    rate = parse_frame_rate(str(in_force.get("frame_rate", _NIM_RATE)))
    return {
        "kind": "settings",
        "convention": "target" if settings.mapping else "a2f",
        "frame_rate": [rate.numerator, rate.denominator],
        "look_ahead": in_force.get("look_ahead"),
        "settings": in_force,
    }

"""One ProcessAudioStream call in bytes: what a browser says goes to the server as it is, and back.

gRPC's own asyncio client loses a server's reason when it is refused while it writes, so the call is a blocking
one, and its answers are awaited in threads.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from typing import Any, Final

import grpc

from a2fbridge._errors import ServerError, StreamError
from a2fbridge.client import Connection, plain_nim_error, read_settings

__all__ = ["Call"]

_SETTINGS: Final = "a2fbridge-settings"
_BACKLOG: Final = 8 << 20
"""Bytes that may wait to be sent before the browser is read no further."""
_END: Final = object()


class Call:
    """Messages to and from a server; used on one event loop."""

    def __init__(self, connection: Connection, extensions: list[tuple[str, str]], threads: Executor) -> None:
        self._connection, self._extensions, self._threads = connection, extensions, threads
        self._loop = asyncio.get_running_loop()
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = 0
        self._room = asyncio.Event()
        self._call: Any = connection.methods.relay(
            self._outgoing(), timeout=connection.timeout, metadata=[*connection.metadata, *extensions]
        )
        self._call.add_done_callback(lambda _: self._requests.put(None))

    async def send(self, message: bytes) -> None:
        """Hand on a message; waits while too much is waiting already."""
        self._waiting += len(message)
        self._requests.put(message)
        while self._waiting > _BACKLOG and self._call.is_active():
            self._room.clear()
            await asyncio.wait([asyncio.create_task(self._room.wait())], timeout=1.0)

    def finish(self) -> None:
        """Say that no message follows."""
        self._requests.put(None)

    def cancel(self) -> None:
        """End the call; harmless after its end."""
        self._requests.put(None)
        self._call.cancel()

    async def settings(self) -> dict[str, Any]:
        """Wait for what the server says is in force; empty for a plain NIM.

        Raises ServerError when the server cannot be reached, or is a plain NIM and was asked for what it does not know.
        """
        metadata = await self._in_thread(self._initial_metadata)
        told = {name: value for name, value in metadata}
        if _SETTINGS in told:
            return read_settings(told[_SETTINGS])
        if self._call.done() and self._call.code() is not grpc.StatusCode.OK:
            raise await self._fault(self._call)
        if self._extensions:
            raise plain_nim_error(self._connection.target, self._extensions)
        return {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the server's messages; raises ServerError when the call fails, StreamError after ``cancel``."""
        answers = iter(self._call)
        while (message := await self._in_thread(next, answers, _END)) is not _END:
            yield message

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        try:
            return await self._loop.run_in_executor(self._threads, work, *arguments)
        except grpc.RpcError as error:
            raise await self._fault(error) from None

    async def _fault(self, error: Any) -> ServerError | StreamError:
        if error.code() is grpc.StatusCode.CANCELLED:
            return StreamError("the stream was closed before its end")
        return await self._loop.run_in_executor(self._threads, self._connection.fault, error)

    def _initial_metadata(self) -> list[tuple[str, str]]:
        return list(self._call.initial_metadata() or ())

    def _outgoing(self) -> Iterator[bytes]:
        """What gRPC's thread takes."""
        while (message := self._requests.get()) is not None:
            self._waiting -= len(message)
            self._loop.call_soon_threadsafe(self._room.set)
            yield message

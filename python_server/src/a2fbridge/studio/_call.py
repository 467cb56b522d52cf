"""One ProcessAudioStream call in bytes: what a browser says goes to the server as it is, and back.

gRPC's own asyncio client loses a server's reason when it is refused while it writes, so the call is a blocking
one, and its answers are awaited in threads.
"""

from __future__ import annotations

import asyncio
import functools
import queue
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, TypeVar

import grpc

from a2fbridge._errors import ServerError, StreamError
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.client import SETTINGS_KEY, Connection, Worker, plain_nim_error, read_settings

__all__ = ["Call"]

_BACKLOG: Final = 8 << 20
"""Bytes that may wait to be sent before the browser is read no further."""
_T = TypeVar("_T")


class Call:
    """Messages to and from a server; used on one event loop."""

    def __init__(self, connection: Connection, extensions: list[tuple[str, str]]) -> None:
        """``extensions`` are the request metadata for what NVIDIA's header cannot say."""
        self._connection, self._extensions = connection, extensions
        self._plain = False
        self._worker = Worker()
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
        self._worker.stop()

    async def settings(self) -> dict[str, Any]:
        """Wait for what the server says is in force; empty for a plain NIM.

        Raises ServerError when the server cannot be reached or refuses.
        """
        told = dict(await self._in_thread(self._initial_metadata))
        self._plain = SETTINGS_KEY not in told
        return {} if self._plain else read_settings(told[SETTINGS_KEY])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the server's messages, after ``settings``.

        Raises ServerError when the call fails, or when a plain NIM was asked for options of ours; StreamError
        after ``cancel``.
        """
        answers = iter(self._call)
        while (message := await self._in_thread(functools.partial(next, answers, None))) is not None:
            stream = controller.AnimationDataStream.FromString(message)
            if self._plain and self._extensions and stream.HasField("animation_data_stream_header"):
                self.cancel()
                raise plain_nim_error(self._connection.target, self._extensions)
            if stream.status.code == status.Status.ERROR:
                self.finish()  # a server that refuses reads on until it hears the end
            yield message

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        try:
            return await self._worker.submit(work)
        except grpc.RpcError as error:
            raise await self._fault(error) from None

    async def _fault(self, error: Any) -> ServerError | StreamError:
        if error.code() is grpc.StatusCode.CANCELLED:
            return StreamError("the stream was closed before its end")
        return await self._worker.submit(functools.partial(self._connection.fault, error))

    def _initial_metadata(self) -> list[tuple[str, str | bytes]]:
        return list(self._call.initial_metadata() or ())

    def _outgoing(self) -> Iterator[bytes]:
        """What gRPC's thread takes."""
        while (message := self._requests.get()) is not None:
            self._waiting -= len(message)
            self._loop.call_soon_threadsafe(self._room.set)
            yield message

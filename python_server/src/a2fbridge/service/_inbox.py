"""The reading half of a call: opens the stream with the header, feeds it, and reads on after a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import grpc
from google.protobuf.message import DecodeError

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.scheduler import Scheduler, StreamHandle
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._intake import Intake
from a2fbridge.service._refusal import Refusal, refusal_of
from a2fbridge.service._request import Request, read_request

__all__ = ["Inbox", "Opened"]

_DRAIN_BYTES: Final = 128 << 20
_EOF: Final[Any] = grpc.aio.EOF  # type: ignore[attr-defined]


@dataclass(slots=True)
class Opened:
    """A stream whose header was accepted."""

    request: Request
    handle: StreamHandle
    intake: Intake


class Owner(Protocol):
    """What the reading half tells its call."""

    @property
    def refusal(self) -> Refusal | None: ...

    def fail(self, refusal: Refusal) -> None: ...

    def note_input(self, intake: Intake | None) -> None: ...


class Inbox:
    """Reads one client's messages."""

    def __init__(
        self, context: Any, config: ServerConfig, schedulers: Sequence[Scheduler], owner: Owner
    ) -> None:
        self._context, self._config, self._schedulers, self._owner = context, config, schedulers, owner
        self.opening: asyncio.Future[Opened] = asyncio.get_running_loop().create_future()
        """Done with the header: a stream, or the Refusal."""
        self.over = asyncio.Event()
        """Set when no more audio comes, or no more of it is read."""

    @property
    def opened(self) -> Opened | None:
        """The stream, if it was opened."""
        done = self.opening.done() and self.opening.exception() is None
        return self.opening.result() if done else None

    def forget_owner(self) -> None:
        """Let go of the call, which is over."""
        del self._owner

    async def read(self) -> None:
        """Take messages until the client closes its side, or, once refused, until its audio ends."""
        drained = 0
        while (data := await self._context.read()) is not _EOF:
            self._owner.note_input(None)
            await self._take_bytes(data)
            if self._owner.refusal:
                drained += len(data)
                if self.over.is_set() or drained > _DRAIN_BYTES:
                    break
        else:
            self._take_half_close()
        self.over.set()

    async def _take_bytes(self, data: bytes) -> None:
        """Take one message, or none of it once refused."""
        try:
            message = controller.AudioStream.FromString(data)
            if message.HasField("end_of_audio"):
                self.over.set()
            if self._owner.refusal is None:
                await self._take(message)
        except DecodeError:
            self._owner.fail(Refusal(grpc.StatusCode.INVALID_ARGUMENT, "a message is not an AudioStream"))
        except Exception as error:
            self._owner.fail(refusal_of(error))

    async def _take(self, message: controller.AudioStream) -> None:
        opened = self.opened
        if opened is None:
            self.opening.set_result(self._open(message))
            return
        opened.intake.take(message)
        self._owner.note_input(opened.intake)
        await opened.handle.wait_room()

    def _take_half_close(self) -> None:
        """A client that closes without end_of_audio means the end; one that never sent a header is refused."""
        try:
            if not self.opening.done():
                raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, "the stream ended before its header came")
            if self._owner.refusal is None and self.opened:
                self.opened.intake.end()
                self._owner.note_input(self.opened.intake)
        except Refusal as refusal:
            self._owner.fail(refusal)

    def _open(self, message: controller.AudioStream) -> Opened:
        part = message.WhichOneof("stream_part")
        if part != "audio_stream_header":
            raise Refusal(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"the first message must be audio_stream_header; {part or 'an empty message'} came",
            )
        sent = self._context.invocation_metadata() or ()
        metadata = {key: value for key, value in sent if isinstance(value, str)}
        request = read_request(message.audio_stream_header, metadata, self._config, self._schedulers)
        handle = request.scheduler.open_stream(request.options)
        return Opened(request, handle, Intake(handle, request, self._config))

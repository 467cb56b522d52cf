"""One call of ProcessAudioStream (spec: wire protocol, section 2).

A reader task takes the client's messages, the call's own task writes; neither waits for the other, because clients
exist that write a whole clip before they read.  The call ends when all frames are written, whether or not the
client has closed its side.  A refused stream still gets its header and an ERROR status, and its input is read on
for a while, since a client that is busy writing would never see the reason.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.scheduler import OutputFrame, Scheduler, StreamHandle
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._encode import FrameEncoder, encode_frame
from a2fbridge.service._intake import Intake
from a2fbridge.service._limits import Watch
from a2fbridge.service._messages import end_event, header_message, status_message
from a2fbridge.service._refusal import Refusal, refusal_of
from a2fbridge.service._request import Request, read_request, shown_names
from a2fbridge.service._settings import SETTINGS_KEY, as_header, in_force

__all__ = ["Call"]

_DRAIN_SECONDS: Final = 5.0
_DRAIN_BYTES: Final = 128 << 20
_ABORT_SECONDS: Final = 2.0

_log = logging.getLogger("a2fbridge.service")
_numbers = itertools.count(1)
_EOF: Final[Any] = grpc.aio.EOF  # type: ignore[attr-defined]


@dataclass(slots=True)
class _Opened:
    request: Request
    handle: StreamHandle
    intake: Intake


class Call:
    """Serves one call."""

    def __init__(self, context: Any, config: ServerConfig, schedulers: Sequence[Scheduler]) -> None:
        self._context = context
        self._config = config
        self._schedulers = schedulers
        self._number = next(_numbers)
        loop = asyncio.get_running_loop()
        self._clock = loop.time
        self._started = loop.time()
        self._watch = Watch(config.advanced.input_sanitization, self._started)
        self._timer: asyncio.Timeout | None = None
        self._opening: asyncio.Future[_Opened] = loop.create_future()
        self._refusal: Refusal | None = None
        self._header_sent = False
        self._writing = False
        self._complete = False
        self._frames = 0
        self._first_frame = 0.0

    async def run(self) -> None:
        """Serve the call to its end."""
        reader = asyncio.create_task(self._read())
        try:
            await self._write_until_done()
            if self._refusal:
                await self._refuse(self._refusal, reader)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            self._free()
            self._log_end()

    def fail(self, refusal: Refusal) -> None:
        """End the stream with an error; the first reason counts.  Its slot is free at once."""
        if self._refusal is None:
            self._refusal = refusal
            if not self._opening.done():
                self._opening.set_exception(refusal)
            self._free()

    # --- from the client -----------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Take messages until the client closes its side, or, once refused, until its audio ends."""
        drained = 0
        while (data := await self._context.read()) is not _EOF:
            self._progress()
            is_end = await self._take_bytes(data)
            if self._refusal:
                drained += len(data)
                if is_end or drained > _DRAIN_BYTES:
                    return
        self._take_half_close()

    async def _take_bytes(self, data: bytes) -> bool:
        """Take one message, or none of it once refused; return True when it is the end of the audio."""
        try:
            message = controller.AudioStream.FromString(data)
            if self._refusal is None:
                await self._take(message)
            return message.HasField("end_of_audio")
        except DecodeError:
            self.fail(Refusal(grpc.StatusCode.INVALID_ARGUMENT, "a message is not an AudioStream"))
        except Exception as error:
            self.fail(refusal_of(error))
        return False

    async def _take(self, message: controller.AudioStream) -> None:
        if not self._opening.done():
            self._opening.set_result(self._open(message))
            return
        opened = self._opening.result()
        opened.intake.take(message)
        self._note_input(opened.intake)
        await opened.handle.wait_room()

    def _take_half_close(self) -> None:
        """A client that closes without end_of_audio means the end; one that never sent a header is refused."""
        try:
            if not self._opening.done():
                raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, "the stream ended before its header came")
            if self._refusal is None:
                self._opening.result().intake.end()
                self._watch.fed()
        except Refusal as refusal:
            self.fail(refusal)

    def _open(self, message: controller.AudioStream) -> _Opened:
        part = message.WhichOneof("stream_part")
        if part != "audio_stream_header":
            raise Refusal(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"the first message must be audio_stream_header; {part or 'an empty message'} came",
            )
        metadata = {
            key: value for key, value in self._context.invocation_metadata() or () if isinstance(value, str)
        }
        request = read_request(message.audio_stream_header, metadata, self._config, self._schedulers)
        handle = request.scheduler.open_stream(request.options)
        return _Opened(request, handle, Intake(handle, request, self._config))

    def _note_input(self, intake: Intake) -> None:
        self._watch.received(intake.received_seconds, self._clock())
        if intake.ended:
            self._watch.fed()
        self._reschedule()

    # --- to the client -------------------------------------------------------------------------------------------

    async def _write_until_done(self) -> None:
        try:
            async with asyncio.timeout_at(self._watch.due) as self._timer:
                await self._write_all()
        except TimeoutError:
            self.fail(self._watch.refusal())
        except Exception as error:
            self.fail(refusal_of(error))
        finally:
            self._timer = None

    async def _write_all(self) -> None:
        await asyncio.wait({self._opening})  # awaited as it is, a timeout would cancel the future
        opened = self._opening.result()
        await self._write_opening(opened)
        handle, intake = opened.handle, opened.intake
        encoder = FrameEncoder(len(handle.names))
        while (outputs := await handle.frames()) and not self._refusal:
            for output in outputs:
                await self._write_remarks(intake)
                await self._write_frame(output, intake, encoder)
                if self._refusal:
                    return
        if self._refusal is None:
            await self._write_remarks(intake)
            await self._write(end_event())
            await self._write_status(status.Status.SUCCESS, f"{self._frames} frames")
            self._complete = True

    async def _write_opening(self, opened: _Opened) -> None:
        await self._write_header(opened.request.scheduler, in_force(opened.request, opened.handle))
        if opened.request.unknown:
            names = shown_names(opened.request.unknown)
            _log.warning("stream=%d ignored, because unknown: %s", self._number, names)
            await self._write_status(status.Status.WARNING, f"ignored, because unknown: {names}")

    async def _write_header(self, scheduler: Scheduler, settings: dict[str, Any]) -> None:
        await self._context.send_initial_metadata(((SETTINGS_KEY, as_header(settings)),))
        self._header_sent = True
        await self._write(header_message(scheduler.model))

    async def _write_frame(self, output: OutputFrame, intake: Intake, encoder: FrameEncoder) -> None:
        echo = intake.take_echo()
        await self._write(encode_frame(output, echo) if echo else encoder.encode(output))
        if not self._frames:
            self._first_frame = self._clock()
        self._frames += 1
        await self._pace()

    async def _pace(self) -> None:
        """Without burst mode, keep frames to the streaming rate."""
        pipeline = self._config.advanced.pipeline_parameters
        if not pipeline.burst_mode:
            due = self._first_frame + self._frames / pipeline.blendshape_streaming_fps
            await asyncio.sleep(max(0.0, due - self._clock()))

    async def _write_remarks(self, intake: Intake) -> None:
        while intake.remarks:
            text = intake.remarks.pop(0)
            _log.warning("stream=%d %s", self._number, text)
            await self._write_status(status.Status.WARNING, text)

    async def _write_status(self, code: Any, text: str) -> None:
        await self._write(status_message(code, text))

    async def _write(self, data: bytes) -> None:
        self._writing = True
        await self._context.write(data)
        self._writing = False
        self._progress()

    # --- the end -------------------------------------------------------------------------------------------------

    async def _refuse(self, refusal: Refusal, reader: asyncio.Task[None]) -> None:
        """Say the reason in the stream, read on until the client has ended its audio, then say it as the result.

        A client that does not read cannot be told; its call is closed all the same.
        """
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                if not self._writing:
                    if not self._header_sent:
                        await self._write_header(self._schedulers[0], {})
                    await self._write_status(status.Status.ERROR, refusal.text)
                await asyncio.wait({reader})
        except TimeoutError:
            pass
        try:
            async with asyncio.timeout(_ABORT_SECONDS):
                await self._context.abort(refusal.code, refusal.text, refusal.trailing_metadata)
        except TimeoutError:
            _log.debug("stream=%d the client does not read its end", self._number)

    def _opened(self) -> _Opened | None:
        done = self._opening.done() and self._opening.exception() is None
        return self._opening.result() if done else None

    def _free(self) -> None:
        if opened := self._opened():
            opened.handle.cancel()

    def _progress(self) -> None:
        self._watch.progress(self._clock())
        self._reschedule()

    def _reschedule(self) -> None:
        if self._timer and not self._timer.expired():
            self._timer.reschedule(self._watch.due)

    def _log_end(self) -> None:
        opened = self._opened()
        seconds = opened.intake.received_seconds if opened else 0.0
        first = (self._first_frame - self._started) * 1e3 if self._frames else 0.0
        end = self._refusal.code.name if self._refusal else "OK" if self._complete else "GONE"
        _log.info(
            "stream=%d peer=%s audio_s=%.2f frames=%d wall_s=%.2f first_frame_ms=%.0f end=%s%s",
            self._number,
            self._context.peer(),
            seconds,
            self._frames,
            self._clock() - self._started,
            first,
            end,
            f" reason={self._refusal.text!a}" if self._refusal else "",
        )

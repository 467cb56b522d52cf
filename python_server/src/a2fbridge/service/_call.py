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
from typing import Any, Final

from grpc import StatusCode

from a2fbridge._proto.nvidia_ace.status import v1_pb2 as status
from a2fbridge.scheduler import OutputFrame, Scheduler
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._encode import FrameEncoder, encode_frame
from a2fbridge.service._inbox import Inbox, Opened
from a2fbridge.service._intake import Intake
from a2fbridge.service._limits import Watch
from a2fbridge.service._messages import end_event, header_message, status_message
from a2fbridge.service._refusal import Refusal, refusal_of
from a2fbridge.service._request import shown_names
from a2fbridge.service._settings import SETTINGS_KEY, as_header, in_force

__all__ = ["Call"]

_DRAIN_SECONDS: Final = 5.0
_ABORT_SECONDS: Final = 2.0

_log = logging.getLogger("a2fbridge.service")
_numbers = itertools.count(1)


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
        self._inbox = Inbox(context, config, schedulers, self)
        self.refusal: Refusal | None = None
        """Why the stream ends, when it ends with an error."""
        self._header_sent = False
        self._writing = False
        self._complete = False
        self._frames = 0
        self._first_frame = 0.0

    async def run(self) -> None:
        """Serve the call to its end."""
        reader = asyncio.create_task(self._inbox.read())
        try:
            await self._write_until_done()
            if self.refusal:
                await self._refuse(self.refusal)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            self._free()
            self._log_end()
            self._inbox.forget_owner()  # the two hold each other: without this they wait for the garbage collector

    def fail(self, refusal: Refusal) -> None:
        """End the stream with an error; the first reason counts.  Its slot is free at once."""
        if self.refusal is None:
            self.refusal = refusal
            if not self._inbox.opening.done():
                self._inbox.opening.set_exception(refusal)
            self._free()

    @property
    def waiting(self) -> bool:
        """True while the call holds no stream and may: its header has not come, or what it sends is read to its end."""
        return not self._inbox.over.is_set() and (self.refusal is not None or not self._inbox.opening.done())

    def give_way(self) -> None:
        """End a call that holds no stream at once, so that another can be served."""
        self.fail(
            Refusal(StatusCode.RESOURCE_EXHAUSTED, "more calls came than there is room for without a header")
        )
        self._inbox.over.set()

    def note_input(self, intake: Intake | None) -> None:
        """A message came in; ``intake`` when it was audio or its end."""
        if intake:
            self._watch.received(intake.received_seconds, self._clock())
            if intake.ended:
                self._watch.fed()
        self._progress()

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
        await asyncio.wait({self._inbox.opening})  # awaited as it is, a timeout would cancel the future
        opened = self._inbox.opening.result()
        await self._write_opening(opened)
        handle, intake = opened.handle, opened.intake
        encoder = FrameEncoder(len(handle.names))
        while (outputs := await handle.frames()) and not self.refusal:
            for output in outputs:
                await self._write_remarks(intake)
                await self._write_frame(output, intake, encoder)
                if self.refusal:
                    return
        if self.refusal is None:
            await self._write_remarks(intake)
            await self._write(end_event())
            await self._write_status(status.Status.SUCCESS, f"{self._frames} frames")
            self._complete = True

    async def _write_opening(self, opened: Opened) -> None:
        await self._write_header(
            opened.request.scheduler, opened.handle.names, in_force(opened.request, opened.handle)
        )
        if opened.request.unknown:
            names = shown_names(opened.request.unknown)
            _log.warning("stream=%d ignored, because unknown: %s", self._number, names)
            await self._write_status(status.Status.WARNING, f"ignored, because unknown: {names}")

    async def _write_header(
        self, scheduler: Scheduler, names: Sequence[str], settings: dict[str, Any]
    ) -> None:
        await self._context.send_initial_metadata(((SETTINGS_KEY, as_header(settings)),))
        self._header_sent = True
        await self._write(header_message(names, scheduler.model.pack.info.sample_rate))

    async def _write_frame(self, output: OutputFrame, intake: Intake, encoder: FrameEncoder) -> None:
        echo = intake.take_echo()
        plain = not echo and output.frame.heard is None
        await self._write(encoder.encode(output) if plain else encode_frame(output, echo))
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

    async def _refuse(self, refusal: Refusal) -> None:
        """Say the reason in the stream, read on until the client has ended its audio, then say it as the result.

        A client that does not read cannot be told; its call is closed all the same.
        """
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                if not self._writing:
                    if not self._header_sent:
                        first = self._schedulers[0]
                        await self._write_header(first, first.model.face().names, {})
                    await self._write_status(status.Status.ERROR, refusal.text)
                await self._inbox.over.wait()
        except TimeoutError:
            pass
        try:
            async with asyncio.timeout(_ABORT_SECONDS):
                await self._context.abort(refusal.code, refusal.text, refusal.trailing_metadata)
        except TimeoutError:
            _log.debug("stream=%d the client does not read its end", self._number)

    def _free(self) -> None:
        if opened := self._inbox.opened:
            opened.handle.cancel()

    def _progress(self) -> None:
        self._watch.progress(self._clock())
        self._reschedule()

    def _reschedule(self) -> None:
        if self._timer and not self._timer.expired():
            self._timer.reschedule(self._watch.due)

    def _log_end(self) -> None:
        opened = self._inbox.opened
        seconds = opened.intake.received_seconds if opened else 0.0
        first = (self._first_frame - self._started) * 1e3 if self._frames else 0.0
        end = self.refusal.code.name if self.refusal else "OK" if self._complete else "GONE"
        _log.info(
            "stream=%d peer=%s audio_s=%.2f frames=%d wall_s=%.2f first_frame_ms=%.0f end=%s%s",
            self._number,
            self._context.peer(),
            seconds,
            self._frames,
            self._clock() - self._started,
            first,
            end,
            f" reason={self.refusal.text!a}" if self.refusal else "",
        )

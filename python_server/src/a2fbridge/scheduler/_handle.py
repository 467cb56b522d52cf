"""The two ends of a scheduled stream: the event loop pushes and takes, the worker thread computes.

What the loop writes and the worker reads, or the other way round, is a deque or a number: no locks are needed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from a2fbridge._errors import A2FBridgeError, StreamError
from a2fbridge.animation import Frame
from a2fbridge.audio import pcm16_to_float
from a2fbridge.streams import Stream, StreamOptions

__all__ = ["OutputFrame", "StreamHandle"]

EmotionKey = tuple[float, Mapping[str, float]]
_DRIFT: Final = 1e-3
"""Ten times what the crystals of two machines differ by."""


@dataclass(frozen=True, slots=True)
class OutputFrame:
    """A frame with the sound that belongs to it."""

    frame: Frame
    audio: bytes
    """PCM16 mono at the model's rate: from the frame's sample to the next frame's, zeros after the end."""


class StreamHandle:
    """The event loop's end of one stream.  All methods are the loop's, none blocks."""

    def __init__(
        self,
        options: StreamOptions,
        names: tuple[str, ...],
        settings: Mapping[str, Any],
        wake: Callable[[StreamHandle], None],
        on_close: Callable[[StreamHandle], None],
        limits: tuple[float, int],
        frames_each: int = 1,
    ) -> None:
        """``limits``: seconds of audio and frames that may wait; ``frames_each``: frames that a window yields."""
        self.options = options
        self.names = names
        """Weight names in frame order."""
        self.settings = dict(settings)
        """What is in force, fit for JSON."""
        self._wake, self._on_close = wake, on_close
        self._input_seconds, self._output_frames = limits
        self._frames_each = frames_each
        self._byte_rate = 2.0 * options.sample_rate
        self._received = 0
        self._pushed_at = 0.0
        self._ended = False
        self._ready: deque[OutputFrame] = deque()
        self._error: A2FBridgeError | None = None
        self._done = False
        self._changed = asyncio.Event()
        # Read or written by the worker:
        self.inbox: deque[bytes | EmotionKey | None] = deque()
        self.stream: Stream | None = None
        self.cancelled = False
        self.anchor = 0.0
        """When the stream's first sample came, on the loop's clock, as it looks from its last push."""
        self.consumed_seconds = 0.0
        self.computed = 0
        self.taken = 0
        self.served = 0

    @property
    def buffered_seconds(self) -> float:
        """Audio received and not yet turned into frames, in seconds."""
        return max(0.0, self.received_seconds - self.consumed_seconds)

    @property
    def received_seconds(self) -> float:
        """Audio received, in seconds."""
        return self._received / self._byte_rate

    def push_audio(self, pcm: bytes) -> None:
        """Append s16le mono audio at the stream's rate, whole samples.  Raises StreamError after the end."""
        if self._ended:
            raise StreamError("audio was pushed after the end of the stream")
        if len(pcm) % 2:
            raise StreamError(
                f"{len(pcm)} bytes are not whole 16-bit samples; carry the odd byte to the next chunk"
            )
        if not pcm:
            return
        self._set_anchor(asyncio.get_running_loop().time())
        self._received += len(pcm)
        self.inbox.append(pcm)
        self._wake(self)

    def _set_anchor(self, now: float) -> None:
        """Reckon real time anew at each push: a pause moves the anchor on, so that what follows is not overdue.

        A lead over real time wears off slowly: the clocks of two machines differ, and hours of that are no upload.
        """
        lead = self.received_seconds - (now - self.anchor) - _DRIFT * (now - self._pushed_at)
        self.anchor = now - self.received_seconds + max(0.0, lead if self._received else 0.0)
        self._pushed_at = now

    def push_emotions(self, keys: Sequence[EmotionKey]) -> None:
        """Add emotion keys (seconds, values by name), checked beforehand by ``check_emotions``."""
        self.inbox.extend(keys)
        self._wake(self)

    def end(self) -> None:
        """Say that no audio follows.  Twice is harmless."""
        if not self._ended:
            self._ended = True
            self.inbox.append(None)
            self._wake(self)

    def cancel(self) -> None:
        """Drop the stream: its place is free at once, no queued row runs.  After the end harmless."""
        if not self._done:
            self.cancelled = True
            self.inbox.clear()
            self._finish(StreamError("the stream was cancelled"))
            self._wake(self)

    async def frames(self) -> list[OutputFrame]:
        """Wait for the next frames (one or more); an empty list is the end.  Raises what stopped the stream."""
        while not self._ready:
            if self._error:
                raise self._error
            if self._done:
                return []
            await self._wait()
        frames = list(self._ready)
        self._ready.clear()
        before = self.taken
        self.taken += len(frames)
        # In this order: a worker that found the queue full before `taken` rose has raised `computed` by now.
        if self.computed - before >= self._output_frames:
            self._wake(self)
        return frames

    async def wait_room(self) -> None:
        """Wait until less audio is buffered than the limit, or the stream is over."""
        while self.buffered_seconds > self._input_seconds and not self._done:
            await self._wait()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _finish(self, error: A2FBridgeError | None = None) -> None:
        if not self._done:
            self._done, self._error = True, error
            self._changed.set()
            self._on_close(self)

    # What the scheduler calls on the loop:

    def deliver(self, frames: Sequence[OutputFrame], finished: bool, error: A2FBridgeError | None) -> None:
        """Hand over what the worker made."""
        self._ready.extend(frames)
        if finished or error:
            self._finish(error)
        self._changed.set()

    # What the worker thread calls:

    @property
    def room(self) -> int:
        """How many more windows may be computed before somebody takes some of their frames."""
        frames = self._output_frames - (self.computed - self.taken)
        return -(-frames // self._frames_each)

    @property
    def next_due(self) -> float:
        """When the next row is due, on the monotonic clock; look-ahead and budget are common to all streams."""
        stream = self.stream
        assert stream is not None
        return self.anchor + stream.clock.time_of(stream.next_frame)

    def absorb(self, ahead_seconds: float) -> None:
        """Move waiting input into the stream: what the next frame needs, then up to ``ahead_seconds`` beyond it."""
        stream = self.stream
        assert stream is not None
        while not self.cancelled:
            try:
                if (
                    isinstance(self.inbox[0], bytes)
                    and stream.ready_windows()
                    and self._ahead(stream) > ahead_seconds
                ):
                    return
                item = self.inbox.popleft()
            except IndexError:  # empty, perhaps because the loop cancelled the stream just now
                return
            if item is None:
                stream.end()
            elif isinstance(item, bytes):
                stream.push(pcm16_to_float(item))
            else:
                stream.push_emotions(*item)

    def outputs_of(self, frames: Sequence[Frame]) -> list[OutputFrame]:
        """Return frames just computed with their sound, and let go of what no later frame needs."""
        stream = self.stream
        assert stream is not None
        sounds = stream.audio_of(frames[0].index, len(frames)) if frames else []
        outputs = [OutputFrame(frame, sound) for frame, sound in zip(frames, sounds, strict=True)]
        stream.forget()
        self.computed += len(outputs)
        self.consumed_seconds = stream.clock.time_of(stream.next_frame)
        return outputs

    @staticmethod
    def _ahead(stream: Stream) -> float:
        return stream.samples / stream.clock.sample_rate - stream.clock.time_of(stream.next_frame)

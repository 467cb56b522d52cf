"""The asyncio client: the blocking one, its waiting done in threads.

gRPC's own asyncio client loses a server's reason when it is refused while it writes; the blocking one does not.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

from a2fbridge._errors import StreamError
from a2fbridge.animation import Animation, Frame
from a2fbridge.audio import AudioSource
from a2fbridge.client._audio import wire_audio
from a2fbridge.client._channel import Metadata, TlsFiles
from a2fbridge.client._session import EmotionKeys, Emotions
from a2fbridge.client._sync import Client, ClientStream, Clip
from a2fbridge.client._worker import Worker

__all__ = ["AsyncClient", "AsyncClientStream"]

_T = TypeVar("_T")


class AsyncClient:
    """:class:`Client` for asyncio."""

    def __init__(
        self,
        target: str,
        *,
        token: str | None = None,
        tls: TlsFiles | None = None,
        metadata: Metadata = (),
        timeout: float | None = None,
    ) -> None:
        """Connect lazily to ``HOST:PORT``; see :class:`Client`."""
        self._client = Client(target, token=token, tls=tls, metadata=metadata, timeout=timeout)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def target(self) -> str:
        """The server's address."""
        return self._client.target

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._client.close()

    async def health(self) -> bool:
        """Return whether the server says that it is serving.  Raises ServerError."""
        return await _in_thread(self._client.health)

    async def configs(self, *, as_json: bool = False) -> dict[str, str]:
        """Return the server's configuration files in force, by name.  Raises ServerError."""
        return await _in_thread(functools.partial(self._client.configs, as_json=as_json))

    async def animate(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        emotions: Emotions | None = None,
        paced: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Animation:
        """Animate a whole clip; see :meth:`Client.animate`.  ``on_progress`` is called in another thread."""
        pcm, rate = await _in_thread(functools.partial(wire_audio, audio, sample_rate))
        clip = Clip(self._client.connection, pcm, rate, emotions, paced, options)
        try:
            return await _in_thread(functools.partial(clip.run, on_progress))
        finally:
            clip.cancel()

    def stream(self, *, sample_rate: int = 16000, **options: Any) -> AsyncClientStream:
        """Open a live stream: push sound as it comes, iterate frames as they come."""
        return AsyncClientStream(self._client.stream(sample_rate=sample_rate, **options))


async def _in_thread(work: Callable[[], _T]) -> _T:
    worker = Worker()
    try:
        return await worker.submit(work)
    finally:
        worker.stop()


class AsyncClientStream:
    """A live stream whose frames are iterated with ``async for``; all else as in :class:`ClientStream`."""

    def __init__(self, stream: ClientStream) -> None:
        self._stream = stream
        self._worker = Worker()
        self._coming: asyncio.Future[Frame | None] | None = None
        self._closed = False

    @property
    def names(self) -> tuple[str, ...]:
        """Weight names; known once the first frame is there."""
        return self._stream.names

    @property
    def settings(self) -> dict[str, Any]:
        """What the server said is in force; known once the first frame is there, empty for a plain NIM."""
        return self._stream.settings

    @property
    def warnings(self) -> list[str]:
        """What the server warned of so far."""
        return self._stream.warnings

    def push(
        self, samples: NDArray[Any] | bytes, emotions: Mapping[str, float] | EmotionKeys | None = None
    ) -> None:
        """Send samples and emotions; it never waits.  See :meth:`ClientStream.push`."""
        self._stream.push(samples, emotions)

    def end(self) -> None:
        """Say that no audio follows.  Twice is harmless."""
        self._stream.end()

    async def close(self) -> None:
        """Cancel what is under way.  Twice is harmless."""
        self._closed = True
        self._stream.close()
        self._worker.stop()
        if coming := self._coming:
            await asyncio.wait((coming,))
            coming.exception()  # looked at: nobody may ask for it

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame; raises ServerError when the server refuses or fails.

        A wait that is cancelled, by a timeout say, loses nothing: the frame comes with the next call.
        """
        if self._closed:
            raise StreamError("frames were asked of a closed stream")
        if self._coming is None:
            self._coming = self._worker.submit(functools.partial(next, self._stream, None))
        await asyncio.wait(
            (self._coming,)
        )  # which, unlike await, leaves the future alone when it is cancelled
        coming, self._coming = self._coming, None
        frame = coming.result()
        if frame is None:
            raise StopAsyncIteration
        return frame

    async def __aenter__(self) -> AsyncClientStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

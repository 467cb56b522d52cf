"""The blocking client."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import grpc
import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import StreamError
from a2fbridge._network import split_address
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.services.a2x_export_config import v1_pb2 as export_config
from a2fbridge.animation import Animation, Frame
from a2fbridge.audio import AudioSource, float_to_pcm16, mono
from a2fbridge.client._audio import wire_audio
from a2fbridge.client._authoring import RemoteClip
from a2fbridge.client._channel import CHANNEL_OPTIONS, Metadata, TlsFiles, request_metadata
from a2fbridge.client._exchange import Connection, Exchange
from a2fbridge.client._options import clip_options
from a2fbridge.client._session import EmotionKeys, Emotions, Session

__all__ = ["Client", "ClientStream", "Clip"]

_HEALTH_SECONDS: Final = 5.0
_CHUNK_SECONDS: Final = 1.0
_PACED_SECONDS: Final = 0.1
_PACED_AHEAD: Final = 5
"""Messages that a paced clip sends at once: the header and half a second of sound."""


class Client:
    """Animates through a server: ours or any Audio2Face-3D NIM.  Safe to use from several threads."""

    def __init__(
        self,
        target: str,
        *,
        token: str | None = None,
        tls: TlsFiles | None = None,
        metadata: Metadata = (),
        timeout: float | None = None,
    ) -> None:
        """Connect lazily to ``HOST:PORT``.

        ``timeout`` in seconds bounds every call as a whole.  Raises ConfigError.
        """
        split_address(target, "server")
        pairs = request_metadata(token, metadata)
        if tls is not None:
            channel = grpc.secure_channel(target, tls.credentials(), CHANNEL_OPTIONS)
        else:
            channel = grpc.insecure_channel(target, CHANNEL_OPTIONS)
        self.connection = Connection(channel, target, tls is not None, pairs, timeout)
        """What the calls share; the asyncio client uses it too."""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def target(self) -> str:
        """The server's address."""
        return self.connection.target

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self.connection.channel.close()

    def health(self) -> bool:
        """Return whether the server says that it is serving.  Raises ServerError."""
        link = self.connection
        timeout = link.timeout or _HEALTH_SECONDS
        try:
            answer = link.methods.health(link.methods.health_request, timeout=timeout, metadata=link.metadata)
        except grpc.RpcError as error:
            raise link.fault(error) from None
        return bool(answer.status == link.methods.serving)

    def configs(self, *, as_json: bool = False) -> dict[str, str]:
        """Return the server's configuration files in force, by name.  Raises ServerError."""
        link = self.connection
        kind = export_config.ConfigsTypeRequest.JSON if as_json else export_config.ConfigsTypeRequest.YAML
        request = export_config.ConfigsTypeRequest(config_type=kind)
        try:
            answers = link.methods.configs(request, timeout=link.timeout, metadata=link.metadata)
            return {answer.name: answer.content for answer in answers}
        except grpc.RpcError as error:
            raise link.fault(error) from None

    def animate(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        emotions: Emotions | None = None,
        paced: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Animation:
        """Animate a whole clip; ``options`` are those of :func:`clip_options`.

        ``emotions`` hold from the start, or are keys of (seconds, emotions).  ``paced`` sends the sound as fast
        as it plays, as a microphone would.  ``on_progress(frames_done, frames)`` is called now and then.  Raises
        AudioError, ParameterError, ServerError.
        """
        pcm, rate = wire_audio(audio, sample_rate)
        return Clip(self.connection, pcm, rate, emotions, paced, options).run(on_progress)

    def clip(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        pack: str | None = None,
        identity: str | None = None,
        solver: str | None = None,
        automatic_emotion: bool | None = None,
    ) -> RemoteClip:
        """Upload a clip to the authoring service, to ask for single poses of it.

        ``pack``, ``identity``, ``solver`` and ``automatic_emotion`` are known to our server only, as for
        :func:`clip_options`.  Raises AudioError, ServerError.
        """
        pcm, rate = wire_audio(audio, sample_rate)
        options = clip_options(
            pack=pack, identity=identity, solver=solver, automatic_emotion=automatic_emotion
        )
        return RemoteClip(self.connection, pcm, rate, options)

    def stream(self, *, sample_rate: int = 16000, **options: Any) -> ClientStream:
        """Open a live stream: push sound as it comes, take frames as they come.  Raises ParameterError."""
        return ClientStream(self.connection, sample_rate, options)


class Clip:
    """A whole clip on its way through a server."""

    def __init__(
        self,
        connection: Connection,
        pcm: bytes,
        rate: int,
        emotions: Emotions | None,
        paced: bool,
        options: Mapping[str, Any],
    ) -> None:
        """Starts the call; never waits.  Raises ParameterError."""
        clip = clip_options(**options)
        over = threading.Event()
        session = Session(rate, clip, connection.target)
        messages = session.clip(pcm, emotions, _PACED_SECONDS if paced else _CHUNK_SECONDS)
        requests = _sent(messages, session.end(), over, _PACED_SECONDS if paced else 0.0)
        self._total = int(-(-len(pcm) // 2 * (clip.frame_rate or 30) // rate))
        self._exchange = Exchange(connection, session, requests, over.set)

    def run(self, on_progress: Callable[[int, int], None] | None = None) -> Animation:
        """Wait for all frames."""
        frames: list[Frame] = []
        for frame in self._exchange:
            frames.append(frame)
            if on_progress and len(frames) % 30 == 0:
                on_progress(len(frames), self._total)
        return self._exchange.session.animation(frames)

    def cancel(self) -> None:
        """End the call now, from any thread."""
        self._exchange.cancel()


def _sent(
    messages: Iterator[controller.AudioStream],
    end: controller.AudioStream,
    over: threading.Event,
    pause: float,
) -> Iterator[controller.AudioStream]:
    """Yield a clip's messages, ``pause`` seconds apart after the first half second; the end once it is over."""
    for number, message in enumerate(messages):
        if over.wait(pause if number > _PACED_AHEAD else 0.0):
            yield end
            return
        yield message


class ClientStream:
    """A live stream: push from one thread, iterate frames in another (or afterwards)."""

    def __init__(self, connection: Connection, sample_rate: int, options: Mapping[str, Any]) -> None:
        self._session = Session(sample_rate, clip_options(**options), connection.target)
        self._session.keep_audio = False
        self._sample_rate = sample_rate
        self._pushed = 0.0
        self._ended = False
        self._requests: queue.SimpleQueue[controller.AudioStream | None] = queue.SimpleQueue()
        self._requests.put(self._session.header)
        self._exchange = Exchange(connection, self._session, iter(self._requests.get, None), self.end)
        self._frames = iter(self._exchange)

    @property
    def names(self) -> tuple[str, ...]:
        """Weight names; known once the first frame is there."""
        return self._session.names

    @property
    def settings(self) -> dict[str, Any]:
        """What the server said is in force; known once the first frame is there, empty for a plain NIM."""
        return self._session.settings

    @property
    def warnings(self) -> list[str]:
        """What the server warned of so far."""
        return self._session.warnings

    def push(
        self, samples: NDArray[Any] | bytes, emotions: Mapping[str, float] | EmotionKeys | None = None
    ) -> None:
        """Send samples (float, int16, or PCM16 bytes); it never waits.

        ``emotions`` hold from the start of these samples on, or are keys of (seconds from the start of the stream,
        emotions).  Raises StreamError after the end, ParameterError.
        """
        if self._ended:
            raise StreamError(
                "audio was pushed after the end of the stream; open a new one for the next clip"
            )
        pcm = samples if isinstance(samples, bytes) else float_to_pcm16(mono(np.asarray(samples)))
        keys = [(self._pushed, emotions)] if isinstance(emotions, Mapping) else emotions or ()
        for message in self._session.chunks(pcm, keys):
            self._requests.put(message)
        self._pushed += len(pcm) / (2 * self._sample_rate)

    def end(self) -> None:
        """Say that no audio follows.  Twice is harmless."""
        if not self._ended:
            self._ended = True
            self._requests.put(self._session.end())
            self._requests.put(None)

    def close(self) -> None:
        """Cancel what is under way, from any thread.  Twice is harmless."""
        self._exchange.cancel()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        """Wait for the next frame; raises ServerError when the server refuses or fails."""
        return next(self._frames)

    def __enter__(self) -> ClientStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

"""The blocking client."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ServerError, StreamError
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge._proto.nvidia_ace.services.a2x_export_config import v1_pb2 as export_config
from a2fbridge.animation import Animation, Frame
from a2fbridge.audio import AudioSource, float_to_pcm16, mono
from a2fbridge.client._audio import wire_audio
from a2fbridge.client._channel import (
    CHANNEL_OPTIONS,
    Metadata,
    TlsFiles,
    check_target,
    failure,
    request_metadata,
)
from a2fbridge.client._methods import Methods
from a2fbridge.client._options import clip_options
from a2fbridge.client._session import Emotions, Session

__all__ = ["Client", "ClientStream"]

_HEALTH_SECONDS = 5.0


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
        self.target = check_target(target)
        self._secure = tls is not None
        self._metadata = request_metadata(token, metadata)
        self._timeout = timeout
        if tls is not None:
            self._channel = grpc.secure_channel(target, tls.credentials(), CHANNEL_OPTIONS)
        else:
            self._channel = grpc.insecure_channel(target, CHANNEL_OPTIONS)
        self._methods = Methods(self._channel)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def health(self) -> bool:
        """Return whether the server says that it is serving.  Raises ServerError."""
        try:
            answer = self._methods.health(
                self._methods.health_request,
                timeout=self._timeout or _HEALTH_SECONDS,
                metadata=self._metadata,
            )
        except grpc.RpcError as error:
            raise self._failure(error) from None
        return bool(answer.status == self._methods.serving)

    def configs(self, *, as_json: bool = False) -> dict[str, str]:
        """Return the server's configuration files in force, by name.  Raises ServerError."""
        kind = export_config.ConfigsTypeRequest.JSON if as_json else export_config.ConfigsTypeRequest.YAML
        request = export_config.ConfigsTypeRequest(config_type=kind)
        try:
            answers = self._methods.configs(request, timeout=self._timeout, metadata=self._metadata)
            return {answer.name: answer.content for answer in answers}
        except grpc.RpcError as error:
            raise self._failure(error) from None

    def animate(
        self,
        audio: AudioSource,
        sample_rate: int | None = None,
        *,
        emotions: Emotions | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> Animation:
        """Animate a whole clip; ``options`` are those of :func:`clip_options`.

        ``emotions`` hold from the start, or are keys of (seconds, emotions).  ``on_progress(frames_done, frames)``
        is called now and then.  Raises AudioError, ParameterError, ServerError.
        """
        pcm, rate = wire_audio(audio, sample_rate)
        clip = clip_options(**options)
        session = Session(rate, clip, self.target)
        total = -(-len(pcm) // 2 * (clip.frame_rate or 30) // rate)
        frames: list[Frame] = []
        for frame in self._exchange(session, session.clip(pcm, emotions)):
            frames.append(frame)
            if on_progress and len(frames) % 30 == 0:
                on_progress(len(frames), int(total))
        session.check_finished()
        return session.animation(frames)

    def stream(self, *, sample_rate: int = 16000, **options: Any) -> ClientStream:
        """Open a live stream: push sound as it comes, take frames as they come."""
        return ClientStream(self, sample_rate, options)

    def _exchange(self, session: Session, requests: Iterator[controller.AudioStream]) -> Iterator[Frame]:
        metadata = [*self._metadata, *session.extensions]
        call = self._methods.process(requests, timeout=self._timeout, metadata=metadata)
        try:
            session.accept_metadata(call.initial_metadata())
            for message in call:
                frame = session.accept(message)
                if frame is not None:
                    yield frame
        except grpc.RpcError as error:
            raise self._failure(error) from None
        except ServerError as error:
            raise self._in_band(call, error) from None
        finally:
            call.cancel()

    def _in_band(self, call: Any, error: ServerError) -> ServerError:
        """An ERROR status says the text, the call's own status the kind: wait for the latter, briefly."""
        try:
            for _ in call:
                pass
        except grpc.RpcError as ended:
            if ended.code() is not grpc.StatusCode.CANCELLED:
                return self._failure(ended)
        return error

    def _failure(self, error: grpc.RpcError) -> ServerError:
        return failure(error.code(), error.details(), self.target, self._secure)


class ClientStream:
    """A live stream through a blocking client: push from one thread, iterate frames in another (or afterwards)."""

    def __init__(self, client: Client, sample_rate: int, options: Mapping[str, Any]) -> None:
        self._session = Session(sample_rate, clip_options(**options), client.target)
        self._requests: queue.SimpleQueue[controller.AudioStream | None] = queue.SimpleQueue()
        self._requests.put(self._session.header)
        self._ended = False
        self._frames = client._exchange(self._session, iter(self._requests.get, None))

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
        self, samples: NDArray[Any] | bytes, emotions: Mapping[str, float] | None = None, at: float = 0.0
    ) -> None:
        """Send samples (float, int16, or PCM16 bytes), with emotions from second ``at`` on.  Raises StreamError."""
        if self._ended:
            raise StreamError("audio was pushed after the end of the stream")
        pcm = samples if isinstance(samples, bytes) else float_to_pcm16(mono(np.asarray(samples)))
        self._requests.put(self._session.chunk(pcm, [(at, emotions)] if emotions is not None else ()))

    def end(self) -> None:
        """Say that no audio follows.  Twice is harmless."""
        if not self._ended:
            self._ended = True
            self._requests.put(self._session.end())
            self._requests.put(None)

    def close(self) -> None:
        """Cancel what is under way.  Twice is harmless."""
        self._ended = True
        self._requests.put(None)
        self._frames.close()  # type: ignore[attr-defined]

    def __iter__(self) -> Iterator[Frame]:
        yield from self._frames
        self._session.check_finished()

    def __enter__(self) -> ClientStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

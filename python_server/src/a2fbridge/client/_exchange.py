"""One call of ProcessAudioStream: requests leave on gRPC's thread, frames are iterated on the caller's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from a2fbridge._errors import ServerError, StreamError
from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.animation import Frame
from a2fbridge.client._faults import fault_for
from a2fbridge.client._methods import Methods
from a2fbridge.client._session import RefusedError, Session

__all__ = ["Connection", "Exchange"]


class Connection:
    """What the calls of a client share."""

    def __init__(
        self,
        channel: grpc.Channel,
        target: str,
        secure: bool,
        metadata: list[tuple[str, str]],
        timeout: float | None,
    ) -> None:
        self.channel, self.target, self.secure = channel, target, secure
        self.metadata, self.timeout = metadata, timeout
        self.methods = Methods(channel)

    def fault(self, error: Any) -> ServerError:
        """Return the error of our tree for a failed call."""
        return fault_for(error, self.target, self.secure)


class Exchange:
    """Frames of one call, to be iterated once; ``cancel`` may come from any thread."""

    def __init__(
        self,
        connection: Connection,
        session: Session,
        requests: Iterator[controller.AudioStream],
        give_up: Callable[[], None],
    ) -> None:
        """``give_up`` makes ``requests`` end soon; it is called when the server refuses and when the call is over."""
        self.session = session
        self._connection = connection
        self._give_up = give_up
        metadata = [*connection.metadata, *session.extensions]
        self._call: Any = connection.methods.process(requests, timeout=connection.timeout, metadata=metadata)
        self._call.add_done_callback(lambda _: give_up())

    def cancel(self) -> None:
        """End the call now; harmless after its end."""
        self._give_up()
        self._call.cancel()

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they come; raises ServerError, or StreamError after ``cancel``."""
        try:
            self.session.accept_metadata(self._call.initial_metadata())
            for message in self._call:
                frame = self.session.accept(message)
                if frame is not None:
                    yield frame
            self.session.check_finished()
        except grpc.RpcError as error:
            raise self._failure(error) from None
        except RefusedError as error:
            self._give_up()
            raise self._in_band(error) from None
        finally:
            self.cancel()

    def _in_band(self, error: ServerError) -> Exception:
        """An ERROR status says the text, the call's own status the kind: wait for the latter."""
        try:
            for _ in self._call:
                pass
        except grpc.RpcError as ended:
            return self._failure(ended)
        return error

    def _failure(self, error: Any) -> Exception:
        if error.code() is grpc.StatusCode.CANCELLED:
            return StreamError("the stream was closed before its end")
        return self._connection.fault(error)

"""Why a call ends with an error: the gRPC code and the text that the client shall read."""

from __future__ import annotations

import logging
from typing import Final

from grpc import StatusCode

from a2fbridge import _errors

__all__ = ["Refusal", "refusal_of"]

_CODES: Final[tuple[tuple[type[Exception], StatusCode], ...]] = (
    (_errors.ServerBusyError, StatusCode.RESOURCE_EXHAUSTED),
    (_errors.ServerUnavailableError, StatusCode.UNAVAILABLE),
    (_errors.ParameterError, StatusCode.INVALID_ARGUMENT),
    (_errors.AudioError, StatusCode.INVALID_ARGUMENT),
    (_errors.StreamError, StatusCode.FAILED_PRECONDITION),
)
_RETRY_MS: Final = 1000

_log = logging.getLogger("a2fbridge.service")


class Refusal(Exception):
    """Ends a call with an error."""

    def __init__(self, code: StatusCode, text: str, retry_ms: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry_ms = retry_ms
        """When to try again, for an error that will pass."""

    @property
    def trailing_metadata(self) -> tuple[tuple[str, str], ...]:
        """gRPC's own retry hint, which retrying clients obey."""
        return (("grpc-retry-pushback-ms", str(self.retry_ms)),) if self.retry_ms is not None else ()


def refusal_of(error: Exception) -> Refusal:
    """Return what a client is told of an error; one that is not ours goes to the log, not to the client."""
    if isinstance(error, Refusal):
        return error
    if not isinstance(error, _errors.A2FBridgeError):
        _log.error("a stream failed inside the server", exc_info=error)
        return Refusal(StatusCode.INTERNAL, "the server failed; its log says why")
    for kind, code in _CODES:
        if isinstance(error, kind):
            passing = kind in (_errors.ServerBusyError, _errors.ServerUnavailableError)
            return Refusal(code, str(error), _RETRY_MS if passing else None)
    return Refusal(StatusCode.INTERNAL, str(error))

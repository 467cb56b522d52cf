"""Every error that A2FBridge raises on purpose.

    A2FBridgeError
    ├── AudioError            a sound that cannot be read or is out of limits
    ├── BackendError          the inference engine failed or is not installed
    ├── ConfigError           a bad option, configuration file or environment
    ├── ConventionError       weights of one convention where the other is needed
    ├── DatasetError          a training dataset that cannot be used (findings: file, frame, reason)
    ├── MappingError          a mapping table that cannot be used (file, line, column)
    ├── PackError             a model pack that is missing, damaged or hostile (file, key)
    ├── ParameterError        a parameter that is unknown, not a number or out of range
    ├── RecordingError        a recorded session or animation file that cannot be read (byte offset)
    ├── ServerError           a server refused or failed a request (gRPC code)
    │   ├── AuthenticationError   wrong or missing token, certificate refused
    │   ├── ServerBusyError       no free stream
    │   └── ServerUnavailableError    nothing answers at the address
    └── StreamError           a stream used out of order, or after its end

Each message says what was wrong, where, and what would be right.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Sequence

__all__ = [
    "A2FBridgeError",
    "AudioError",
    "AuthenticationError",
    "BackendError",
    "ConfigError",
    "ConventionError",
    "DatasetError",
    "MappingError",
    "PackError",
    "ParameterError",
    "RecordingError",
    "ServerBusyError",
    "ServerError",
    "ServerUnavailableError",
    "StreamError",
    "nearest",
]

_log = logging.getLogger("a2fbridge")


class A2FBridgeError(Exception):
    """Base of all errors raised on purpose."""


class AudioError(A2FBridgeError):
    """A sound that cannot be read or is out of limits."""


class BackendError(A2FBridgeError):
    """The inference engine failed or is not installed."""


class ConfigError(A2FBridgeError):
    """A bad option, configuration file or environment."""


class ConventionError(A2FBridgeError):
    """Weights of one convention (``a2f``, ``arkit``) where the other is needed."""


class DatasetError(A2FBridgeError):
    """A training dataset that cannot be used; ``findings`` holds everything that was found, worst first."""

    def __init__(self, message: str, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class MappingError(A2FBridgeError):
    """A mapping table that cannot be used.

    ``path`` names the file (or None), ``line`` and ``column`` count from 1 (0 when not known); ``code`` is a
    short word for the kind of mistake, the same in every implementation (docs/mapping.md lists them).
    """

    def __init__(
        self, message: str, path: str | None = None, line: int = 0, column: int = 0, code: str = ""
    ) -> None:
        where = f"{path or '<table>'}:{line}:{column}: " if line else (f"{path}: " if path else "")
        super().__init__(where + message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.code = code


class PackError(A2FBridgeError):
    """A model pack that is missing, damaged or hostile."""


class ParameterError(A2FBridgeError, ValueError):
    """A parameter that is unknown, not a number or out of range."""


class RecordingError(A2FBridgeError):
    """A recorded session or animation file that cannot be read.

    ``offset`` is the byte where reading stopped, ``frame`` the frame that is wrong, where one is.
    """

    def __init__(self, message: str, offset: int = 0, frame: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.frame = frame


class ServerError(A2FBridgeError):
    """A server refused or failed a request; ``code`` is the gRPC status name (``"INTERNAL"``, ...).

    ``link`` names what broke on the way to it: ``dns``, ``tcp``, ``tls``, ``token`` or ``server`` itself.
    """

    def __init__(self, message: str, code: str = "UNKNOWN", link: str = "server") -> None:
        super().__init__(message)
        self.code = code
        self.link = link


class AuthenticationError(ServerError):
    """Wrong or missing token, or a certificate that was refused."""


class ServerBusyError(ServerError):
    """The server has no free stream."""


class ServerUnavailableError(ServerError):
    """Nothing answers at the address, or the server is shutting down."""


class StreamError(A2FBridgeError):
    """A stream used out of order, or after its end."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known name closest to ``name``, or an empty string."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean '{by_lower[close[0]]}'?)" if close else ""


def explained(error: Exception, what: str) -> A2FBridgeError:
    """Return an error to hand on: ours as it is; any other is a mistake of ours, logged and named."""
    if isinstance(error, A2FBridgeError):
        return error
    _log.error("%s", what, exc_info=error)
    return BackendError(f"{what}: {error}")

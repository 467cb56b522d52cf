"""How to reach a server: address, certificates, token, and what a failed call means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from a2fbridge._errors import (
    AuthenticationError,
    ConfigError,
    ServerBusyError,
    ServerError,
    ServerUnavailableError,
)

__all__ = ["CHANNEL_OPTIONS", "Metadata", "TlsFiles", "check_target", "failure", "request_metadata"]

Metadata = Sequence[tuple[str, str]]

_MAX_MESSAGE: Final = 64 << 20
CHANNEL_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of an encrypted connection."""

    root: str | Path | None = None
    """Certificate authority to trust; None trusts the system's."""
    certificate: str | Path | None = None
    """Client certificate, for servers that ask for one (mTLS)."""
    key: str | Path | None = None
    """Key of the client certificate."""

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files; raises ConfigError."""
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("a client certificate and its key go together; one of them is missing")
        return grpc.ssl_channel_credentials(_pem(self.root), _pem(self.key), _pem(self.certificate))


def _pem(path: str | Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if b"-----BEGIN" not in content:
        raise ConfigError(f"{path}: is no PEM file; right begins with -----BEGIN")
    return content


def check_target(target: str) -> str:
    """Return ``HOST:PORT``; raises ConfigError for anything else."""
    host, _, port = target.rpartition(":")
    if not (host and port.isdigit() and 0 < int(port) < 65536):
        raise ConfigError(f"server '{target}' is not HOST:PORT, such as localhost:52000")
    return target


def request_metadata(token: str | None, metadata: Metadata) -> list[tuple[str, str]]:
    """Return the metadata of every call; raises ConfigError for a token that cannot be sent."""
    pairs = [(name.lower(), value) for name, value in metadata]
    if token is not None:
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise ConfigError("the token is empty or holds blanks or characters beyond ASCII")
        pairs.append(("authorization", f"Bearer {token}"))
    return pairs


_BUSY: Final = {grpc.StatusCode.RESOURCE_EXHAUSTED}
_REFUSED: Final = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}


def failure(code: grpc.StatusCode, details: str | None, target: str, secure: bool) -> ServerError:
    """Return the error of our tree for a gRPC status."""
    text = details or "no reason given"
    if code in _REFUSED:
        return AuthenticationError(f"{target} refused the caller: {text}", code.name)
    if code in _BUSY:
        return ServerBusyError(f"{target}: {text}", code.name)
    if code is grpc.StatusCode.UNAVAILABLE:
        return _unavailable(text, target, secure)
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return ServerError(
            f"{target} answers, but does not speak Audio2Face-3D's bidirectional protocol: {text}", code.name
        )
    return ServerError(f"{target}: {text}", code.name)


def _unavailable(text: str, target: str, secure: bool) -> ServerError:
    lower = text.lower()
    if secure and any(hint in lower for hint in ("certificate", "verify", "peer name", "handshake")):
        if "wrong version number" in lower or "wrong_version_number" in lower:
            return ServerUnavailableError(
                f"{target} does not speak TLS; right is a connection without it", "UNAVAILABLE"
            )
        return AuthenticationError(
            f"the certificate of {target} was refused, or ours by it: {text}", "UNAVAILABLE"
        )
    if not secure and any(
        hint in lower for hint in ("socket closed", "connection reset", "end of tcp", "broken pipe")
    ):
        return ServerUnavailableError(
            f"{target} closed the connection: it may want TLS (--tls or --tls-ca), or it stopped: {text}",
            "UNAVAILABLE",
        )
    return ServerUnavailableError(
        f"nothing serves at {target} ({text}); is the server running, are host and port right?", "UNAVAILABLE"
    )

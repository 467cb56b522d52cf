"""How to reach a server: address, certificates, token, and what a failed call means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from a2fbridge._errors import ConfigError

__all__ = ["CHANNEL_OPTIONS", "Metadata", "TlsFiles", "request_metadata", "split_target"]

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


def split_target(target: str) -> tuple[str, int]:
    """Split ``HOST:PORT`` (an IPv6 host in brackets); raises ConfigError for anything else."""
    host, _, port = target.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ConfigError(f"server '{target}' is not HOST:PORT, such as localhost:52000 or [::1]:52000")
    return host, int(port)


def request_metadata(token: str | None, metadata: Metadata) -> list[tuple[str, str]]:
    """Return the metadata of every call; raises ConfigError for a token that cannot be sent."""
    pairs = [(name.lower(), value) for name, value in metadata]
    if token is not None:
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise ConfigError("the token is empty or holds blanks or characters beyond ASCII")
        pairs.append(("authorization", f"Bearer {token}"))
    return pairs

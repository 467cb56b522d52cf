"""How to reach a server: address, certificates, token, and what a failed call means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from a2fbridge._errors import ConfigError
from a2fbridge._network import read_pem

__all__ = ["CHANNEL_OPTIONS", "Metadata", "TlsFiles", "request_metadata"]

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
        return grpc.ssl_channel_credentials(
            _pem(self.root, "CERTIFICATE", "certificate authority"),
            _pem(self.key, "PRIVATE KEY", "client key"),
            _pem(self.certificate, "CERTIFICATE", "client certificate"),
        )


def _pem(path: str | Path | None, label: str, what: str) -> bytes | None:
    return None if path is None else read_pem(path, label, what)


def request_metadata(token: str | None, metadata: Metadata) -> list[tuple[str, str]]:
    """Return the metadata of every call; raises ConfigError for a token that cannot be sent."""
    pairs = [(name.lower(), value) for name, value in metadata]
    if token is not None:
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise ConfigError("the token is empty or holds blanks or characters beyond ASCII")
        pairs.append(("authorization", f"Bearer {token}"))
    return pairs

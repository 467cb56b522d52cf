"""Addresses and certificate files, read alike by client, server and doctor."""

from __future__ import annotations

from pathlib import Path

from a2fbridge._errors import ConfigError

__all__ = ["check_port", "join_address", "read_pem", "split_address"]


def split_address(text: str, what: str = "address", *, any_port: bool = False) -> tuple[str, int]:
    """Split ``HOST:PORT`` (an IPv6 host in brackets); ``any_port`` allows 0.  Raises ConfigError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal() and len(port) <= 5):
        raise ConfigError(f"{what} '{text}' is not HOST:PORT, such as 127.0.0.1:52000 or [::1]:52000")
    if not (any_port and int(port) == 0):
        check_port(int(port), f"{what} '{text}' is not HOST:PORT: ")
    return host, int(port)


def check_port(port: int, where: str = "") -> int:
    """Return a port that a connection can be made to; raises ConfigError for anything else."""
    if not 0 < port < 65536:
        raise ConfigError(f"{where}{port} is no port; right is 1 to 65535")
    return port


def join_address(host: str, port: int) -> str:
    """Join host and port, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_pem(path: str | Path, label: str, what: str) -> bytes:
    """Return a PEM file with a block of that label (``CERTIFICATE``, ``PRIVATE KEY``); raises ConfigError."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{what} '{path}' cannot be read: {error.strerror}") from None
    if b"-----BEGIN " not in content or label.encode() + b"-----" not in content:
        raise ConfigError(f"{what} '{path}' is not a PEM file with a {label}")
    return content

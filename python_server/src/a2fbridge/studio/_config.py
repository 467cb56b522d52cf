"""What a studio needs to know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from a2fbridge._errors import ConfigError
from a2fbridge.service import ServerConfig, is_loopback

__all__ = ["StudioConfig"]

_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


@dataclass(frozen=True)
class StudioConfig:
    """Everything about a studio; the defaults serve this machine alone, with an engine of its own."""

    host: str = "127.0.0.1"
    port: int = 8570
    """0 takes a free one."""
    server: str | None = None
    """``HOST:PORT`` of a server to use instead of an engine of its own."""
    client: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments of ``Client`` for that server: token, tls, metadata."""
    authoring: str | None = None
    """``HOST:PORT`` of an authoring service for single frames, where it is not at ``server``: NVIDIA's
    is a service of its own."""
    engine: ServerConfig = field(default_factory=ServerConfig)
    """Packs, solver and the like of its own engine; where that listens is decided by the studio."""
    tls_cert: str | None = None
    tls_key: str | None = None
    tokens: Sequence[str] = ()
    """Bearer tokens of which a page must send one; none are asked for when empty."""
    insecure: bool = False
    """Allow an address other than loopback without TLS."""
    allow_hosts: Sequence[str] = ()
    """Further names under which browsers may reach this studio, as in the address bar, with port."""
    allow_origins: Sequence[str] = ()
    """Other pages' origins (``https://example.com``) that may open live streams."""
    upload_bytes: int = 64 << 20
    upload_seconds: float = 60.0
    """How long an upload may take."""
    clip_seconds: float = 600.0
    live_streams: int = 64
    """Open WebSockets at most."""

    def checked(self) -> StudioConfig:
        """Return this configuration; raises ConfigError when it is not usable."""
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port is {self.port}; right is 0 to 65535")
        if self.authoring and not self.server:
            raise ConfigError(
                "an authoring service goes with a server; the studio's own engine has one already"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigError("a certificate and its key go together; one of them is missing")
        if not (self.tls_cert or self.insecure or is_loopback(self.host)):
            raise ConfigError(
                f"{self.host} can be reached from other machines and nothing is encrypted; give a certificate "
                "(--tls-cert, --tls-key), bind 127.0.0.1, or say --insecure where the network is trusted"
            )
        for origin in self.allow_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigError(
                    f"origin '{origin}' is not like https://example.com or http://localhost:3000"
                )
        return self

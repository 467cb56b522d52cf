"""A running studio: its server, its routes, its port, how it starts and stops."""

from __future__ import annotations

import socket
import ssl
from types import TracebackType
from typing import Final

from aiohttp import web

from a2fbridge._errors import ConfigError
from a2fbridge._network import join_address
from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._guard import Guard
from a2fbridge.studio._live import Live
from a2fbridge.studio._routes import Routes
from a2fbridge.studio._upstream import Upstream

__all__ = ["Studio"]

_GRACE: Final = 5.0


class Studio:
    """The web application, as an async context manager: ``async with Studio() as studio: print(studio.url)``."""

    def __init__(self, config: StudioConfig | None = None) -> None:
        """Raises ConfigError."""
        self.config = (config or StudioConfig()).checked()
        self.url = ""
        """Address for a browser, once started; with tokens it holds the first."""
        self._upstream = Upstream(self.config)
        self._live = Live(self._upstream, self.config.live_streams)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Studio:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the engine and listen.  Raises ConfigError, PackError, BackendError."""
        await self._upstream.start()
        try:
            await self._listen()
        except BaseException:
            await self._upstream.stop()
            raise

    async def stop(self) -> None:
        """Close the streams, the port and the engine."""
        await self._live.close()
        if self._runner:
            await self._runner.cleanup()
        await self._upstream.stop()

    async def _listen(self) -> None:
        config = self.config
        listener = _listener(config)
        port = listener.getsockname()[1]
        guard = Guard(config, port)
        app = web.Application(middlewares=[guard.middleware], client_max_size=config.upload_bytes)
        Routes(config, self._upstream, self._live).add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
        await self._runner.setup()
        await web.SockSite(self._runner, listener, ssl_context=_certificates(config)).start()
        scheme = "https" if config.tls_cert else "http"
        token = f"#token={config.tokens[0]}" if config.tokens else ""
        self.url = f"{scheme}://{join_address(config.host, port)}/{token}"


def _listener(config: StudioConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family)
    except OSError as error:
        where = join_address(config.host, config.port)
        raise ConfigError(
            f"cannot listen at {where}: {error.strerror}; is another studio running there?"
        ) from None


def _certificates(config: StudioConfig) -> ssl.SSLContext | None:
    if not (config.tls_cert and config.tls_key):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"certificate '{config.tls_cert}' and its key cannot be used: {error}") from None
    return context

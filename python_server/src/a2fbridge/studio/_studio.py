"""A running studio: its server, its routes, its port, how it starts and stops."""

from __future__ import annotations

import ssl
from types import TracebackType

from aiohttp import web

from a2fbridge._errors import ConfigError
from a2fbridge.service import join_address
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
        guard = _LateGuard()
        app = web.Application(middlewares=[guard.middleware], client_max_size=config.upload_bytes)
        Routes(config, self._upstream, self._live).add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
        await self._runner.setup()
        site = web.TCPSite(self._runner, config.host, config.port, ssl_context=_certificates(config))
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = join_address(config.host, config.port)
            raise ConfigError(f"cannot listen at {where}: {error.strerror}; is another studio running?") from None
        port = self._runner.addresses[0][1]
        guard.set(Guard(config, port))
        scheme = "https" if config.tls_cert else "http"
        token = f"#token={config.tokens[0]}" if config.tokens else ""
        self.url = f"{scheme}://{join_address(config.host, port)}/{token}"

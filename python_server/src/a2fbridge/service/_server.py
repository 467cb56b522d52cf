"""The server: its services, its port, how it starts, drains and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from a2fbridge import _protobuf
from a2fbridge._errors import ConfigError
from a2fbridge._network import join_address, split_address
from a2fbridge._proto.nvidia_ace.services.a2f_controller import v1_pb2 as _a2f_controller  # noqa: F401
from a2fbridge.scheduler import Scheduler
from a2fbridge.service import _authoring, _export
from a2fbridge.service._auth import TokenInterceptor, read_tokens, server_credentials
from a2fbridge.service._call import Call
from a2fbridge.service._config import ServerConfig
from a2fbridge.service._models import open_schedulers
from a2fbridge.service._refusal import Refusal

__all__ = ["CONTROLLER", "Server"]

CONTROLLER: Final = "nvidia_ace.services.a2f_controller.v1.A2FControllerService"
_SERVICES: Final = (CONTROLLER, _export.SERVICE, _authoring.SERVICE)
_LAST_WORDS: Final = 0.5
"""Seconds that refused streams get to send their last status."""
_MIN_MESSAGE: Final = 4 << 20
_OTHER_CALLS: Final = 50
"""Calls beyond the streams: health, configuration, reflection, and those that are just ending."""
_KEEPALIVE_MS: Final = 60_000


class Server:
    """A running server, as an async context manager.

    ``async with Server(config) as server: print(server.address)``.  Port 0 in the configuration takes a free one.
    Leaving the block drains: new streams are refused, running ones finish within the grace period.
    """

    def __init__(self, config: ServerConfig, schedulers: Sequence[Scheduler] | None = None) -> None:
        """``schedulers`` are models that are open already; by default the packs of the configuration are loaded."""
        self.config = config.checked()
        self.address = ""
        """Host and port that clients can reach, once started."""
        self.schedulers = list(schedulers or ())
        self._server: Any = None
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._calls: dict[Call, None] = {}
        """The calls being served, oldest first."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self._most_waiting = self.config.deployment.common.stream_number + _OTHER_CALLS

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The port that is bound, once started."""
        return split_address(self.address)[1]

    @property
    def streams(self) -> int:
        """Calls that are being served."""
        return len(self._calls)

    async def start(self) -> None:
        """Load the packs, warm up and listen.  Raises ConfigError, PackError, BackendError."""
        server = self._build()
        if not self.schedulers:
            self.schedulers = await asyncio.to_thread(open_schedulers, self.config)
        for scheduler in self.schedulers:
            await scheduler.start()
        try:
            server.add_generic_rpc_handlers((self._controller(), self._exporter(), *self._authoring()))
            self.address = self._bind(server)
            await self._set_health(health_pb2.HealthCheckResponse.SERVING)
            await server.start()
        except BaseException:
            await self._stop_schedulers()
            raise
        self._server = server

    async def drain(self, hurry: asyncio.Event | None = None) -> None:
        """Refuse new streams and let the running ones finish, until the grace period is over or ``hurry`` is set.

        Streams that are still there then are told so.
        """
        self._draining = True
        await self._health.enter_graceful_shutdown()
        grace = self.config.deployment.a2fbridge.shutdown_grace_second
        waits = [asyncio.create_task(event.wait()) for event in (self._idle, hurry) if event is not None]
        await asyncio.wait(waits, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        for call in list(self._calls):
            call.fail(
                Refusal(grpc.StatusCode.UNAVAILABLE, "the server stopped before the stream was complete")
            )
        if self._calls:
            await asyncio.wait({asyncio.create_task(self._idle.wait())}, timeout=_LAST_WORDS)

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Drain, close the port and stop the models."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await self.drain(hurry)
        await server.stop(0)
        await self._stop_schedulers()

    def report(self) -> dict[str, Any]:
        """Return the numbers of each model: streams, load, batch sizes, stalls of the event loop."""
        return {
            scheduler.model.pack.id: {
                "streams": scheduler.streams_in_use,
                "load": round(scheduler.load, 4),
                "batch_rows": scheduler.batch_sizes.as_dict(),
                "loop_stall_ms": scheduler.loop_stalls.as_dict(),
            }
            for scheduler in self.schedulers
        }

    def _build(self) -> Any:
        packs = len(self.schedulers) or len(self.config.packs)
        streams = packs * self.config.deployment.common.stream_number
        token_file = self.config.deployment.a2fbridge.token_file
        interceptors = [TokenInterceptor(read_tokens(token_file))] if token_file else []
        server = grpc.aio.server(
            interceptors=interceptors,
            options=self._options(),
            maximum_concurrent_rpcs=streams + self._most_waiting + _OTHER_CALLS,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        names = [*_SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, server, pool=_reflection_pool())
        return server

    def _options(self) -> list[tuple[str, Any]]:
        limits = self.config.advanced.input_sanitization
        clip = self.config.deployment.a2fbridge.authoring_clip_mib << 20
        message = 2 * limits.max_audio_buffer_size_second * limits.max_sample_rate
        largest = max(message, clip) + (1 << 20)
        return [
            ("grpc.so_reuseport", 0),  # two servers on one port would share the calls silently
            ("grpc.max_receive_message_length", max(_MIN_MESSAGE, largest)),
            ("grpc.keepalive_time_ms", _KEEPALIVE_MS),  # finds clients that vanished without a word
            ("grpc.keepalive_timeout_ms", 20_000),
        ]

    def _bind(self, server: Any) -> str:
        listen = self.config.listen
        host, _ = split_address(listen.url, any_port=True)
        credentials = server_credentials(listen)
        try:
            if credentials:
                port = server.add_secure_port(listen.url, credentials)
            else:
                port = server.add_insecure_port(listen.url)
        except RuntimeError:
            port = 0
        if not port:
            raise ConfigError(
                f"cannot listen at {listen.url}: the port is in use, or the address not this machine's"
            )
        return join_address(host, port)

    def _controller(self) -> grpc.GenericRpcHandler[Any, Any]:
        method = grpc.stream_stream_rpc_method_handler(self._process_audio_stream)
        return grpc.method_handlers_generic_handler(CONTROLLER, {"ProcessAudioStream": method})

    def _exporter(self) -> grpc.GenericRpcHandler[Any, Any]:
        return _export.ExportConfig(self.config, self.schedulers[0].model).handler()

    def _authoring(self) -> list[grpc.GenericRpcHandler[Any, Any]]:
        if not self.config.deployment.a2fbridge.authoring_clip_mib:
            return []
        return [_authoring.Authoring(self.config, self.schedulers).handler()]

    async def _process_audio_stream(self, _: Any, context: Any) -> None:
        if self._draining:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is shutting down; try another")
        call = Call(context, self.config, self.schedulers)
        self._calls[call] = None
        self._make_room()
        self._idle.clear()
        try:
            await call.run()
        finally:
            del self._calls[call]
            if not self._calls:
                self._idle.set()

    def _make_room(self) -> None:
        """Calls without a stream may not use up what the transport serves at once: the oldest gives way."""
        waiting = [call for call in self._calls if call.waiting]
        if len(waiting) > self._most_waiting:
            waiting[0].give_way()

    async def _set_health(self, status: Any) -> None:
        for name in ("", *_SERVICES):
            await self._health.set(name, status)

    async def _stop_schedulers(self) -> None:
        for scheduler in self.schedulers:
            await scheduler.stop()
            scheduler.model.backend.close()


def _reflection_pool() -> Any:
    """Return a pool of our own files and those of health and reflection, which live in protobuf's default pool."""
    return _protobuf.pool_with(health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR)

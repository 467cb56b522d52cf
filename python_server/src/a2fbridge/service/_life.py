"""A server as a process: from the first line of its log to the last."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Callable
from typing import Any, Final

from a2fbridge.service._config import ServerConfig
from a2fbridge.service._parent import on_exit
from a2fbridge.service._server import Server

__all__ = ["on_signals", "serve"]

_LEVELS: Final = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "disabled": logging.CRITICAL + 10,
}

_log = logging.getLogger("a2fbridge.service")


def serve(config: ServerConfig, *, json_events: bool = False, parent: int | None = None) -> int:
    """Run a server until SIGTERM or SIGINT and return the exit status.

    The first signal drains, a second one stops at once.  SIGUSR1 logs the report.  With ``json_events`` one JSON
    object a line on standard output tells ``running`` (address, packs) and ``stopped``.  With ``parent``, a process
    id, the server also ends when that process does, killed or not; ConfigError when there is none.
    """
    return asyncio.run(_serve(config, json_events, parent))


async def _serve(config: ServerConfig, json_events: bool, parent: int | None) -> int:
    stopping, hurry = asyncio.Event(), asyncio.Event()
    logging.getLogger("a2fbridge").setLevel(_LEVELS[config.deployment.logging.log_level])
    if parent is not None:
        on_exit(parent, stopping.set)
    server = Server(config)
    on_signals(
        lambda: hurry.set() if stopping.is_set() else stopping.set(),
        lambda: _log.info("report=%s", json.dumps(server.report())),
    )
    await server.start()
    packs = [scheduler.model.pack.id for scheduler in server.schedulers]
    secure = config.listen.secure_mode
    _log.info("Running... address=%s secure=%s packs=%s", server.address, secure, ",".join(packs))
    _event(json_events, "running", address=server.address, port=server.port, packs=packs, secure=secure)
    await stopping.wait()
    _log.info("stopping: %d streams are running", server.streams)
    await server.stop(hurry)
    _log.info("stopped report=%s", json.dumps(server.report()))
    _event(json_events, "stopped")
    return 0


def on_signals(stop: Callable[[], None], report: Callable[[], None] | None = None) -> None:
    """Call ``stop`` on SIGINT and SIGTERM, ``report`` on SIGUSR1 where there is one; on the running loop."""
    loop = asyncio.get_running_loop()
    handlers = {"SIGINT": stop, "SIGTERM": stop, **({"SIGUSR1": report} if report else {})}
    for name, handler in handlers.items():
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, handler)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_, handler=handler: loop.call_soon_threadsafe(handler))


def _event(wanted: bool, name: str, **values: Any) -> None:
    if wanted:
        with contextlib.suppress(BrokenPipeError):  # the reader is gone
            print(json.dumps({"event": name, **values}), flush=True)

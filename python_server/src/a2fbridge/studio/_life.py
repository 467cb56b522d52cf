"""A studio as a process."""

from __future__ import annotations

import asyncio
import json
import logging
import webbrowser

from a2fbridge.service import on_exit, on_signals
from a2fbridge.studio._config import StudioConfig
from a2fbridge.studio._studio import Studio

__all__ = ["run_studio"]

_log = logging.getLogger("a2fbridge.studio")


def run_studio(
    config: StudioConfig,
    *,
    open_browser: bool = False,
    json_events: bool = False,
    parent: int | None = None,
) -> int:
    """Run a studio until SIGTERM or SIGINT and return the exit status.

    Its address goes to standard output: a sentence, or with ``json_events`` an object ``running`` (url).  With
    ``parent``, a process id, it also ends when that process does; ConfigError when there is none.
    """
    return asyncio.run(_run(config, open_browser, json_events, parent))


async def _run(config: StudioConfig, open_browser: bool, json_events: bool, parent: int | None) -> int:
    stopping = asyncio.Event()
    on_signals(stopping.set)
    if parent is not None:
        on_exit(parent, stopping.set)
    async with Studio(config) as running:
        if json_events:
            print(json.dumps({"event": "running", "url": running.url}), flush=True)
        else:
            print(f"The studio is open at {running.url} (Ctrl-C closes it)", flush=True)
        if open_browser:
            webbrowser.open(running.url)
        await stopping.wait()
        _log.info("stopping")
    return 0

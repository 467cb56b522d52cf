"""A studio in a thread of this process, and what the tests say to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

from a2fbridge._proto.nvidia_ace.controller import v1_pb2 as controller
from a2fbridge.studio import Studio, StudioConfig


@contextmanager
def running_studio(**config: Any) -> Iterator[str]:
    """Run a studio on a free port for the length of the block; yields its address without the slash."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    studio = Studio(StudioConfig(port=0, **config))
    try:
        asyncio.run_coroutine_threadsafe(studio.start(), loop).result(60)
        yield studio.url.partition("/#")[0].rstrip("/")
    finally:
        asyncio.run_coroutine_threadsafe(_ended(studio), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _ended(studio: Studio) -> None:
    await studio.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:  # connections that a test left open
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def messages(body: bytes) -> list[controller.AnimationDataStream]:
    """Cut the frames of a clip into messages."""
    out, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "little")
        out.append(controller.AnimationDataStream.FromString(body[at + 4 : at + 4 + size]))
        at += 4 + size
    return out


async def live(
    url: str, sent: list[bytes], headers: dict[str, str] | None = None
) -> tuple[Any, list[controller.AnimationDataStream], int]:
    """Say ``sent`` on a WebSocket; returns the settings, the messages that came back, and the close code."""
    settings: Any = None
    came = []
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=["a2fbridge.v1"], headers=headers, max_msg_size=0) as socket,
    ):
        for message in sent:
            await socket.send_bytes(message)
        async for answer in socket:
            if answer.type is aiohttp.WSMsgType.TEXT:
                settings = answer.json()
            else:
                came.append(controller.AnimationDataStream.FromString(answer.data))
        return settings, came, socket.close_code or 0

"""A thread that waits for a coroutine."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Worker"]

_T = TypeVar("_T")
_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Worker:
    """Does one thing after another in a thread of its own, which ends when the worker is stopped or dropped.

    Unlike an executor's thread it never holds up the end of the program, whatever it waits for.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(self._jobs,), name="a2fbridge-client", daemon=True).start()

    def submit(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        """Do the work after what was submitted before; cancelling the future does not stop the work."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._jobs.put((work, loop, future))
        return future

    def stop(self) -> None:
        """End the thread after what was submitted.  Twice is harmless."""
        self._jobs.put(None)

    def __del__(self) -> None:
        self._jobs.put(None)


def _serve(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        work, loop, future = job
        result: Any = None
        problem: BaseException | None = None
        try:
            result = work()
        except BaseException as error:
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, future, result, problem)
        del (
            job,
            work,
            loop,
            future,
            result,
            problem,
        )  # what nobody else holds shall not live until the next job


def _settle(future: asyncio.Future[Any], result: Any, problem: BaseException | None) -> None:
    if future.done():
        return
    if problem is None:
        future.set_result(result)
    else:
        future.set_exception(problem)

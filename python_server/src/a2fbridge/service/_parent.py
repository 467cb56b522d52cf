"""The process that a server works for: when it ends, however it ends, the server ends too."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from a2fbridge._errors import ConfigError

__all__ = ["on_exit"]

_POLL_SECONDS: Final = 1.0


def on_exit(pid: int, call: Callable[[], None]) -> None:
    """Call ``call`` once on the running loop when process ``pid`` has ended, killed or not.

    The system tells of the end where it can (Linux, Windows, macOS); elsewhere it is looked for each second.  Raises
    ConfigError when there is no such process.
    """
    loop = asyncio.get_running_loop()
    try:
        if pid <= 0:
            raise ProcessLookupError
        wait = _open(pid)
    except ProcessLookupError:
        raise ConfigError(f"process {pid}, which the server is to end with, does not exist") from None

    def run() -> None:
        wait()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(call)

    threading.Thread(target=run, name="a2fbridge-parent", daemon=True).start()


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE: Final = 0x00100000
    _INFINITE: Final = 0xFFFFFFFF

    def _open(pid: int) -> Callable[[], object]:
        kernel = ctypes.windll.kernel32
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        if not handle:
            raise ProcessLookupError
        return lambda: kernel.WaitForSingleObject(ctypes.c_void_p(handle), _INFINITE)

elif sys.platform == "darwin":

    def _open(pid: int) -> Callable[[], object]:
        queue = select.kqueue()
        end = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
        queue.control([end], 0)
        return lambda: queue.control(None, 1)

else:

    def _open(pid: int) -> Callable[[], object]:
        try:
            descriptor = os.pidfd_open(pid)  # also tells of a killed process that nobody has waited for yet
        except (AttributeError, PermissionError, NotImplementedError):
            if not _runs(pid):
                raise ProcessLookupError from None
            return lambda: _poll(pid)
        end = select.poll()
        end.register(descriptor, select.POLLIN)
        return end.poll


def _poll(pid: int) -> None:
    while _runs(pid):
        time.sleep(_POLL_SECONDS)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True

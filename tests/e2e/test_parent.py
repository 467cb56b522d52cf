"""A server that was started for another program ends with it, also when that is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import running_server

import a2fbridge
from a2fbridge import ConfigError
from a2fbridge.service import _parent


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    yield process
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()


def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    with running_server(tmp_path, "--with-parent", str(other.pid)) as server:
        assert server.process.poll() is None
        other.kill()  # and nobody waits for it: a zombie is gone too
        assert server.process.wait(timeout=30) == 0
    assert "stopped report=" in server.log.read_text()


def test_a_parent_that_is_not_there_is_named() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(
        ConfigError, match=f"process {gone.pid}, which the server is to end with, does not exist"
    ):
        a2fbridge.serve(a2fbridge.load_server_config(port=0), parent=gone.pid)
    with pytest.raises(ConfigError):
        asyncio.run(_watch(0))


@pytest.mark.parametrize("poll", [False, True], ids=["told", "looked-for"])
def test_the_end_is_told_once(
    monkeypatch: pytest.MonkeyPatch, other: subprocess.Popen[bytes], poll: bool
) -> None:
    if poll:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        monkeypatch.setattr(_parent, "_POLL_SECONDS", 0.05)
    assert asyncio.run(_watch(other.pid, other)) == 1


async def _watch(pid: int, process: subprocess.Popen[bytes] | None = None) -> int:
    told = []
    gone = asyncio.Event()
    _parent.on_exit(pid, lambda: told.append(gone.set()))
    await asyncio.sleep(0.2)
    assert not told
    assert process
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)
    await asyncio.wait_for(gone.wait(), 10)
    await asyncio.sleep(0.2)
    return len(told)

"""A server in a process of its own, started as a user would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLI = [sys.executable, "-m", "a2fbridge"]


@dataclass(frozen=True)
class RunningServer:
    """Where it listens, and the process."""

    address: str
    process: subprocess.Popen[str]
    log: Path


@contextmanager
def running_server(folder: Path, *options: str) -> Iterator[RunningServer]:
    """Run ``a2fbridge serve`` on a free port for the length of the block; its log goes to ``folder``."""
    log = folder / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*CLI, "serve", "--port", "0", "--json", "--threads", "1", *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield RunningServer(_address(process, log), process, log)
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "running":
            return f"localhost:{event['port']}"
    raise AssertionError(f"the server did not start: {log.read_text()}")


def cli(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run([*CLI, *map(str, arguments)], capture_output=True, text=True, timeout=120)

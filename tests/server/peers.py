"""NVIDIA's published stubs, installed beside the environment and used in processes of their own."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tests/peers.txt"


@functools.cache
def peers_dir() -> Path:
    """Return the folder that holds the packages of ``tests/peers.txt``: run.py's, or one made the first time."""
    pins = REQUIREMENTS.read_text()
    for target in (Path(sys.prefix) / "peers", ROOT / ".cache" / "peers"):
        stamp = target / ".stamp"
        if stamp.is_file() and stamp.read_text() == pins:
            return target
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"]
    subprocess.run([*pip, "--target", target, "-r", REQUIREMENTS], check=True)
    stamp.write_text(pins)
    return target


def run_peer(script: Path, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a script in a process that sees NVIDIA's packages and not ours."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
        "PYTHONPATH": str(peers_dir())
    }
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )

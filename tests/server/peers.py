"""NVIDIA's published stubs, installed beside the environment and used in processes of their own."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tests/peers.txt"


@functools.cache
def peers_dir() -> Path:
    """Return the folder that holds the packages of ``tests/peers.txt``, installing them the first time."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    target = ROOT / ".cache" / f"peers-{digest}"
    if not (target / "complete").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"]
        subprocess.run([*pip, "--target", target, "-r", REQUIREMENTS], check=True)
        (target / "complete").touch()
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

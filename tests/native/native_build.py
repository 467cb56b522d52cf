"""Builds the native side once for the tests that use it from outside, and says why when that cannot be."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests/native"


@functools.cache
def build(preset: str, *targets: str) -> Path:
    """Return the build folder of a preset of tests/native/CMakePresets.json in which ``targets`` are built."""
    for tool in ("cmake", "ninja", "protoc"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (tests/debian.txt has what the native side needs)")
    _run("cmake", "--preset", preset)
    _run("cmake", "--build", "--preset", preset, "--target", *targets, "--parallel", "2")
    return ROOT / "build/native" / preset


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


def client_library() -> Path:
    """The shared library."""
    return build("dev", "a2fbridge_client", "a2fb") / "client/client_library/liba2fbridge_client.so"


def a2fb() -> Path:
    """The command-line client."""
    return build("dev", "a2fbridge_client", "a2fb") / "client/client_library/tools/a2fb"

"""The plugin with the real client library and a real server: remote and local, and what goes wrong in words."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import ue_compile
from editor_scripts import SCRIPTS, SKELETON, expect_keys
from engine import Engine
from native_build import client_library
from processes import running_server
from test_ue_run import plugin_folder, program
from ue_source import ROOT

import a2fbridge

SAMPLE = ROOT / "python_server/src/a2fbridge/data/samples/hello.wav"
__all__ = ["program"]

pytestmark = [
    pytest.mark.skipif("g++" not in ue_compile.compilers(), reason="no g++"),
    pytest.mark.timeout(1000),  # the first build of plugin and library on a busy machine
]


def local_environment(folder: Path) -> Path:
    """A folder with the Python that runs the tests where a virtual environment has it."""
    python = folder / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}/python_server/src" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Environment of the plugin's tests that need library and server."""
    return {
        **os.environ,
        "A2FBRIDGE_TEST_PLUGIN": str(plugin_folder(tmp_path / "plugin")),
        "A2FBRIDGE_TEST_PROJECT": str(tmp_path / "project"),
        "A2FBRIDGE_TEST_LIBRARY": str(client_library()),
        "A2FBRIDGE_TEST_WAV": str(SAMPLE),
        "A2FBRIDGE_TEST_ENVIRONMENT": str(local_environment(tmp_path / "environment")),
    }


def test_a_local_server_ends_with_an_engine_that_is_killed(program: Path, settings: dict[str, str]) -> None:
    done = subprocess.run([str(program), "Crash"], capture_output=True, text=True, env=settings, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    host, _, port = done.stdout.split()[-1].partition(":")
    deadline = time.monotonic() + 30
    while answers(host, int(port)):
        assert time.monotonic() < deadline, "the server outlives the engine"
        time.sleep(0.1)


def answers(host: str, port: int) -> bool:
    """Tell whether something listens."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def test_plugin_against_server(
    program: Path, settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server asks for a token: the plugin finds it in the user's file, as a packaged game would."""
    (tmp_path / "tokens.txt").write_text("sesame\n")
    file = tmp_path / "user" / "A2FBridge" / "Tokens.ini"
    file.parent.mkdir(parents=True)
    file.write_text("Server=sesame\n")
    with running_server(tmp_path, "--token-file", str(tmp_path / "tokens.txt")) as server:
        done = subprocess.run(
            [str(program), "Server"],
            capture_output=True,
            text=True,
            env={
                **settings,
                "A2FBRIDGE_TEST_TARGET": server.address,
                "A2FBRIDGE_TEST_USER": str(tmp_path / "user"),
            },
            timeout=240,
        )
    assert done.returncode == 0, done.stdout + done.stderr

    # The clip that the plugin's job made is the one that Python makes, and so is what was recorded while it was heard.
    made = a2fbridge.load_animation(tmp_path / "project" / "job.a2frec")
    parameters = {"lowerFaceStrength": 0.7}
    expected = a2fbridge.animate(SAMPLE, emotions={"joy": np.float32(0.8)}, parameters=parameters)
    assert list(made.names) == list(expected.names)
    assert np.abs(made.weights - expected.weights).max() <= 1e-5
    heard = a2fbridge.load_animation(tmp_path / "project" / "Saved" / "live.a2frec")
    assert np.abs(heard.weights - a2fbridge.animate(SAMPLE).weights).max() <= 1e-5

    # And what the local provider made is baked, key by key.
    monkeypatch.setitem(sys.modules, "unreal", (engine := Engine()).unreal)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    engine.add(SKELETON, "Skeleton")
    editor = importlib.import_module("a2fbridge_editor")
    options = editor.BakeOptions(skeleton=SKELETON, tolerance=-1.0)
    sequence = editor.bake(tmp_path / "project" / "local.a2frec", options)
    expect_keys(engine, sequence, a2fbridge.MappingTable.load("mh4").map(a2fbridge.animate(SAMPLE)), 1e-5)

"""NVIDIA's own stubs, in a process of their own, against a running server (wire protocol, section 7)."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from in_memory import speechlike
from peers import peers_dir
from processes import RunningServer, running_server

import a2fbridge


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.parametrize(("rate", "seconds"), [(16000, 3.137), (16000, 2.0), (44100, 3.137)])
def test_a_clip(server: RunningServer, tmp_path: Path, rate: int, seconds: float) -> None:
    sound = (speechlike(seconds, rate) * 32767).astype(np.int16)
    path = tmp_path / "clip.wav"
    soundfile.write(path, sound, rate)
    script = Path(__file__).with_name("nvidia_client.py")
    environment = {**os.environ, "PYTHONPATH": str(peers_dir())}
    command = [sys.executable, script, server.address, path]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    samples = ceil(len(sound) * 16000 / rate)
    frames = ceil(30 * samples / 16000)
    assert got["first"] == "animation_data_stream_header"
    assert got["last"] == ["event", "status"]
    assert got["statuses"] == ["SUCCESS"]
    assert got["names"] == list(a2fbridge.FACE_NAMES)
    assert got["weights"] == [68]
    assert got["frames"] == frames
    assert got["times"] == [i / 30 for i in range(frames)]
    assert got["configs"] == [f"{part}_config.yaml" for part in ("stylization", "deployment", "advanced")]
    assert got["echo_rate"] == 16000
    assert got["echo_samples"] == 16000 * frames // 30
    if rate == 16000:
        padded = np.zeros(got["echo_samples"], "<i2")
        padded[: len(sound)] = sound
        assert got["echo_sha256"] == hashlib.sha256(padded.tobytes()).hexdigest()

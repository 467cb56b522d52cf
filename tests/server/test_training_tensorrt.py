"""The networks that training exports are ones that TensorRT's parser takes and its builder builds, without a GPU."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from a2fbridge._resources import data_dir

ROOT = Path(__file__).resolve().parents[2]
PIN = "tensorrt-rtx-cu12==1.7.1.116"


@pytest.fixture(scope="module")
def tensorrt() -> Path:
    """Return a folder with tensorrt-rtx, installed the first time (89 MB); skip where it cannot be had."""
    target = ROOT / ".cache" / "tensorrt"
    stamp = target / ".stamp"
    if not stamp.is_file() or stamp.read_text() != PIN:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--upgrade",
            "--no-deps",
            "--target",
            str(target),
        ]
        try:
            done = subprocess.run([*pip, PIN], capture_output=True, text=True, timeout=90, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"{PIN} took more than 90 s to install")
        if done.returncode:
            pytest.skip(f"{PIN} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
        stamp.write_text(PIN)
    return target


@pytest.fixture(params=["builtin", "reference", "compact"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the network of the built-in pack, or one for a dataset with NVIDIA's numbers of values."""
    if request.param == "builtin":
        return data_dir() / "packs" / "builtin" / "network.onnx"
    pytest.importorskip("onnx", reason="the extra [train] is not installed")
    from a2fbridge.training.config import default_run
    from a2fbridge.training.networks import Sizes, network_for

    made = network_for(default_run(request.param).network, Sizes(140, 10, 15, 4, 10))
    path = tmp_path / "network.onnx"
    path.write_bytes(made.graph(made.initial(1)).SerializeToString())
    return path


def test_the_network_parses_and_builds(tensorrt: Path, network: Path) -> None:
    script = Path(__file__).with_name("build_engine.py")
    environment = os.environ | {"PYTHONPATH": str(tensorrt)}
    done = subprocess.run(
        [sys.executable, str(script), str(network)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if "cannot open shared object" in done.stderr:
        pytest.skip(f"{PIN} does not load here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    assert found["inputs"] == {"input": [-1, 1, 8320], "emotion": [-1, 1, 26]}
    assert found["bytes"] > 100_000

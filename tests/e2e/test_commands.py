"""The main job between processes: server, command line, files."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from in_memory import speechlike
from processes import RunningServer, cli, running_server

import a2fbridge

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def _recording(folder: Path, rate: int, seconds: float = 1.3) -> Path:
    path = folder / f"speech_{rate}.wav"
    soundfile.write(path, speechlike(seconds, rate), rate, subtype="PCM_16")
    return path


@pytest.mark.parametrize(("rate", "fps"), [(16000, "30"), (44100, "60"), (16000, "30000/1001"), (8000, "25")])
def test_the_server_gives_what_the_local_path_gives(
    server: RunningServer, tmp_path: Path, rate: int, fps: str
) -> None:
    wav = _recording(tmp_path, rate)
    local, remote = tmp_path / "local.npz", tmp_path / "remote.npz"
    assert cli("animate", wav, "-o", local, "--fps", fps).returncode == 0
    done = cli("animate", wav, "-o", remote, "--fps", fps, "--server", server.address)
    assert done.returncode == 0, done.stderr
    ours, theirs = a2fbridge.load_animation(local), a2fbridge.load_animation(remote)
    assert len(ours) == len(theirs) == ceil(ours.frame_rate * 1.3)
    np.testing.assert_allclose(theirs.weights, ours.weights, atol=1e-5 if rate >= 16000 else 5e-3)
    np.testing.assert_allclose(theirs.time_codes, ours.time_codes)


def test_settings_travel(server: RunningServer, tmp_path: Path) -> None:
    wav = _recording(tmp_path, 16000)
    options = ["--emotion", "joy=0.8", "--param", "lowerFaceStrength=1.5", "--gain", "JawOpen=0.5", "--clamp"]
    local, remote = tmp_path / "local.npz", tmp_path / "remote.npz"
    assert cli("animate", wav, "-o", local, *options).returncode == 0
    assert cli("animate", wav, "-o", remote, *options, "--server", server.address).returncode == 0
    ours, theirs = a2fbridge.load_animation(local), a2fbridge.load_animation(remote)
    np.testing.assert_allclose(theirs.weights, ours.weights, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--pack", "bultin"], "bultin"),
        (["--solver", "fast"], "fast"),
        (["--param", "skinStrength=7"], "0 to 2"),
        (["--param", "skinStrenght=1"], "did you mean 'skinStrength'"),
        (["--emotion", "joy=3"], "0 to 1"),
        (["--emotion", "yoy=1"], "did you mean 'joy'"),
        (["--gain", "JawOpne=1"], "unknown blend shape 'JawOpne'"),
    ],
)
def test_bad_options_are_refused_through_a_server(
    server: RunningServer, tmp_path: Path, options: list[str], text: str
) -> None:
    out = tmp_path / "x.npz"
    done = cli("animate", _recording(tmp_path, 16000), "-o", out, "--server", server.address, *options)
    assert done.returncode == 1
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_doctor_finds_a_good_way(server: RunningServer) -> None:
    done = cli("doctor", "--server", server.address)
    assert done.returncode == 0, done.stdout
    assert "all links hold" in done.stdout


def test_token(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("s3cret-token-for-tests\n")
    wrong.write_text("another\n")
    with running_server(tmp_path, "--token-file", str(right)) as server:
        assert cli("doctor", "--server", server.address, "--token-file", right).returncode == 0
        for option in ([], ["--token-file", wrong]):
            done = cli("doctor", "--server", server.address, *option)
            assert done.returncode == 1
            assert "token" in done.stdout
    assert "s3cret" not in server.log.read_text()


def test_port_in_use(server: RunningServer) -> None:
    port = server.address.rpartition(":")[2]
    done = cli("serve", "--port", port)
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_open_address_without_tls_needs_a_word() -> None:
    done = cli("serve", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 1
    assert "--insecure" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_sigterm_ends_with_0(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
    assert "stopped report=" in server.log.read_text()


def test_demo(tmp_path: Path) -> None:
    script = ROOT / "scripts/demo.py"
    done = subprocess.run(
        [sys.executable, script, "--out", tmp_path], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    for name in ("weights.npz", "session.a2frec", "metahuman.csv", "curves.png"):
        assert (tmp_path / name).stat().st_size > 1000
        assert name in done.stdout
    animation = a2fbridge.load_animation(tmp_path / "weights.npz")
    assert animation.curve("JawOpen").max() > 0.2

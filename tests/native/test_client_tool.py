"""a2fb, as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from native_build import a2fb
from processes import RunningServer, running_server

import a2fbridge

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "python_server/src/a2fbridge/data/samples/hello.wav"

pytestmark = pytest.mark.timeout(1000)  # the first test builds


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([a2fb(), *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_csv_and_recording_equal_python(server, tmp_path):
    csv, recording = tmp_path / "face.csv", tmp_path / "face.a2frec"
    done = run(SAMPLE, "--server", server.address, "-o", csv, "-o", recording)
    assert "first frame after" in done.stdout
    expected = a2fbridge.animate(SAMPLE)
    a2fbridge.save(expected, tmp_path / "python.csv")
    header, *rows = csv.read_text().splitlines()
    python_header, *python_rows = (tmp_path / "python.csv").read_text().splitlines()
    assert header == python_header
    assert [row.split(",")[:2] for row in rows] == [row.split(",")[:2] for row in python_rows]
    for animation in (
        a2fbridge.load_animation(csv, convention="a2f"),
        a2fbridge.load_animation(recording),
    ):
        assert animation.names == expected.names
        assert animation.frame_rate == expected.frame_rate
        assert np.abs(animation.weights - expected.weights).max() <= 1e-5
    whole = a2fbridge.load_animation(recording)
    assert whole.convention == "a2f"
    assert np.array_equal(whole.audio[: len(expected.audio)], expected.audio)
    assert whole.settings["pack"] == "builtin"


def test_mapped_curves_equal_python(server, tmp_path):
    out = tmp_path / "mh.csv"
    run(SAMPLE, "--server", server.address, "--mapping", "mh4", "-o", out, "--fps", "30")
    expected = a2fbridge.MappingTable.load("mh4").map(a2fbridge.animate(SAMPLE))
    mapped = a2fbridge.load_animation(out)
    assert mapped.names == expected.names
    assert np.abs(mapped.weights - expected.weights).max() <= 1e-5


def test_a_recording_is_mapped_without_a_server(tmp_path):
    animation = a2fbridge.animate(SAMPLE)
    a2fbridge.save(animation, tmp_path / "in.a2frec")
    run("--recording", tmp_path / "in.a2frec", "--mapping", "vrm", "-o", tmp_path / "vrm.a2frec")
    mapped = a2fbridge.load_animation(tmp_path / "vrm.a2frec")
    assert mapped.convention == "target"
    assert np.abs(mapped.weights - a2fbridge.MappingTable.load("vrm").map(animation).weights).max() <= 1e-5
    run("--recording", tmp_path / "in.a2frec", "--convention", "arkit", "-o", tmp_path / "arkit.a2frec")
    converted = a2fbridge.load_animation(tmp_path / "arkit.a2frec")
    assert converted.convention == "arkit"
    assert np.abs(converted.weights - animation.to_convention("arkit").weights).max() <= 1e-5
    again = run(
        "--recording", tmp_path / "vrm.a2frec", "--mapping", "mh4", "-o", tmp_path / "x.csv", status=1
    )
    assert "curves of a rig already" in again.stderr


def test_a_damaged_recording_gives_what_is_whole(tmp_path):
    animation = a2fbridge.animate(SAMPLE)
    a2fbridge.save(animation, tmp_path / "in.a2frec")
    content = (tmp_path / "in.a2frec").read_bytes()
    (tmp_path / "in.a2frec").write_bytes(content[: len(content) // 2])
    done = run("--recording", tmp_path / "in.a2frec", "-o", tmp_path / "out.csv", status=1)
    assert "damaged" in done.stderr
    assert len(a2fbridge.load_animation(tmp_path / "out.csv", convention="a2f")) > 5


def test_paced_like_a_microphone(server, tmp_path):
    with wave.open(str(SAMPLE)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    done = run(SAMPLE, "--server", server.address, "--paced", "--json", "-o", tmp_path / "face.csv")
    figures = json.loads(done.stdout)
    assert figures["frames"] == len(a2fbridge.load_animation(tmp_path / "face.csv", convention="a2f"))
    assert figures["wall_s"] >= seconds - 0.3  # the last frames' sound was not sent sooner
    assert {"first_frame_ms", "fps", "behind_p50_ms", "behind_p99_ms"} <= set(figures)


def test_options_reach_the_server(server, tmp_path):
    run(
        *(
            SAMPLE,
            "--server",
            server.address,
            "-o",
            tmp_path / "face.csv",
            "--fps",
            "60",
            "--emotion",
            "joy=0.9",
        ),
        *("--gain", "JawOpen=0.5", "--param", "lowerFaceStrength=1.3", "--solver", "bvls", "--clamp"),
    )
    expected = a2fbridge.animate(
        SAMPLE,
        frame_rate=60,
        emotions={"joy": 0.9},
        multipliers={"JawOpen": 0.5},
        parameters={"lowerFaceStrength": 1.3},
        clamp=True,
    )
    animation = a2fbridge.load_animation(tmp_path / "face.csv", convention="a2f")
    assert animation.weights.shape == expected.weights.shape
    assert np.abs(animation.weights - expected.weights).max() <= 1e-5


def test_health(server):
    assert "is serving" in run("--health", "--server", server.address).stdout
    assert "nothing answers" in run("--health", "--server", "localhost:9", status=1).stderr


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        ((), 2, "give one of"),
        (("x.wav",), 2, "--server HOST:PORT is missing"),
        (("x.wav", "--server", "localhost:9"), 2, "say with -o what to write"),
        (("x.wav", "--server", "localhost:9", "-o", "x.npz"), 2, "ends neither in .csv nor in .a2frec"),
        (("--nonsense",), 2, "unknown option '--nonsense'"),
        (("--gain", "JawOpen"), 2, "is not NAME=VALUE, such as JawOpen=1.2"),
        (("--gain", "JawOpen=wide"), 2, "'wide' is no number"),
        (("x.wav", "--server"), 2, "--server needs a value"),
        (("no-such.wav", "--server", "localhost:9", "-o", "OUT"), 1, "no-such.wav: cannot be read"),
        ((SAMPLE, "--server", "localhost", "-o", "OUT"), 1, "is not HOST:PORT"),
        ((SAMPLE, "--server", "localhost:9", "-o", "OUT"), 1, "nothing answers at localhost:9"),
        ((SAMPLE, "--server", "localhost:9", "-o", "OUT", "--mapping", "mh5"), 1, "did you mean 'mh4'?"),
        ((SAMPLE, "--server", "localhost:9", "-o", "OUT", "--emotion", "jy=1"), 1, "did you mean 'joy'?"),
        (("--recording", SAMPLE, "-o", "OUT"), 1, "hello.wav"),
    ],
)
def test_errors_are_words(tmp_path, arguments, status, text):
    out = tmp_path / "out.csv"
    done = run(*(out if argument == "OUT" else argument for argument in arguments), status=status)
    assert text in done.stderr
    assert done.stderr.startswith("a2fb: error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_rate_that_servers_do_not_take(tmp_path):
    with wave.open(str(tmp_path / "slow.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(1600))
    done = run(tmp_path / "slow.wav", "--server", "localhost:9", "-o", tmp_path / "out.csv", status=1)
    assert "8000 Hz; servers take 16000 to 144000" in done.stderr


def test_interrupted(server, tmp_path):
    command = [a2fb(), SAMPLE, "--server", server.address, "--paced", "-o", tmp_path / "out.csv"]
    process = subprocess.Popen([*map(str, command)], stderr=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "a2fb: error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_help_and_version():
    assert "a2fb IN.wav --server HOST:PORT" in run("--help").stdout
    assert "gRPC 1." in run("--version").stdout

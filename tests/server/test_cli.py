"""The command line in this process: what it writes, what it says, what it refuses."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from in_memory import speechlike

import a2fbridge
from a2fbridge.cli import main


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "speech.wav"
    soundfile.write(path, np.stack([speechlike(1.0, 44100)] * 2, axis=1), 44100)
    return path


def test_every_format_holds_the_same_numbers(recording: Path, tmp_path: Path) -> None:
    names = ["a.csv", "a.json", "a.npz", "a.a2frec", "a.png"]
    outputs = [part for name in names for part in ("-o", str(tmp_path / name))]
    assert (
        main(["animate", str(recording), *outputs, "--fps", "30000/1001", "--threads", "1", "--quiet"]) == 0
    )
    reference = a2fbridge.load_animation(tmp_path / "a.npz")
    assert len(reference) == 30
    assert str(reference.frame_rate) == "30000/1001"
    for name in names[:4]:
        loaded = a2fbridge.load_animation(tmp_path / name, convention="a2f")
        np.testing.assert_allclose(loaded.weights, reference.weights, atol=1e-6)
        assert loaded.names == a2fbridge.FACE_NAMES
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with np.load(tmp_path / "a.npz") as archive:
        assert archive["time_code"].dtype == np.float64
        assert archive["weights"].dtype == np.float32
        np.testing.assert_allclose(archive["time_code"], np.arange(30) * 1001 / 30000)


def test_mapping_and_live_link(recording: Path, tmp_path: Path) -> None:
    mapped, live = tmp_path / "mh.csv", tmp_path / "live.csv"
    assert (
        main(["animate", str(recording), "-o", str(mapped), "--mapping", "mh4", "--threads", "1", "--quiet"])
        == 0
    )
    header = next(csv.reader(mapped.read_text().splitlines()))
    assert "CTRL_expressions_jawOpen" in header
    assert (
        main(
            ["animate", str(recording), "-o", str(live), "--format", "livelink", "--threads", "1", "--quiet"]
        )
        == 0
    )
    assert next(csv.reader(live.read_text().splitlines()))[:2] == ["Timecode", "BlendshapeCount"]


def test_emotions_parameters_and_gains(recording: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.csv"
    keys.write_text("time_code,joy,anger\n0,1,\n0.5,1,0.2\n")

    def run(*arguments: str) -> a2fbridge.Animation:
        out = str(tmp_path / "out.npz")
        assert main(["animate", str(recording), "-o", out, "--threads", "1", "--quiet", *arguments]) == 0
        return a2fbridge.load_animation(out)

    plain = run()
    assert (
        run("--emotion", "joy=1").curve("MouthSmileLeft").mean() > plain.curve("MouthSmileLeft").mean() + 0.1
    )
    assert (
        run("--emotions", str(keys)).curve("MouthSmileLeft").mean()
        > plain.curve("MouthSmileLeft").mean() + 0.1
    )
    assert not run("--gain", "JawOpen=0").curve("JawOpen").any()
    assert run("--offset", "JawOpen=0.5").curve("JawOpen").min() >= 0.5
    assert run("--offset", "JawOpen=2", "--clamp").curve("JawOpen").max() == 1.0
    assert run("--param", "skinStrength=0").weights[:, :17].max() < 0.02
    assert np.abs(run("--solver", "admm").weights - plain.weights).max() > 1e-4


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["missing.wav", "-o", "x.csv"], "'missing.wav' is not there"),
        (["{wav}", "-o", "x.xyz"], "names no format"),
        (["{wav}", "-o", "x.csv", "--pack", "bultin"], "did you mean 'builtin'"),
        (["{wav}", "-o", "x.csv", "--pack", "./nowhere"], "is no folder"),
        (["{wav}", "-o", "x.csv", "--solver", "fast"], "right is one of bvls, admm"),
        (["{wav}", "-o", "x.csv", "--backend", "tensort"], "unknown backend 'tensort'"),
        (["{wav}", "-o", "x.csv", "--fps", "0"], "frame rate '0' is out of range"),
        (["{wav}", "-o", "x.csv", "--fps", "fast"], "is not a number such as 30"),
        (["{wav}", "-o", "x.csv", "--fps", "1e-3000000"], "is not a number such as 30"),
        (["{wav}", "-o", "x.csv", "--fps", "1/2000"], "right is 1 to 1000"),
        (["{wav}", "-o", "x.csv", "--emotion", "yoy=1"], "did you mean 'joy'"),
        (["{wav}", "-o", "x.csv", "--emotion", "joy=2"], "0 to 1"),
        (["{wav}", "-o", "x.csv", "--emotion", "joy"], "is not NAME=VALUE"),
        (["{wav}", "-o", "x.csv", "--param", "skinStrenght=1"], "did you mean 'skinStrength'"),
        (["{wav}", "-o", "x.csv", "--param", "skinStrength=7"], "0 to 2"),
        (["{wav}", "-o", "x.csv", "--param", "skinStrength=nan"], "NaN"),
        (["{wav}", "-o", "x.csv", "--gain", "JawOpne=1"], "did you mean 'JawOpen'"),
        (["{wav}", "-o", "x.csv", "--mapping", "mh5"], "did you mean 'mh"),
        (["{wav}", "-o", "no/such/folder/x.csv"], "no/such/folder/x.csv: cannot be written"),
        (["{wav}", "-o", "x.csv", "--server", "nowhere"], "is not HOST:PORT"),
        (["{wav}", "-o", "x.csv", "--server", "127.0.0.1:9", "--threads", "2"], "--threads is the server's"),
        (["{wav}", "-o", "x.csv", "--server", "127.0.0.1:9"], "nothing answers at 127.0.0.1:9"),
        (["{wav}", "-o", "x.csv", "--emotion", "joy=1", "--emotions", "k.csv"], "exclude each other"),
        (["{wav}", "-o", "x.csv", "--emotions", "k.csv"], "k.csv: cannot be read"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    arguments: list[str],
    text: str,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["animate", *[a.format(wav=recording) for a in arguments]]) == 1
    assert text in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ":1: the header must be"),
        ("time,joy\n0,1\n", ":1: the header must be"),
        ("time_code,joy,joy\n0,1,0\n", ":1: column 'joy' appears twice"),
        ("time_code,joy\n0\n", ":2: 1 cells; the header has 2"),
        ("time_code,joy\n0,1\n1,much\n", ":3: could not convert"),
    ],
)
def test_bad_emotion_keys_name_the_line(
    content: str, text: str, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "k.csv").write_text(content)
    assert main(["animate", str(recording), "-o", "x.csv", "--emotions", str(tmp_path / "k.csv")]) == 1
    assert f"k.csv{text}" in capsys.readouterr().err


def test_json_events(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "x.npz")
    assert main(["animate", str(recording), "-o", out, "--threads", "1", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events][-1] == "finished"
    assert events[-1]["frames"] == 30
    assert events[-1]["outputs"] == [out]
    assert events[-1]["settings"]["pack"] == "builtin"
    assert main(["animate", "missing.wav", "-o", out, "--json"]) == 1
    error = json.loads(capsys.readouterr().out)
    assert error["event"] == "error"
    assert error["type"] == "AudioError"


def test_json_tells_errors_of_the_system_too(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/disk/x.npz")

    monkeypatch.setattr(a2fbridge, "save", full)
    arguments = ["animate", str(recording), "-o", str(tmp_path / "x.npz"), "--threads", "1"]
    assert main([*arguments, "--json"]) == 1
    error = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert error == {"event": "error", "type": "OSError", "message": "/disk/x.npz: No space left on device"}
    assert main([*arguments, "--quiet"]) == 1
    assert capsys.readouterr().err == "error: /disk/x.npz: No space left on device\n"


def test_packs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["packs", "list"]) == 0
    assert "builtin" in capsys.readouterr().out
    assert main(["packs", "inspect", "builtin", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {e["event"] for e in events} == {"pack", "network", "mesh", "parameters", "solver"}
    assert main(["packs", "validate", "builtin"]) == 0
    assert "0 errors" in capsys.readouterr().out
    (tmp_path / "model.json").write_text("{")
    assert main(["packs", "validate", str(tmp_path)]) == 1
    assert "model.json" in capsys.readouterr().out


def test_map(capsys: pytest.CaptureFixture[str], tmp_path: Path, recording: Path) -> None:
    assert main(["map", "list"]) == 0
    assert "mh4" in capsys.readouterr().out
    assert main(["map", "validate", "mh4"]) == 0
    assert "good" in capsys.readouterr().out
    weights_of_the_audit = ["--weight", "JawOpen=0.183", "--weight", "MouthClose=0.266"]
    assert main(["map", "explain", "mh4", "--curve", "jawOpen", *weights_of_the_audit]) == 0
    assert "CTRL_expressions_jawOpen = 0.4490" in capsys.readouterr().out
    weights, mapped = tmp_path / "w.npz", tmp_path / "m.npz"
    assert main(["animate", str(recording), "-o", str(weights), "--threads", "1", "--quiet"]) == 0
    assert main(["map", "apply", "mh4", str(weights), "-o", str(mapped), "--quiet"]) == 0
    assert a2fbridge.load_animation(mapped).convention == "target"
    assert main(["map", "apply", "mh4", str(mapped), "-o", str(tmp_path / "n.npz")]) == 1
    assert main(["map", "explain", "mh4", "--animation", str(weights), "--frame", "99"]) == 1
    assert "has frames 0 to 29" in capsys.readouterr().err
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "schema_version: 1\nname: bad\nconvention: a2f\nmappings:\n  JawOpne: [{curve: jawOpen}]\n"
    )
    assert main(["map", "validate", str(bad)]) == 1
    assert "bad.yaml:" in capsys.readouterr().err


def test_doctor_names_the_failing_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "all links hold" in said
    assert "CPUExecutionProvider; auto takes " in said
    assert main(["doctor", "--pack", "bultin", "--json"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["link"] for e in events if e.get("status") == "failed"] == ["pack"]
    for port in ("99999", "0", "-1"):
        assert main(["doctor", "--port", port, "--json"]) == 1
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [e["text"] for e in events if e.get("status") == "failed"] == [
            f"{port} is no port; right is 1 to 65535"
        ]
    assert main(["doctor", "--server", "nowhere"]) == 1
    assert "failed  dns          server 'nowhere' is not HOST:PORT" in capsys.readouterr().out
    assert main(["doctor", "--server", "127.0.0.1:9"]) == 1
    assert "failed  tcp" in capsys.readouterr().out
    assert main(["doctor", "--server", "no.such.host.invalid:52000"]) == 1
    assert "failed  dns" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["numpy", "soxr", "yaml", "grpc"])
def test_doctor_names_a_package_that_cannot_be_imported(module: str) -> None:
    code = f"import sys; sys.modules['{module}'] = None; from a2fbridge.cli import main; sys.exit(main(sys.argv[1:]))"
    doctor, animate = (
        subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
        for arguments in (["doctor"], ["animate", "x.wav", "-o", "x.csv"])
    )
    assert doctor.returncode == animate.returncode == 1
    (line, _) = doctor.stdout.splitlines()
    assert line.startswith("failed  environment")
    assert "cannot be imported" in line
    assert "Traceback" not in doctor.stderr + animate.stderr


def test_usage_errors_exit_with_2() -> None:
    for arguments in ([], ["animate"], ["fly"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2

"""The benchmark cases of NVIDIA's SDK: the grid, what is run, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthetic_emotion import write_emotion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge.backends import open_backend
from a2fbridge.cli import main


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    base = tmp_path_factory.mktemp("packs")
    return str(write_pack(base / "egg")), str(write_emotion_pack(base / "feeling"))


def test_the_grid_is_nvidias() -> None:
    cases = a2fbridge.benchmark_cases(
        tracks=[1, 64], chunks=[0, 10], options=["Skin"], skips=[None, 4], fp16=[False, True], precompute=True
    )
    assert len(cases) == 16
    assert {case.precompute for case in cases if case.chunk} == {False}
    assert cases[2].name("Regression", "bvls") == (
        "BM_RegressionBlendshapeSolveExecutorOffline/FP16:0/UseGPU:0/Identity:0/ExecutionOption:1/A2EPrecompute:1/"
        "A2ESkipInference:4/NbTracks:1"
    )
    assert cases[6].name("Diffusion", "admm") == (
        "BM_DiffusionBlendshapeSolveExecutorStreaming/FP16:0/UseGPU:0/Identity:0/ExecutionOption:1/A2ESkipInference:4/"
        "AudioChunkSize:10/NbTracks:1/Solver:admm"
    )


@pytest.mark.parametrize(
    "bad", [{"tracks": [0]}, {"tracks": []}, {"chunks": [-1]}, {"skips": [-1]}, {"options": ["Hair"]}]
)
def test_values_that_make_no_case(bad: dict[str, list[object]]) -> None:
    with pytest.raises(a2fbridge.ConfigError):
        a2fbridge.benchmark_cases(**bad)  # type: ignore[arg-type]


def test_every_kind_of_case_runs_all_frames_of_all_tracks(folders: tuple[str, str]) -> None:
    cases = a2fbridge.benchmark_cases(
        tracks=[3], chunks=[0, 16000], options=["None", "SkinTongue"], skips=[None, 16], precompute=True
    )
    results = list(a2fbridge.run_benchmark(cases, pack=folders[0], emotion_pack=folders[1], threads=1))
    assert [result.case for result in results] == cases
    for result in results:
        assert result.frames == 240
        total = result.a2e_total + result.a2f_total
        assert result.multi_track_frame == pytest.approx(total / 240)
        assert result.items_per_second == pytest.approx(3 * 240 / (total / 1e3))
        assert (result.a2e_total > 0.1) == result.case.precompute


def test_an_identity_that_is_not_there(folders: tuple[str, str]) -> None:
    cases = a2fbridge.benchmark_cases(tracks=[1], chunks=[0], identities=[1])
    with pytest.raises(a2fbridge.ConfigError, match="there is no identity 1 in pack 'egg'; right is below 1"):
        list(a2fbridge.run_benchmark(cases, pack=folders[0]))


def test_on_the_command_line(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--pack", folders[0], "--tracks", "2", "--chunks", "0", "--threads", "1"]
    assert main(arguments) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert "frames/s" in header
    assert line.endswith("/ExecutionOption:3/A2EPrecompute:0/A2ESkipInference:off/NbTracks:2")
    assert main([*arguments, "--json"]) == 0
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (event["event"], event["frames"], event["case"]["tracks"]) == ("case", 240, 2)
    assert main(["bench", "--tracks", "few"]) == 1
    assert "--tracks 'few' is not a list such as 1,2,4" in capsys.readouterr().err


def test_half_precision_is_run_or_refused_never_only_printed(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["bench", "--pack", folders[0], "--fp16", "1", "--tracks", "1", "--backend", "onnxruntime"]) == 1
    )
    said = (
        "error: backend 'onnxruntime' computes in fp32; right for fp16 are onnxruntime-tensorrt and tensorrt"
    )
    assert said in capsys.readouterr().err
    assert main(["bench", "--pack", folders[0], "--device", "0", "--backend", "onnxruntime"]) == 1
    assert "runs on the CPU and takes no GPU; 0 was asked for" in capsys.readouterr().err


def test_the_building_of_an_engine_is_shown(
    folders: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def built(network: object, name: str, *given: object, on_build: Any, **options: Any) -> Any:
        for done in (0.0, 0.5, 1.0):
            on_build("Parsing", done)
        on_build("Tactics", 0.0)
        return open_backend(network, "onnxruntime", 1)  # type: ignore[arg-type]

    monkeypatch.setattr("a2fbridge._bench.open_backend", built)
    arguments = ["bench", "--pack", folders[0], "--tracks", "1", "--chunks", "0"]
    assert main(arguments) == 0
    assert (
        capsys.readouterr().err
        == "building a TensorRT engine: Parsing\nbuilding a TensorRT engine: Tactics\n"
    )
    assert main([*arguments, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"event": "building", "phase": "Parsing", "done": 0.5} in lines


def test_the_sound_may_be_a_file(folders: tuple[str, str]) -> None:
    sample = Path(a2fbridge.__file__).parent / "data/samples/hello.wav"
    cases = a2fbridge.benchmark_cases(tracks=[1], chunks=[0])
    (result,) = a2fbridge.run_benchmark(cases, pack=folders[0], audio=str(sample), threads=1)
    assert result.frames == 240

"""``packs compare`` between two backends: ONNX Runtime, and in a GPU's place the other way to run an ONNX file that a
machine without one has, onnx's own reference evaluator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import soundfile
from in_memory import speechlike
from onnx.reference import ReferenceEvaluator
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge import backends
from a2fbridge.backends._onnxruntime import OnnxRuntimeBackend
from a2fbridge.cli import main
from a2fbridge.packs import NetworkSpec

SOUND = speechlike(0.35)


class Other(OnnxRuntimeBackend):
    """Another engine under a backend's name."""

    name = "tensorrt"

    def __init__(self, network: NetworkSpec, engine: Callable[[Path], Any]) -> None:
        super().__init__(network, 1)
        self._session = engine(network.path)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], Any]], None]:
    """Let an engine be what ``--backend tensorrt`` opens."""

    def install(engine: Callable[[Path], Any]) -> None:
        def opened(network: NetworkSpec, name: str = "auto", *given: Any, **options: Any) -> Any:
            if name == "tensorrt":
                return Other(network, engine)
            return backends.open_backend(network, name, *given, **options)

        monkeypatch.setattr("a2fbridge._api.open_backend", opened)

    return install


@pytest.mark.parametrize("write", [write_pack, write_diffusion_pack], ids=["regression", "diffusion"])
def test_two_backends_channel_by_channel(
    other: Callable[[Any], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    write: Callable[[Path], Path],
) -> None:
    other(lambda path: ReferenceEvaluator(str(path)))
    name = str(write(tmp_path / "pack"))
    soundfile.write(tmp_path / "clip.wav", SOUND, 16000, "FLOAT")
    arguments = ["packs", "compare", name, "--audio", str(tmp_path / "clip.wav"), "--geometry", "--json"]
    assert main([*arguments, "--backend", "onnxruntime", "tensorrt", "--tolerance", "1e-4"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {line["name"]: line for line in lines if line["event"] == "difference"}
    clips = []
    for backend in ("onnxruntime", "tensorrt"):
        with a2fbridge.Engine.open(name, backend=backend) as opened:
            clips.append(opened.animate(tmp_path / "clip.wav", rig=True, geometry=True))
    assert [clip.settings["backend"] for clip in clips] == ["onnxruntime", "tensorrt"]
    assert told.keys() == {
        *clips[0].names,
        "jaw translation",
        "jaw rotation",
        "eyes",
        "skin",
        "tongue",
    }
    for channel in clips[0].names:
        apart = np.abs(clips[0].curve(channel) - clips[1].curve(channel))
        assert told[channel]["maximum"] == pytest.approx(apart.max(), abs=1e-9)
        assert told[channel]["mean"] == pytest.approx(apart.mean(), abs=1e-9)
    assert 0 < max(line["maximum"] for line in told.values()) < 1e-3


def test_a_backend_that_computes_something_else_is_found(
    other: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loud:
        """An engine with a mistake."""

        def __init__(self, path: Path) -> None:
            self._session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])

        def run(self, names: list[str], feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            return [1.05 * result for result in self._session.run(names, feeds)]

    other(Loud)
    arguments = ["packs", "compare", str(write_pack(tmp_path / "egg"))]
    assert main([*arguments, "--backend", "onnxruntime", "tensorrt", "--tolerance", "1e-3"]) == 1
    assert "greatest difference of a weight: 0.0" in capsys.readouterr().out

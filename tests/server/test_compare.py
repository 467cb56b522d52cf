"""Two ways of animating one recording, compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from in_memory import RandomNetwork, make_pack, speechlike
from scipy.spatial.transform import Rotation
from synthetic_diffusion import write_diffusion_pack

import a2fbridge
from a2fbridge._errors import ParameterError
from a2fbridge.animation import Animation
from a2fbridge.cli import main
from a2fbridge.face import FaceModel


@pytest.fixture(scope="module")
def animation() -> Animation:
    pack = make_pack()
    engine = a2fbridge.Engine(FaceModel(pack, RandomNetwork(pack)))
    return engine.animate(speechlike(0.5), 16000, geometry=True)


def test_each_channel_is_measured(animation: Animation) -> None:
    weights = animation.weights.copy()
    weights[7, 17] += 0.25
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("x", 0.5, degrees=True).as_matrix()
    turn[:3, 3] = [0.0, 0.3, 0.4]
    jaw = animation.jaw.copy()
    jaw[2] = jaw[2] @ turn
    eyes, skin = animation.eyes.copy(), animation.skin.copy()
    eyes[3, 1, 0] += 2.0
    skin[4, 100] += [0.0, 3.0, 4.0]
    other = replace(animation, weights=weights, jaw=jaw.astype(np.float32), eyes=eyes, skin=skin)
    found = {d.name: d for d in a2fbridge.compare_animations(animation, other)}
    assert len(found) == 68 + 5
    assert found["JawOpen"].maximum == pytest.approx(0.25, abs=1e-6)
    assert found["JawOpen"].mean == pytest.approx(0.25 / 15, abs=1e-6)
    assert found["JawOpen"].seconds == pytest.approx(7 / 30)
    assert found["JawLeft"].maximum == found["tongue"].maximum == 0
    assert found["jaw translation"].maximum == pytest.approx(0.5, abs=1e-5)
    assert found["jaw rotation"].maximum == pytest.approx(0.5, abs=1e-3)
    assert found["eyes"].maximum == pytest.approx(2.0, abs=1e-5)
    assert found["skin"].maximum == pytest.approx(5.0, abs=1e-5)
    assert found["skin"].unit == "cm"


def test_clips_that_differ_in_frames_are_refused(animation: Animation) -> None:
    short = replace(animation, weights=animation.weights[:3])
    with pytest.raises(ParameterError, match="15 frames at 30 and 3 at 30"):
        a2fbridge.compare_animations(animation, short)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_diffusion_pack(tmp_path / "multi")
    soundfile.write(tmp_path / "clip.wav", speechlike(0.6), 16000)
    arguments = ["packs", "compare", str(folder), "--audio", str(tmp_path / "clip.wav"), "--json"]
    assert main([*arguments, "--identity", "Claire", "James", "--fps", "60"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events] == ["difference"] * (68 + 3) + ["finished"]
    assert events[-1]["maximum"] == max(e["maximum"] for e in events[:68]) > 0.001
    assert main([*arguments, "--solver", "bvls", "admm", "--tolerance", "1e-9"]) == 1
    assert main([*arguments]) == 1
    assert "A and B are the same" in capsys.readouterr().out

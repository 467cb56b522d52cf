"""Networks of the reference's size, with random weights, end to end; tests/bench/bench_reference.py measures them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from in_memory import speechlike
from synthetic_diffusion import KINDS as DIFFUSION
from synthetic_diffusion import write_diffusion_pack
from synthetic_packs import KINDS, write_pack

import a2fbridge


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_diffusion_network_of_180_million_parameters(tmp_path: Path) -> None:
    folder = write_diffusion_pack(tmp_path / "reference", DIFFUSION["reference"])
    model = onnx.load(folder / "network.onnx")
    parameters = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    del model
    assert 175e6 < parameters < 185e6
    _animates(folder, 90)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_regression_network_of_one_and_a_half_thousand_million_multiplications(tmp_path: Path) -> None:
    _animates(write_pack(tmp_path / "reference", replace(KINDS["mark"], network="reference")), 30)


def _animates(folder: Path, frames: int) -> None:
    """Whole, and streamed in pieces: the same finite numbers."""
    sound = speechlike(frames / 60)
    with a2fbridge.Engine.open(folder, threads=1) as engine:
        whole = engine.animate(sound, 16000, frame_rate=60)
        assert len(whole) == frames
        assert np.isfinite(whole.weights).all()
        assert whole.weights.std(axis=0).max() > 0.001
        with engine.stream(frame_rate=60) as stream:
            made = []
            for at in range(0, len(sound), 3000):
                stream.push(sound[at : at + 3000])
                made += stream.pull()
            stream.end()
            made += stream.pull()
    np.testing.assert_allclose([frame.weights for frame in made], whole.weights, atol=1e-4)

"""Both networks learn: on the example dataset they beat a face that never moves, on a take they never saw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra [train] is not installed")
pytest.importorskip("onnx", reason="the extra [train] is not installed")
pytest.importorskip("tensorboard", reason="the extra [train] is not installed")

from a2fbridge import example_dataset, train, training_config, validate_pack


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("kind", "steps", "least"), [("compact", 300, 0.5), ("reference", 400, 0.2)])
def test_a_network_beats_the_mean_face_on_a_take_it_never_saw(
    kind: str, steps: int, least: float, tmp_path: Path
) -> None:
    example_dataset(tmp_path / "dataset")
    (tmp_path / "config.yaml").write_text(training_config(kind))
    changes = [f"fit.steps={steps}", "fit.batch=8", "fit.validate_every=50", "threads=1"]
    pack = train("run", tmp_path / "work", tmp_path / "config.yaml", changes=changes)
    report = json.loads((tmp_path / "work/evaluation/report.json").read_text())
    figures = {name: figure["value"] for name, figure in report["figures"]["validation takes"].items()}
    assert figures["R2"] > least
    assert figures["MSE"] < 0.85 * figures["MSE of the mean face"]
    assert figures["lip distance r"] > 0.8
    assert abs(figures["lag ms"]) < 20
    assert not [finding for finding in validate_pack(pack) if finding.severity == "error"]

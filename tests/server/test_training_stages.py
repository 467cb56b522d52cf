"""The stages on a tiny dataset: what they write, what they skip, what they refuse; the pack animates."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
pytest.importorskip("onnx", reason="the extra [train] is not installed")
pytest.importorskip("tensorboard", reason="the extra [train] is not installed")

from pack_edits import edit_npz  # noqa: E402
from tiny_prepared import write_prepared  # noqa: E402

import a2fbridge  # noqa: E402
from a2fbridge import ConfigError, DatasetError, PackError, train, training_config  # noqa: E402
from a2fbridge.cli import main  # noqa: E402
from a2fbridge.training.fitting import read_metrics  # noqa: E402

CHANGES = ["fit.steps=52", "fit.batch=2", "fit.validate_every=25", "threads=1", "fit.warmup=5"]


def started(root: Path, kind: str = "compact", **sizes: int) -> tuple[Path, Path]:
    """Return a work folder with a prepared dataset, and a configuration."""
    config = root / "config.yaml"
    config.write_text(training_config(kind))
    write_prepared(root / "work/prepared", **sizes)
    return root / "work", config


@pytest.fixture(scope="module", params=["compact", "reference"])
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a work folder in which fit, evaluate and export have run."""
    work, config = started(tmp_path_factory.mktemp(request.param), request.param, takes=3, frames=40)
    for stage in ("fit", "evaluate", "export"):
        train(stage, work, config, changes=CHANGES)
    return work


def test_a_run_leaves_what_it_says(finished: Path) -> None:
    names = {str(path.relative_to(finished)) for path in finished.rglob("*") if path.is_file()}
    assert {
        "config.yaml",
        "run.json",
        "log.txt",
        "fit.npz",
        "fit.json",
        "fit/checkpoint.pt",
        "fit/metrics.csv",
    } <= names
    assert {
        "evaluation/report.html",
        "evaluation/report.json",
        "pack/network.onnx",
        "pack/card.json",
    } <= names
    rows = read_metrics(finished / "fit/metrics.csv")
    assert [row["step"] for row in rows] == [50, 52]
    assert {"loss", "mse", "motion", "rate", "validation mse", "validation R2"} <= set(rows[0])
    assert "fit: step 50, loss" in (finished / "log.txt").read_text()


def test_tensorboard_reads_the_events(finished: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished / "fit/events")).Reload()
    assert {"loss", "mse", "validation R2"} <= set(events.Tags()["scalars"])
    rows = read_metrics(finished / "fit/metrics.csv")
    assert [e.step for e in events.Scalars("loss")] == [50, 52]
    assert events.Scalars("mse")[0].value == pytest.approx(rows[0]["mse"], rel=1e-5)


def test_losses_are_drawn(finished: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [train] is not installed")
    picture = (finished / "fit/losses.svg").read_text()
    assert "</svg>" in picture
    assert "validation R2" in picture


def test_provenance_names_what_counts_and_not_the_machine(finished: Path) -> None:
    found = json.loads((finished / "run.json").read_text())
    assert found["config"]["seed"] == 7
    assert found["config"]["fit"]["steps"] == 52
    assert (
        found["versions"]["torch"] == torch.__version__.split("+")[0]
        or found["versions"]["torch"] == torch.__version__
    )
    assert set(found["stages"]) == {"fit", "evaluate", "export"}
    text = (
        json.dumps(found) + (finished / "pack/card.json").read_text() + (finished / "config.yaml").read_text()
    )
    assert f'"{socket.gethostname()}"' not in text
    assert str(finished) not in text


def test_the_pack_is_sound_opens_and_animates(finished: Path) -> None:
    assert [f for f in a2fbridge.validate_pack(finished / "pack") if f.severity == "error"] == []
    tone = 0.3 * np.sin(np.arange(16000) / 12).astype(np.float32)
    with a2fbridge.Engine.open(finished / "pack") as engine:
        calm = engine.animate(tone, 16000)
        joyful = engine.animate(tone, 16000, emotions={"joy": 1.0})
    assert len(calm.weights) == 30
    assert np.isfinite(calm.weights).all()
    assert np.abs(calm.weights - joyful.weights).max() > 1e-4
    card = json.loads((finished / "pack/card.json").read_text())
    assert card["dataset"]["name"] == "egg"
    assert card["multiply_adds_per_frame"]["total"] > 1e6
    assert card["checks"]["batch_difference"] < 1e-4


def test_the_implicit_rows_are_in_the_pack(finished: Path) -> None:
    with np.load(finished / "pack/implicit_emo_db.npz") as found, np.load(finished / "fit.npz") as fit:
        names = [name.decode() for name in found["emo_spec_names"]]
        if "implicit" in fit.files:
            assert np.array_equal(found["emo_db"], fit["implicit"])
            assert names[:2] == ["take0", "take1"]
            config = json.loads((finished / "pack/model_config.json").read_text())["config"]
            assert config["source_shot"].startswith("muted_take0")
        else:
            assert not found["emo_db"].any()


def test_a_preview_shows_the_fit(finished: Path, tmp_path: Path) -> None:
    sound = tmp_path / "tone.wav"
    import soundfile

    soundfile.write(sound, 0.3 * np.sin(np.arange(8000) / 12), 16000)
    assert (
        main(
            [
                "train",
                "preview",
                str(sound),
                "--work",
                str(finished),
                "-o",
                str(tmp_path / "a.csv"),
                "--quiet",
            ]
        )
        == 0
    )
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 16


def test_a_preview_shows_a_fit_that_is_not_done(tmp_path: Path) -> None:
    work, config = started(tmp_path, takes=3, frames=24)
    with pytest.raises(ConfigError, match="no such folder"):
        a2fbridge.preview_training(tmp_path / "nowhere")
    stopped: list[str] = []

    def stop(text: str) -> None:
        if text.startswith("step 50"):
            stopped.append(text)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("fit", work, config, changes=[*CHANGES, "fit.checkpoint_every=10"], on_message=stop)
    assert stopped
    assert not (work / "fit.npz").exists()
    animation = a2fbridge.preview_training(work, np.zeros(8000, np.float32), [], sample_rate=16000)
    assert len(animation.weights) == 15


def test_run_skips_what_has_not_changed_and_does_again_what_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("a2fbridge.training.stages._run.prepare", lambda source, out, *_: out)
    work, config = started(tmp_path, takes=3, frames=24)
    small = ["fit.steps=4", "fit.batch=2", "threads=1"]

    def ran(*changes: str, **options: bool) -> list[str]:
        said: list[str] = []
        train("run", work, config, changes=[*small, *changes], on_message=said.append, **options)
        return [text.partition(":")[0] for text in said if "nothing has changed" in text]

    assert ran() == []
    assert ran() == ["fit", "evaluate", "export"]
    assert ran("export.version=2") == ["fit", "evaluate"]
    assert ran("export.version=2", "evaluate.curves=3") == ["fit", "export"]
    with pytest.raises(ConfigError, match=r"fit\.batch was 2, is 3"):
        ran("fit.batch=3")
    (work / "pack/model.json").unlink()
    assert ran("fit.batch=3", restart=True) == []
    assert json.loads((work / "fit.json").read_text())["config"]["fit"]["batch"] == 3


def test_stages_are_refused_by_name_and_order(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(training_config("compact"))
    with pytest.raises(ConfigError, match="did you mean 'corpus'"):
        train("corpse", tmp_path / "w", config)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="kind compact has no stage corpus; right are prepare, fit"):
        train("corpus", tmp_path / "w", config)
    with pytest.raises(ConfigError, match="run the stage prepare first"):
        train("fit", tmp_path / "w", config)
    with pytest.raises(ConfigError, match="run the stage fit first"):
        train("export", tmp_path / "w", config)
    with pytest.raises(ConfigError, match=r"holds no config\.yaml"):
        train("fit", tmp_path / "other")
    config.write_text("kind: builtin\n")
    with pytest.raises(ConfigError, match="run the stage corpus first"):
        train("fit", tmp_path / "b", config)
    config.write_text("kind: compact\ndataset: nowhere\n")
    with pytest.raises((ConfigError, DatasetError), match="nowhere"):
        train("prepare", tmp_path / "c", config)


def test_a_pack_with_errors_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    work, config = started(tmp_path, takes=3, frames=24)
    small = ["fit.steps=2", "fit.batch=2", "threads=1"]
    train("fit", work, config, changes=small)
    train("export", work, config, changes=small)
    before = (work / "pack/card.json").read_bytes()
    edit_npz(work / "prepared/bs_skin.npz", poseNames=np.array([b"wrong", b"jawOpen"]))
    with pytest.raises(PackError, match="the pack has errors and is not kept"):
        train("export", work, config, changes=small)
    assert (work / "pack/card.json").read_bytes() == before
    assert not [path for path in work.iterdir() if path.name.startswith("tmp")]


def test_the_command_line_writes_configurations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "config", "--kind", "reference"]) == 0
    assert "kind: reference" in capsys.readouterr().out
    assert main(["train", "config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["oneOf"]
    assert main(["train", "config", "--kind", "referense"]) == 1
    assert "did you mean 'reference'" in capsys.readouterr().err


def test_a_front_end_is_heard_cached_and_exported(tmp_path: Path) -> None:
    class Front(torch.nn.Module):
        def forward(self, samples: torch.Tensor) -> torch.Tensor:
            return samples[:, :8000].reshape(-1, 25, 320).repeat(1, 1, 3)[:, :, :768]

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(Front(), torch.zeros(2, 8320)).save(str(tmp_path / "front.pt"))
    work, config = started(tmp_path, "reference", takes=3, frames=24)
    changes = [
        "network.front_end=torchscript:front.pt",
        "network.front_end_shifts=2",
        "fit.steps=2",
        "fit.batch=2",
    ]
    train("fit", work, config, changes=[*changes, "threads=1"])
    kept = sorted((work / "features").rglob("*.npy"))
    assert len(kept) == 4
    assert np.load(kept[0]).shape == (24, 25, 768)
    pack = train("export", work, config, changes=[*changes, "threads=1"])
    assert [f for f in a2fbridge.validate_pack(pack) if f.severity == "error"] == []

"""A fit that is interrupted and goes on ends with the same bits; a checkpoint of another fit is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
pytest.importorskip("tensorboard", reason="the extra [train] is not installed")

from tiny_prepared import write_prepared  # noqa: E402
from toy_learner import ToyLearner  # noqa: E402

import a2fbridge  # noqa: E402
from a2fbridge import ConfigError, train, training_config  # noqa: E402
from a2fbridge.training._config import LoopConfig  # noqa: E402
from a2fbridge.training._dataset_fit import DatasetLearner  # noqa: E402
from a2fbridge.training.fitting import Outcome, load_checkpoint, read_metrics, run_loop  # noqa: E402

SMALL = LoopConfig(steps=40, warmup=4, checkpoint_every=7, validate_every=6, threads=1)
MUON = LoopConfig(
    steps=40, warmup=4, checkpoint_every=7, validate_every=6, threads=1, optimiser="muon", patience=50
)


def same(one: Outcome, other: Outcome) -> bool:
    pairs = ((one.parameters[name], other.parameters[name]) for name in one.parameters)
    return (
        all(a.tobytes() == b.tobytes() for a, b in pairs)
        and one.loss == other.loss
        and one.best == other.best
    )


@pytest.mark.parametrize("config", [SMALL, MUON], ids=["adamw", "muon"])
@pytest.mark.parametrize("steps", [(1,), (7,), (20, 33)])
def test_killed_and_resumed_equals_uninterrupted(
    config: LoopConfig, steps: tuple[int, ...], tmp_path: Path
) -> None:
    whole = run_loop(ToyLearner(), config, tmp_path / "whole", {})
    for step in steps:
        learner = ToyLearner()
        learner.stop_at = step
        with pytest.raises(KeyboardInterrupt):  # dies within a step; what is kept is the last checkpoint
            run_loop(learner, config, tmp_path / "parts", {})
    resumed = run_loop(ToyLearner(), config, tmp_path / "parts", {})
    assert same(resumed, whole)
    assert read_metrics(tmp_path / "parts/metrics.csv") == read_metrics(tmp_path / "whole/metrics.csv")


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_a_signal_keeps_the_step_that_was_being_done(
    number: signal.Signals, raised: type[BaseException], tmp_path: Path
) -> None:
    whole = run_loop(ToyLearner(), SMALL, tmp_path / "whole", {})

    class Signalled(ToyLearner):
        def batch(self, step: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
            if step == 9:
                os.kill(os.getpid(), number)
            return super().batch(step, rng)

    said: list[str] = []
    before = signal.getsignal(number)
    with pytest.raises(raised):
        run_loop(Signalled(), SMALL, tmp_path / "parts", {}, lambda text, done: said.append(text))
    assert signal.getsignal(number) is before
    assert said[-1] == "interrupted; step 10 is kept"
    resumed = run_loop(ToyLearner(), SMALL, tmp_path / "parts", {}, lambda text, done: said.append(text))
    assert "going on from step 10" in said
    assert same(resumed, whole)


def test_a_finished_fit_does_nothing_more(tmp_path: Path) -> None:
    first = run_loop(ToyLearner(), SMALL, tmp_path, {})
    learner = ToyLearner()
    learner.stop_at = 0
    assert same(run_loop(learner, SMALL, tmp_path, {}), first)
    with pytest.raises(KeyboardInterrupt):
        run_loop(learner, SMALL, tmp_path, {}, resume=False)


def test_a_checkpoint_of_another_fit_is_refused_with_the_difference(tmp_path: Path) -> None:
    run_loop(ToyLearner(), SMALL, tmp_path, {"fit": {"batch": 8, "losses": {"mse": 1.0}}, "seed": 1})
    with pytest.raises(
        ConfigError, match=r"fit\.losses\.mse was 1\.0, is 2\.0; seed was 1, is 3\. Restore"
    ) as caught:
        run_loop(ToyLearner(), SMALL, tmp_path, {"fit": {"batch": 8, "losses": {"mse": 2.0}}, "seed": 3})
    assert "fit.batch" not in str(caught.value)
    (tmp_path / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(ConfigError, match="not a checkpoint that can be read"):
        run_loop(ToyLearner(), SMALL, tmp_path, {})


def test_an_early_stop_restores_the_best(tmp_path: Path) -> None:
    config = LoopConfig(steps=1000, warmup=1, validate_every=5, patience=3, average=0.0, threads=1)
    learner = ToyLearner(validation=[0.5, 0.2, 0.3, 0.4, 0.25])
    outcome = run_loop(learner, config, tmp_path, {})
    assert outcome.steps == 25
    assert outcome.best == {"step": 10, "error": 0.2, "R2": 0.8}
    ten = ToyLearner(validation=[0.5, 0.2])
    ten.stop_at = 10
    with pytest.raises(KeyboardInterrupt):
        run_loop(ten, replace(config, checkpoint_every=10), tmp_path / "ten", {})
    average = load_checkpoint(tmp_path / "ten/checkpoint.pt")["average"]
    assert all(np.array_equal(outcome.parameters[name], value.numpy()) for name, value in average.items())


def test_a_loss_that_is_lost_stops_the_fit(tmp_path: Path) -> None:
    class Lost(ToyLearner):
        def loss(self, parameters: object, batch: object, done: float) -> tuple[object, dict[str, float]]:
            value, parts = super().loss(parameters, batch, done)
            return value * float("nan"), parts

    with pytest.raises(ConfigError, match="the loss is nan at step 1: a smaller learning_rate"):
        run_loop(Lost(), SMALL, tmp_path, {})


@pytest.mark.parametrize("kind", ["compact", "reference"])
def test_a_fit_on_a_dataset_goes_on_bit_for_bit(kind: str, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(training_config(kind))
    changes = ["fit.steps=6", "fit.batch=2", "fit.checkpoint_every=2", "fit.validate_every=3", "threads=1"]

    write_prepared(tmp_path / "whole/prepared", takes=3, frames=24)
    train("fit", tmp_path / "whole", config, changes=changes)
    interrupted = tmp_path / "parts"
    write_prepared(interrupted / "prepared", takes=3, frames=24)
    real, calls = DatasetLearner.batch, []

    def batch(self: DatasetLearner, step: int, rng: np.random.Generator) -> object:
        calls.append(step)
        if step == 3 and calls.count(3) == 1:
            raise KeyboardInterrupt
        return real(self, step, rng)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatasetLearner, "batch", batch)
        with pytest.raises(KeyboardInterrupt):
            train("fit", interrupted, config, changes=changes)
        said: list[str] = []
        train("fit", interrupted, config, changes=changes, on_message=said.append)
    assert calls == [0, 1, 2, 3, 2, 3, 4, 5]
    assert "going on from step 2" in said
    with np.load(tmp_path / "whole/fit.npz") as whole, np.load(interrupted / "fit.npz") as parts:
        assert whole.files == parts.files
        assert all(whole[name].tobytes() == parts[name].tobytes() for name in whole.files)


@pytest.mark.skipif(os.name == "nt", reason="signals of another process")
def test_the_command_line_obeys_sigterm_and_goes_on(tmp_path: Path) -> None:
    work, config = tmp_path / "work", tmp_path / "config.yaml"
    write_prepared(work / "prepared", takes=3, frames=24)
    config.write_text(training_config("compact"))
    options = [
        "--set",
        "fit.steps=100000",
        "--set",
        "fit.batch=1",
        "--set",
        "threads=1",
        "--set",
        "fit.checkpoint_every=100000",
    ]
    command = [sys.executable, "-m", "a2fbridge", "train", "fit", str(config), "--work", str(work), *options]
    environment = os.environ | {"PYTHONPATH": str(Path(a2fbridge.__file__).parents[1])}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    with process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("step 50,"):
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert process.returncode == 143, rest
    assert "interrupted; step" in rest
    kept = int(rest.split("interrupted; step ")[1].split()[0])
    assert (work / "fit/checkpoint.pt").stat().st_size > 100_000
    with pytest.raises(ConfigError, match=r"fit\.steps was 100000, is 60"):
        train("fit", work, config, changes=[*options[1::2][1:], "fit.steps=60"])
    assert kept >= 50

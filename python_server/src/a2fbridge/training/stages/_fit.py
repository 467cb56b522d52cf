"""The stage fit, for every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from a2fbridge._settings import plain
from a2fbridge.training._dataset_fit import DatasetLearner
from a2fbridge.training._fit import fit as fit_speech
from a2fbridge.training._fit import load_fit, write_fit
from a2fbridge.training.config import BuiltinRun
from a2fbridge.training.fitting import CHECKPOINT, Parameters, load_checkpoint, run_loop
from a2fbridge.training.samples import open_prepared
from a2fbridge.training.stages._work import Work

__all__ = ["current_parameters", "fit_stage", "learner_for"]


def learner_for(work: Work) -> DatasetLearner:
    """Return the learner of a run on a dataset, its data prepared before."""
    if isinstance(work.run, BuiltinRun):
        raise TypeError("the built-in kind has a learner of its own")
    work.need(work.manifest, "prepare")
    return DatasetLearner(work.run, open_prepared(work.data), work.root / "features", work.tell)


def fit_stage(work: Work, resume: bool) -> Path:
    """Fit, or go on with an interrupted fit; return ``fit.npz``."""
    run = work.run
    if isinstance(run, BuiltinRun):
        work.need(work.manifest, "corpus")
        fit_speech(work.data, work.fit, run.fit, work.tell, resume)
        return work.fit
    learner = learner_for(work)
    learner.check()
    options = plain(work.relative())
    identity = {name: options[name] for name in ("kind", "seed", "threads", "device", "network", "fit")}
    identity["dataset"] = learner.prepared.identity
    outcome = run_loop(
        learner, run.fit, work.checkpoints, json.loads(json.dumps(identity)), work.tell, resume
    )
    about: dict[str, Any] = {"config": options, "dataset": _described(learner), "left_out": learner.left_out}
    write_fit(work.fit, outcome, about, run.fit.start)
    return work.fit


def _described(learner: DatasetLearner) -> dict[str, Any]:
    prepared = learner.prepared
    hours = sum(len(take) for take in prepared.takes) / prepared.fps / 3600
    return {
        "name": prepared.about["name"],
        "actor": prepared.about["actor"],
        "hash": prepared.identity,
        "takes": {name: len(prepared.split(name)) for name in ("train", "validation")},
        "hours": round(hours, 3),
        "fps": prepared.fps,
        "emotions": list(prepared.emotions),
    }


def current_parameters(work: Work) -> tuple[Parameters, dict[str, Any]]:
    """Return parameters and description of the fit, or of its checkpoint when that is newer.

    Raises ConfigError when there is neither.
    """
    checkpoint = work.checkpoints / CHECKPOINT
    fitted = work.fit.stat().st_mtime if work.fit.exists() else -1.0
    if not checkpoint.exists() or fitted >= checkpoint.stat().st_mtime:
        work.need(work.fit, "fit")
        return load_fit(work.fit)
    state = load_checkpoint(checkpoint)
    kept = state["best"]["parameters"] if state["best"] else state["average"]
    parameters = {name: np.asarray(tensor.numpy(), np.float32) for name, tensor in kept.items()}
    return parameters, {"steps": state["step"], "loss": round(state["recent"], 5), "unfinished": True}

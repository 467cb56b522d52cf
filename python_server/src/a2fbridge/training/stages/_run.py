"""The stages by name, and all of them in a row: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._corpus import make_corpus
from a2fbridge.training.config import BuiltinRun, Run
from a2fbridge.training.dataset import prepare
from a2fbridge.training.stages._evaluate import evaluate_stage
from a2fbridge.training.stages._export import export_stage
from a2fbridge.training.stages._fit import fit_stage
from a2fbridge.training.stages._work import Work, open_work

__all__ = ["Stage", "train"]

Stage = Literal["corpus", "prepare", "fit", "evaluate", "export", "run"]


def train(
    stage: Stage,
    work: str | Path,
    config: str | Path | Run | None = None,
    *,
    changes: Sequence[str] = (),
    output: str | Path | None = None,
    restart: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    on_message: Callable[[str], None] | None = None,
) -> Path:
    """Run one stage, or with ``run`` all of them, in the folder ``work`` and return what it made.

    ``config`` is a configuration file (docs/training.md), by default the one the folder was last run with;
    ``changes`` are laid over it, such as ``fit.steps=500``.  ``run`` skips stages whose options and inputs have not
    changed.  A fit goes on from its checkpoint; ``restart`` begins it anew.  ``output`` is the pack folder (default
    ``work/pack``).  ``on_progress(done, 100)`` is called now and then, ``on_message`` with what is being done.

    Raises ConfigError when stage or configuration is wrong or an earlier stage has not run, DatasetError when the
    dataset is, PackError when the pack is refused.
    """
    if stage not in get_args(Stage):
        raise ConfigError(
            f"no training stage '{stage}'{nearest(stage, get_args(Stage))}; right are {', '.join(get_args(Stage))}"
        )

    last = ""

    def tell(message: str, done: float) -> None:
        nonlocal last
        if on_progress:
            on_progress(round(100 * done), 100)
        if on_message and message != last:
            on_message(message)
        last = message

    opened = open_work(Path(work), config, changes, tell)
    right = opened.run.stages
    if stage != "run" and stage not in right:
        raise ConfigError(
            f"a configuration of kind {opened.run.kind} has no stage {stage}; right are {', '.join(right)}"
        )
    pack = Path(output) if output else opened.pack
    if stage != "run":
        return _one(opened, stage, pack, restart)
    for name in right:
        kept = None if restart else opened.done(name)
        if kept is not None and (name != "export" or kept == pack.resolve()):
            tell(f"{name}: nothing has changed", 1.0)
        else:
            _one(opened, name, pack, restart)
    return pack


def _one(work: Work, stage: str, pack: Path, restart: bool) -> Path:
    """Run one stage and record what it was made from."""
    work.begin(stage)
    made = _stage(work, stage, pack, restart)
    work.record(stage, made.resolve())
    return made


def _stage(work: Work, stage: str, pack: Path, restart: bool) -> Path:
    run = work.run
    if stage == "corpus" and isinstance(run, BuiltinRun):
        make_corpus(work.data, run.corpus, work.tell)
        return work.data
    if stage == "prepare" and not isinstance(run, BuiltinRun):
        return prepare(run.dataset, work.data, run.prepare, work.tell)
    if stage == "fit":
        return fit_stage(work, resume=not restart)
    return evaluate_stage(work) if stage == "evaluate" else export_stage(work, pack)

"""The three stages by name, sharing one folder: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from a2fbridge._errors import ConfigError, nearest
from a2fbridge.training._config import CorpusConfig, ExportConfig, FitConfig
from a2fbridge.training._corpus import make_corpus
from a2fbridge.training._export import export
from a2fbridge.training._fit import fit

__all__ = ["Stage", "train"]

Stage = Literal["corpus", "fit", "export"]


def train(
    stage: Stage,
    work: str | Path,
    *,
    output: str | Path | None = None,
    seed: int = 1,
    minutes: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_message: Callable[[str], None] | None = None,
    **options: Any,
) -> Path:
    """Run one stage in the folder ``work`` and return what it made: ``corpus``, ``fit.npz`` or the pack folder.

    ``output`` is the pack folder of the stage ``export`` (default ``work/pack``), ``minutes`` the wall-clock
    limit of ``fit``, ``options`` are fields of the stage's configuration (``FitConfig(steps=...)``).
    ``on_progress(done, 100)`` is called now and then, ``on_message`` with what is being done.
    Raises ConfigError when the stage is unknown, a voice or package is missing, or an earlier stage has not run.
    """
    if stage not in get_args(Stage):
        raise ConfigError(
            f"no training stage '{stage}'{nearest(stage, get_args(Stage))}; right are corpus, fit, export"
        )
    work = Path(work)
    corpus, fitted = work / "corpus", work / "fit.npz"
    for needed, maker in ((corpus / "corpus.json", "corpus"), (fitted, "fit"))[
        : get_args(Stage).index(stage)
    ]:
        if not needed.exists():
            raise ConfigError(f"{needed} is missing: run the stage {maker} first")

    def tell(message: str, done: float) -> None:
        if on_progress:
            on_progress(round(100 * done), 100)
        if on_message:
            on_message(message)

    if stage == "corpus":
        make_corpus(corpus, CorpusConfig(seed=seed, **options), tell)
        return corpus
    if stage == "fit":
        fit(corpus, fitted, FitConfig(seed=seed, minutes=minutes, **options), tell)
        return fitted
    pack = Path(output) if output else work / "pack"
    export(fitted, corpus, pack, ExportConfig(**options), tell)
    return pack

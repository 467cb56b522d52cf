"""The folder that all stages of a run share: its configuration, what was made from what, and a log.

config.yaml            the configuration in force, paths relative to the folder
run.json               versions, git state, seed; of each stage what it was made from
log.txt                everything that stages told
corpus/ or prepared/   what is learned from
fit.npz, fit.json      the fit; fit/ holds checkpoint, metrics.csv, events, losses.svg
evaluation/            report.html, report.json
pack/                  the model pack
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from a2fbridge._errors import ConfigError
from a2fbridge._settings import dump_yaml, plain
from a2fbridge._version import __version__
from a2fbridge.export import atomic_file
from a2fbridge.training._config import Progress, silent
from a2fbridge.training.config import Run, placed, read_run

__all__ = ["Work", "file_hash", "open_work"]

_LIBRARIES = ("numpy", "torch", "onnx", "onnxruntime", "scipy")


class Work:
    """A run's folder; ``run`` has whole paths."""

    def __init__(self, root: Path, run: Run, progress: Progress = silent) -> None:
        self.root, self.run, self._progress = root, run, progress
        self.data = root / ("corpus" if run.kind == "builtin" else "prepared")
        self.fit, self.checkpoints = root / "fit.npz", root / "fit"
        self.evaluation, self.pack = root / "evaluation", root / "pack"
        self._stage = ""

    @property
    def manifest(self) -> Path:
        """Return the file whose hash stands for the data that is learned from."""
        return self.data / ("corpus.json" if self.run.kind == "builtin" else "prepared.json")

    def need(self, path: Path, stage: str) -> Path:
        """Return a file of an earlier stage; raises ConfigError when it has not run."""
        if not path.exists():
            raise ConfigError(f"{path} is missing: run the stage {stage} first")
        return path

    def tell(self, message: str, done: float) -> None:
        """Report progress, and keep it in the log."""
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
        with (self.root / "log.txt").open("a") as log:
            log.write(f"{now} {self._stage}: {message}\n")
        self._progress(message, done)

    def begin(self, stage: str) -> None:
        """Say in the log which stage runs, and keep the configuration in force."""
        self._stage = stage
        text = "# The configuration in force; paths are relative to this folder.\n" + dump_yaml(
            self.relative()
        )
        with atomic_file(self.root / "config.yaml") as file:
            file.write(text.encode())

    def relative(self) -> Run:
        """Return the configuration with paths relative to the folder."""
        return placed(self.run, lambda path: os.path.relpath(path, self.root))

    def key(self, stage: str) -> str:
        """Return a hash of everything that a stage's result depends on: options and the files it reads."""
        options = plain(self.relative())
        common = {name: options[name] for name in ("kind", "seed", "threads", "device")}
        sections = {"fit": ("network", "fit"), "corpus": ("corpus",), "prepare": ("prepare", "dataset")}
        chosen = {name: options[name] for name in sections.get(stage, (stage, "network"))}
        read = {"corpus": [], "prepare": [], "fit": [self.manifest]}.get(stage, [self.manifest, self.fit])
        files = [file_hash(path) for path in read if path.exists()]
        return hashlib.sha256(json.dumps([common, chosen, files, __version__]).encode()).hexdigest()

    def done(self, stage: str) -> Path | None:
        """Return what a stage has made, if it was made from the same; prepare looks for itself what has changed."""
        kept = self._records().get("stages", {}).get(stage, {})
        made = self.root / kept.get("made", "-")
        return made if stage != "prepare" and kept.get("key") == self.key(stage) and made.exists() else None

    def record(self, stage: str, made: Path) -> None:
        """Keep what a stage has made and from what."""
        found = self._records()
        stages = found.get("stages", {})
        stages[stage] = {
            "made": os.path.relpath(made, self.root),
            "key": self.key(stage),
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }
        with atomic_file(self.root / "run.json") as file:
            content = provenance(self.relative()) | {"stages": stages}
            file.write((json.dumps(content, indent=2) + "\n").encode())

    def _records(self) -> dict[str, Any]:
        path = self.root / "run.json"
        if not path.is_file():
            return {}
        found: dict[str, Any] = json.loads(path.read_text())
        return found


def open_work(
    root: Path, config: str | Path | Run | None, changes: Sequence[str] = (), progress: Progress = silent
) -> Work:
    """Open a run's folder with a configuration, or with the one it was last run with.

    Raises ConfigError when there is none, or it is wrong.
    """
    if config is None:
        config = root / "config.yaml"
        if not config.is_file():
            raise ConfigError(
                f"{root} holds no config.yaml: name a configuration (`train config` writes one)"
            )
    if not isinstance(config, str | Path):
        run = config
    else:
        folder = Path(config).resolve().parent
        run = placed(read_run(config, changes), lambda path: str(folder / Path(path).expanduser()))
    root.mkdir(parents=True, exist_ok=True)
    return Work(root.resolve(), run, progress)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def provenance(run: Run) -> dict[str, Any]:
    """Return what a result depends on beside its data, nothing of the machine's name or user."""
    versions = {"a2fbridge": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"config": plain(run), "versions": versions, "git": _git()}


def _git() -> dict[str, Any] | None:
    """Return commit and whether files differ from it, when the package runs from a checkout."""
    here = Path(__file__).parent

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=here, capture_output=True, text=True, timeout=10, check=True
        )
        return done.stdout.strip()

    try:
        if ask("ls-files", "--", Path(__file__).name):
            return {"commit": ask("rev-parse", "HEAD"), "changed": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
    return None

"""What a fit tells on its way: ``metrics.csv``, TensorBoard events, a picture of the losses."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from a2fbridge._errors import ConfigError
from a2fbridge.export import atomic_file

__all__ = ["FitLog", "draw_losses", "read_metrics"]


class FitLog:
    """Rows of numbers by step, in a folder; going on from a step forgets the rows after it."""

    def __init__(self, folder: Path, columns: tuple[str, ...], step: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise ConfigError("training needs tensorboard: pip install 'a2fbridge[train]'") from None
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._columns = folder / "metrics.csv", ("step", *columns)
        kept = [row for row in read_metrics(self._path) if row["step"] <= step]
        self._rows: list[dict[str, float]] = kept
        self._events: Any = SummaryWriter(str(folder / "events"), purge_step=step + 1)

    def add(self, step: int, values: dict[str, float]) -> None:
        """Add the numbers of a step."""
        self._rows.append({"step": step, **values})
        for name, value in values.items():
            self._events.add_scalar(name, value, step)

    def write(self) -> None:
        """Write everything told so far."""
        with atomic_file(self._path) as file:
            lines = [",".join(self._columns)]
            lines += [",".join(_cell(row.get(name)) for name in self._columns) for row in self._rows]
            file.write(("\n".join(lines) + "\n").encode())
        self._events.flush()

    def close(self) -> None:
        """Write everything and end the events."""
        self.write()
        self._events.close()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Return the rows of a ``metrics.csv``, empty cells left out; no file has no rows."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [{k: float(v) for k, v in row.items() if v not in ("", None)} for row in csv.DictReader(file)]


def draw_losses(folder: Path) -> Path | None:
    """Draw ``losses.svg`` from the metrics of a fit; None where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg", force=False)
    from matplotlib.figure import Figure

    rows = read_metrics(folder / "metrics.csv")
    names = [n for n in dict.fromkeys(k for row in rows for k in row) if n not in ("step", "rate")]
    groups = [[n for n in names if "R2" not in n], [n for n in names if "R2" in n]]
    groups = [group for group in groups if group] or [[]]
    figure = Figure(figsize=(9, 3.2 * len(groups)), layout="constrained")
    for axes, group in zip(figure.subplots(len(groups), squeeze=False)[:, 0], groups, strict=True):
        for name in group:
            points = [(r["step"], r[name]) for r in rows if name in r and math.isfinite(r[name])]
            if points:
                bold = 2.0 if name == "loss" or name.startswith("validation") else 0.9
                axes.plot(*zip(*points, strict=True), label=name, linewidth=bold)
        if "R2" not in "".join(group) and group:
            axes.set_yscale("log")
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7, ncols=3)
    path = folder / "losses.svg"
    figure.savefig(path, metadata={"Date": None})
    return path

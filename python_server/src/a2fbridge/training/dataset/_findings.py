"""What is wrong with a dataset: findings that name file, frame and place, and the list that collects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from a2fbridge import packs
from a2fbridge._errors import A2FBridgeError

__all__ = ["Finding", "Findings", "Severity", "Stop", "stop"]

T = TypeVar("T")
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (``error``: the take or dataset cannot be used) or doubtful (``warning``)."""

    severity: Severity
    file: str
    """Path below the dataset's folder, or whole when it lies elsewhere."""
    found: str
    expected: str
    take: str = ""
    """Name of the take; empty for what concerns the whole dataset."""
    frame: int | None = None
    """First frame concerned, from 0."""
    place: str = ""
    """Vertex, shape, key point or line."""

    def __str__(self) -> str:
        frame = "" if self.frame is None else f"frame {self.frame}"
        where = ": ".join(part for part in (self.file, frame, self.place) if part)
        return f"{where}: {self.found}; right is {self.expected}"


class Stop(Exception):
    """Ends the reading of one file; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def stop(file: Path | str, found: str, expected: str, *, frame: int | None = None, place: str = "") -> Stop:
    """Return the Stop of an error."""
    return Stop(Finding("error", str(file), found, expected, frame=frame, place=place))


class Findings:
    """Findings in the order in which they came up, their files named from the dataset's folder."""

    def __init__(self, root: Path, take: str = "") -> None:
        self.items: list[Finding] = []
        self._root = root
        self._take = take

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.items if finding.severity == "error"]

    def error(self, file: Path | str, found: str, expected: str, **where: Any) -> None:
        """Add an error; ``where`` may give ``frame`` and ``place``."""
        self._add(Finding("error", str(file), found, expected, **where))

    def warning(self, file: Path | str, found: str, expected: str, **where: Any) -> None:
        """Add a warning."""
        self._add(Finding("warning", str(file), found, expected, **where))

    def attempt(self, file: Path | str, reader: Callable[..., T], *arguments: Any) -> T | None:
        """Return what ``reader`` returns, or None once what stopped it has been added."""
        try:
            with np.errstate(all="ignore"):  # what overflows is found as no number
                return reader(*arguments)
        except Stop as end:
            self._add(end.finding)
        except packs.Fault as end:
            if (f := end.finding) is not None:
                self.error(file, f.found, f.expected, place=f.key)
        except (A2FBridgeError, OSError) as end:
            frame = getattr(end, "frame", None)
            text = str(end).removeprefix(f"{file}: ").removeprefix(f"frame {frame}: ")
            found, _, right = text.partition("; right is ")
            self.error(file, found, right or "a readable file", frame=frame)
        except MemoryError:
            self.error(file, "is too large for this machine", "a file that fits memory")
        return None

    def _add(self, finding: Finding) -> None:
        name = finding.file
        path = Path(name)
        if path.is_absolute():
            name = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else name
        values = {key: getattr(finding, key) for key in Finding.__slots__}
        self.items.append(Finding(**values | {"file": name, "take": finding.take or self._take}))

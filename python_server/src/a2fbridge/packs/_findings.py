"""What is wrong with a pack: findings, and the report that collects them while reading goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

__all__: list[str] = []

T = TypeVar("T")
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a pack that is wrong (``error``: it cannot be loaded) or doubtful (``warning``)."""

    severity: Severity
    file: str
    """The file's name as the pack gives it."""
    key: str
    """The JSON key, array or tensor; empty for the file itself."""
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.found}; right is {self.expected}"


class Fault(Exception):
    """Ends the reading of one file; the finding that says why is inside, or was reported before."""

    def __init__(self, finding: Finding | None = None) -> None:
        super().__init__(str(finding))
        self.finding = finding


def fault(file: str, key: str, expected: str, found: str) -> Fault:
    """Return the Fault of an error."""
    return Fault(Finding("error", file, key, expected, found))


class Report:
    """Findings in the order in which they came up."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    def error(self, file: str, key: str, expected: str, found: str) -> None:
        self.findings.append(Finding("error", file, key, expected, found))

    def warning(self, file: str, key: str, expected: str, found: str) -> None:
        self.findings.append(Finding("warning", file, key, expected, found))

    def soften(self, start: int) -> None:
        """Turn the errors from index ``start`` on into warnings: they stand in a file that nobody here needs."""
        self.findings[start:] = [replace(f, severity="warning") for f in self.findings[start:]]

    def attempt(self, reader: Callable[..., T], *arguments: Any) -> T | None:
        """Return what ``reader`` returns, or None once its Fault has been reported."""
        try:
            return reader(*arguments)
        except Fault as stop:
            if stop.finding is not None:
                self.findings.append(stop.finding)
            return None


def shorten(value: object, length: int = 80) -> str:
    """Return ``value`` as Python writes it, safe to show: cut to ``length`` characters."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 3] + "..."

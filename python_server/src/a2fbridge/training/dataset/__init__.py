"""Placeholder until the dataset room lands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from a2fbridge._settings import setting


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """Prepare."""

    skin_shapes: int = setting(0, 0)
    """Ranks."""


def prepare(dataset: str | Path, out: Path, config: PrepareConfig, progress: Any) -> Path:
    """Prepare."""
    return out

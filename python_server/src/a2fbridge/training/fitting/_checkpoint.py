"""Checkpoints: everything that a step depends on, in one file that is there whole or not at all.

Read with torch's ``weights_only``: opening one executes nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from a2fbridge._errors import ConfigError
from a2fbridge.export import atomic_file
from a2fbridge.training.fitting._learner import import_torch

__all__ = ["FORMAT", "differences", "load_checkpoint", "save_checkpoint"]

FORMAT = 1


def save_checkpoint(path: Path, state: dict[str, Any], identity: dict[str, Any]) -> None:
    """Write a checkpoint; ``identity`` is what a fit must have in common with it to go on from it."""
    torch = import_torch()
    with atomic_file(path) as file:
        torch.save({"format": FORMAT, "identity": json.dumps(identity), "state": state}, file)


def load_checkpoint(path: Path, identity: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the state kept in a checkpoint, of whatever fit if ``identity`` is None.

    Raises ConfigError when it cannot be read, or belongs to a fit with another identity, naming what differs.
    """
    torch = import_torch()
    try:
        found = torch.load(path, weights_only=True, map_location="cpu")
        kept = json.loads(found["identity"])
    except Exception as error:  # torch raises whatever its reader meets in a damaged file
        raise ConfigError(
            f"{path}: not a checkpoint that can be read ({type(error).__name__}); delete it"
        ) from None
    if found["format"] != FORMAT:
        raise ConfigError(f"{path}: checkpoint format {found['format']}; right is {FORMAT}: delete it")
    if identity is not None and (changed := differences(kept, identity)):
        raise ConfigError(
            f"{path} belongs to another fit: {'; '.join(changed)}. Restore these, or begin anew (--restart)"
        )
    state: dict[str, Any] = found["state"]
    return state


def differences(old: Any, new: Any, name: str = "") -> list[str]:
    """Return ``KEY was A, is B`` for every leaf in which two trees of plain values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        inner = f"{name}." if name else ""
        return [text for key in keys for text in differences(old.get(key), new.get(key), f"{inner}{key}")]
    return [] if old == new else [f"{name} was {old}, is {new}"]

"""Changes to the files of a pack, for tests that break one thing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def edit_json(path: Path, **changes: Any) -> None:
    """Change keys of a JSON file, given with ``__`` for each level (``params__implicit_emotion_len=3``).

    None removes a key.
    """
    value = json.loads(path.read_text("utf-8"))
    for name, new in changes.items():
        *parents, key = name.split("__")
        target = value
        for parent in parents:
            target = target[parent]
        if new is None:
            del target[key]
        else:
            target[key] = new
    write_json(path, value)


def edit_npz(path: Path, **changes: Any) -> None:
    """Replace arrays of an archive; None removes one."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays |= changes
    np.savez(path, allow_pickle=False, **{name: value for name, value in arrays.items() if value is not None})


def forgetful(folder: Path, target: Path) -> Path:
    """Copy a pack, its solvers without the temporal term."""
    shutil.copytree(folder, target)
    for path in target.glob("bs_*_config*.json"):
        edit_json(path, blendshape_params__strengthTemporalSmoothing=0.0)
    return target

"""The example datasets, made once for all tests of a run."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np

from a2fbridge.training.dataset import make_example


@functools.cache
def example_dataset(kind: str) -> Path:
    """Return the folder of an example dataset; copy it before changing anything."""
    folder = Path(tempfile.mkdtemp(prefix=f"a2fbridge-{kind}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_example(folder, kind)


def some_takes(kind: str, folder: Path, names: tuple[str, ...]) -> Path:
    """Copy an example dataset with a few of its takes into ``folder``, which must be new."""
    shutil.copytree(example_dataset(kind), folder)
    for file in folder.rglob("*"):
        if file.is_file() and file.stem[-3:-2] == "_" and file.stem not in names and "geom" not in file.parts:
            file.unlink()
    for path in (folder / "cache").glob("*.npz"):
        np.savez(path, **{name: array for name, array in np.load(path).items() if name in names})
    return folder

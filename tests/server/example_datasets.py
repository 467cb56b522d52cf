"""The example datasets, made once for all tests of a run."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from a2fbridge.training.dataset import make_example


@functools.cache
def example_dataset(kind: str) -> Path:
    """Return the folder of an example dataset; copy it before changing anything."""
    folder = Path(tempfile.mkdtemp(prefix=f"a2fbridge-{kind}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_example(folder, kind)

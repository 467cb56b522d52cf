"""Datasets: sound with animation in a documented folder, checked, and prepared for training (docs/dataset.md).

``open_dataset`` looks through a folder, ``check_dataset`` says everything that is wrong with it, ``prepare`` turns it
into arrays that training reads through ``load_prepared``.  ``make_example`` writes a small dataset,
``import_claire`` one that stands for NVIDIA's layout.

Knows files and geometry, nothing of networks; NumPy alone, and usd-core for USD.
"""

from a2fbridge.training.dataset._check import check_dataset
from a2fbridge.training.dataset._claire import import_claire
from a2fbridge.training.dataset._config import PrepareConfig
from a2fbridge.training.dataset._document import NEUTRAL
from a2fbridge.training.dataset._example import make_example
from a2fbridge.training.dataset._findings import Finding
from a2fbridge.training.dataset._layout import Dataset, Take, open_dataset
from a2fbridge.training.dataset._prepare import prepare
from a2fbridge.training.dataset._prepared import Prepared, PreparedTake, load_prepared

__all__ = [
    "NEUTRAL",
    "Dataset",
    "Finding",
    "PrepareConfig",
    "Prepared",
    "PreparedTake",
    "Take",
    "check_dataset",
    "import_claire",
    "load_prepared",
    "make_example",
    "open_dataset",
    "prepare",
]

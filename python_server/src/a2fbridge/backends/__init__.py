"""Inference engines behind one protocol: tensors in, tensors out, by name.

Knows packs only by the file and the tensors of their networks; knows nothing of streams, time or faces.
"""

from a2fbridge.backends._build import Batches
from a2fbridge.backends._open import BACKEND_NAMES, HALF_PRECISION, chosen_backend, open_backend, survey
from a2fbridge.backends._protocol import Backend, finite_rows
from a2fbridge.backends._remembering import RememberingBackend
from a2fbridge.backends._smoke import smoke

__all__ = [
    "BACKEND_NAMES",
    "HALF_PRECISION",
    "Backend",
    "Batches",
    "RememberingBackend",
    "chosen_backend",
    "finite_rows",
    "open_backend",
    "smoke",
    "survey",
]

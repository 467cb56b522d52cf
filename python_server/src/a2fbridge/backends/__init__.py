"""Inference engines behind one protocol: rows of sound and emotion in, rows of coefficients out.

Knows packs only by their sizes and the path of their network; knows nothing of streams, time or faces.
"""

from a2fbridge.backends._open import BACKEND_NAMES, open_backend
from a2fbridge.backends._protocol import Backend, finite_rows
from a2fbridge.backends._smoke import smoke

__all__ = ["BACKEND_NAMES", "Backend", "finite_rows", "open_backend", "smoke"]

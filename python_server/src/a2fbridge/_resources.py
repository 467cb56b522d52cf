"""Where the data that ships with the package lies, in a wheel and in a source checkout alike."""

from __future__ import annotations

from pathlib import Path

__all__ = ["data_dir", "mappings_dir"]

_PACKAGE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Return the folder of packs, head and samples."""
    return _PACKAGE / "data"


def mappings_dir() -> Path:
    """Return the folder of mapping tables: in the wheel beside the data, in a checkout at the top level."""
    packaged = data_dir() / "mappings"
    return packaged if packaged.is_dir() else _PACKAGE.parents[2] / "mappings"

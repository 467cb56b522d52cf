"""A table as written: sections with their places, names not yet looked up, parameters not yet filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from a2fbridge.mapping._fields import Name, Numeric, Range
from a2fbridge.mapping._nodes import Place

__all__ = [
    "COMBINE",
    "OPERATIONS",
    "Defaults",
    "Document",
    "EntrySpec",
    "ExpressionSpec",
    "InputSpec",
    "OutputSpec",
    "RemapSpec",
    "TargetSpec",
]

COMBINE: Final = ("add", "max", "min", "multiply", "override")
OPERATIONS: Final[Mapping[str, tuple[int, int | None]]] = {
    "sum": (1, None),
    "product": (1, None),
    "min": (1, None),
    "max": (1, None),
    "sub": (2, 2),
    "ratio": (2, 2),
    "lerp": (3, 3),
    "clamp01": (1, 1),
}
"""Operations and how many arguments they take, least and most."""


@dataclass(frozen=True, slots=True)
class RemapSpec:
    kind: str
    """``points``, ``power`` or ``smoothstep``."""
    numbers: tuple[Numeric, ...]
    """x0, y0, x1, y1, ...; or the power; or low, high."""
    extrapolate: bool
    place: Place


@dataclass(frozen=True, slots=True)
class InputSpec:
    gain: Numeric | None = None
    offset: Numeric | None = None
    deadzone: Numeric | None = None
    remap: RemapSpec | None = None
    clamp: Range | None = None


@dataclass(frozen=True, slots=True)
class ExpressionSpec:
    name: Name
    op: str
    args: tuple[Name | Numeric, ...]
    eps: Numeric | None
    otherwise: Numeric | None


@dataclass(frozen=True, slots=True)
class EntrySpec:
    curve: Name
    weight: Numeric | None
    offset: Numeric | None
    remap: RemapSpec | None
    clamp: Range | None
    combine: str | None
    mirror: bool


@dataclass(frozen=True, slots=True)
class OutputSpec:
    gain: Numeric | None
    clamp: Range | None


@dataclass(frozen=True, slots=True)
class TargetSpec:
    profile: Name
    prefix: str | None
    curves: tuple[Name, ...] | None


@dataclass(frozen=True, slots=True)
class Defaults:
    """``defaults:``; None where the table says nothing."""

    weight: Numeric | None = None
    combine: str | None = None
    clamp: Range | None = None
    on_missing_source: str | None = None
    on_unmapped_source: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file; the dictionaries are keyed by folded name."""

    place: Place
    name: str
    convention: Name
    """``a2f`` or ``arkit``."""
    description: str
    extends: Name | None
    source: Name | None
    target: TargetSpec | None
    provenance: tuple[str, ...]
    defaults: Defaults
    params: Mapping[str, float]
    inputs: Mapping[str, tuple[Name, InputSpec]]
    expressions: tuple[ExpressionSpec, ...]
    mappings: Mapping[str, tuple[Name, tuple[EntrySpec, ...]]]
    limits: tuple[tuple[Name, Name], ...] | None
    outputs: tuple[tuple[Name, OutputSpec], ...]
    constants: tuple[tuple[Name, Numeric], ...]
    null_outputs: tuple[Name, ...] | None
    mirror: tuple[tuple[str, str], ...] | None

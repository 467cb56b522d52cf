"""The mapping table that users hold: load, apply, map, explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ConventionError, ParameterError, nearest
from a2fbridge.animation import Animation
from a2fbridge.mapping._compile import Compiler
from a2fbridge.mapping._document import Document
from a2fbridge.mapping._evaluate import Plan, bind
from a2fbridge.mapping._explain import Explanation, explain
from a2fbridge.mapping._fields import fold
from a2fbridge.mapping._load import load_document, parse_document
from a2fbridge.mapping._program import Program

__all__ = ["MappingTable", "TableWarning"]

_MAX_PLANS: Final = 16


@dataclass(frozen=True, slots=True)
class TableWarning:
    """Something in a table that is allowed but probably not meant."""

    code: str
    message: str
    path: str | None
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path or '<table>'}:{self.line}:{self.column}: {self.message}"


class MappingTable:
    """Turns blend-shape weights into the curves of a rig, frame by frame (docs/mapping.md).

    A table is immutable, and its result depends on nothing but the frame.
    """

    def __init__(self, document: Document, params: Mapping[str, float] | None = None) -> None:
        """Compile a document; use :meth:`load` or :meth:`parse` instead."""
        compiler = Compiler(document, _with_overrides(document.params, params or {}))
        self._document = document
        self._program: Program = compiler.program()
        self._warnings = _unmapped(document, compiler)
        self._plans: dict[tuple[str, ...], Plan] = {}

    @classmethod
    def load(cls, path_or_name: str | Path, params: Mapping[str, float] | None = None) -> MappingTable:
        """Load a shipped table by name (``"mh4"``, see :func:`list_tables`) or a file by path.

        ``params`` replaces values of the table's ``params``.  Raises MappingError (file, line, column) for a
        table that cannot be used, ParameterError for a parameter that it does not have.
        """
        return cls(load_document(path_or_name), params)

    @classmethod
    def parse(
        cls, text: str | bytes, params: Mapping[str, float] | None = None, folder: str | Path | None = None
    ) -> MappingTable:
        """Compile a table from text; its ``extends`` finds files in ``folder`` (None: shipped only)."""
        return cls(parse_document(text, None if folder is None else Path(folder)), params)

    def __repr__(self) -> str:
        return f"MappingTable('{self.name}', {self.convention} -> {len(self.targets)} curves)"

    @property
    def name(self) -> str:
        return self._document.name

    @property
    def convention(self) -> Literal["a2f", "arkit"]:
        """The convention of the weights that the table takes."""
        return "a2f" if self._document.convention.text == "a2f" else "arkit"

    @property
    def description(self) -> str:
        return self._document.description

    @property
    def provenance(self) -> tuple[str, ...]:
        """Where the numbers come from."""
        return self._document.provenance

    @property
    def params(self) -> dict[str, float]:
        """The tunable numbers and their default values."""
        return dict(self._document.params)

    @property
    def sources(self) -> tuple[str, ...]:
        """Blend shapes that the table knows."""
        return self._program.sources

    @property
    def targets(self) -> tuple[str, ...]:
        """[T] output curves with prefix: those that the table drives, in the order of the target profile."""
        return self._program.targets

    @property
    def warnings(self) -> tuple[TableWarning, ...]:
        """What is allowed but probably not meant: sources that nothing uses."""
        return self._warnings

    def apply(self, weights: NDArray[np.floating[Any]], names: Sequence[str]) -> NDArray[np.float32]:
        """Map weights [N, K] (or one frame [K]) with K names to curves [N, T] (or [T]).

        Names are compared without case; names that the table does not know are ignored.  Weights that are not
        finite count as 0.  Raises ParameterError when shape and names do not agree.
        """
        frames = self._frames(weights, names)
        out = self._plan(tuple(names)).run(frames).astype(np.float32)
        return out if np.ndim(weights) == 2 else out[0]

    def map(self, animation: Animation) -> Animation:
        """Map a clip; the result has convention ``target`` and this table's curve names.

        Raises ConventionError when the clip is not in the table's convention.
        """
        if animation.convention == "target":
            raise ConventionError(f"the animation is mapped already; '{self.name}' needs blend-shape weights")
        if animation.convention != self.convention:
            fix = f"use animation.to_convention('{self.convention}') first"
            raise ConventionError(
                f"table '{self.name}' takes {self.convention}, not {animation.convention}; {fix}"
            )
        weights = self.apply(animation.weights, animation.names)
        return replace(animation, names=self.targets, convention="target", weights=weights)

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the sources of the table that an animation with these names lacks."""
        return self._plan(tuple(names)).missing

    def explain(
        self, weights: NDArray[np.floating[Any]], names: Sequence[str], curve: str | None = None
    ) -> Explanation:
        """Say for one frame [K] what made each target, or the one called ``curve`` (prefix optional)."""
        frame = self._frames(weights, names)
        if len(frame) != 1:
            raise ParameterError(f"explain takes one frame, not {len(frame)}")
        return explain(self._plan(tuple(names)), frame, curve)

    def _frames(self, weights: NDArray[np.floating[Any]], names: Sequence[str]) -> NDArray[np.floating[Any]]:
        array = np.asarray(weights)
        if array.ndim not in (1, 2) or array.shape[-1] != len(names):
            raise ParameterError(f"weights of shape {array.shape} do not go with {len(names)} names")
        return np.atleast_2d(array)

    def _plan(self, names: tuple[str, ...]) -> Plan:
        if names not in self._plans:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[names] = bind(self._program, names)
        return self._plans[names]


def _with_overrides(params: Mapping[str, float], overrides: Mapping[str, float]) -> dict[str, float]:
    merged = dict(params)
    for name, value in overrides.items():
        if fold(name) not in merged:
            raise ParameterError(f"the table has no parameter '{name}'{nearest(name, merged)}")
        if not np.isfinite(value):
            raise ParameterError(f"parameter '{name}' is {value}; right is a finite number")
        merged[fold(name)] = float(value)
    return merged


def _unmapped(document: Document, compiler: Compiler) -> tuple[TableWarning, ...]:
    """Return warnings for sources that no mapping or expression names, or raise, as the table wishes."""
    policy = document.defaults.on_unmapped_source or "warn"
    unused = [name for i, name in enumerate(compiler.sources) if i not in compiler.used]
    message = "the source '{}' is not mapped; write '{}: []' if that is meant"
    if unused and policy == "error":
        raise document.place.error("unmapped_source", message.format(unused[0], unused[0]))
    place = document.place
    return tuple(
        TableWarning("unmapped_source", message.format(name, name), place.path, place.line, place.column)
        for name in (unused if policy == "warn" else ())
    )

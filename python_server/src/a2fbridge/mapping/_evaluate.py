"""Running a compiled table on frames: float64, vectorised over frames, no state between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError
from a2fbridge.mapping._fields import fold
from a2fbridge.mapping._program import Entry, Expression, Program

__all__ = ["Plan", "bind"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A program bound to the names of an animation: only the entries whose source is there."""

    program: Program
    columns: NDArray[np.intp]
    """Columns of the animation that are sources of the table ..."""
    slots: NDArray[np.intp]
    """... and the source that each is."""
    matrix: Array
    """[S + E, T] the linear entries."""
    bias: Array
    """[T] their offsets."""
    live: tuple[Entry, ...]
    """All entries at work, in the table's order."""
    entries: tuple[Entry, ...]
    """Those that the matrix cannot hold: first the sums, then max, min, multiply, override."""
    missing: tuple[str, ...]
    """Sources of the table that the animation lacks."""

    def run(self, weights: NDArray[np.floating]) -> Array:
        """Map weights [N, K] to targets [N, T]."""
        with np.errstate(all="ignore"):
            return self._outputs(self.combined(self.channels(weights)))

    def channels(self, weights: NDArray[np.floating]) -> Array:
        """Return the channels [N, S + E]: the sources after stage 1, then the expressions."""
        sources = self.program.stage1
        x = np.zeros((len(weights), len(self.program.sources)))
        x[:, self.slots] = weights[:, self.columns]
        x = _finite(x) * sources.gain + sources.offset
        x[np.abs(x) < sources.deadzone] = 0.0
        for source, remap in sources.remaps:
            x[:, source] = remap(x[:, source])
        x = _finite(np.clip(x, sources.low, sources.high))
        if self.program.skip_missing and self.missing:
            absent = np.ones(x.shape[1], dtype=bool)
            absent[self.slots] = False
            x[:, absent] = 0.0
        for expression in self.program.expressions:
            x = np.column_stack((x, _finite(_evaluate(expression, x))))
        return x

    def combined(self, channels: Array) -> Array:
        """Return the targets [N, T] after stage 3."""
        y = channels @ self.matrix + self.bias
        if not np.isfinite(y).all():
            y = self._added_one_by_one(channels)
        for entry in self.entries:
            value = _finite(entry.value(channels[:, entry.channel]))
            y[:, entry.target] = _COMBINE[entry.combine](y[:, entry.target], value)
        return _finite(y)

    def _added_one_by_one(self, channels: Array) -> Array:
        """Return what the matrix gives, but a contribution that overflows is 0 and leaves the others alone."""
        y = np.zeros((len(channels), len(self.program.targets)))
        for entry in self.live:
            if entry.linear:
                y[:, entry.target] += _finite(entry.value(channels[:, entry.channel]))
        return y

    def _outputs(self, y: Array) -> Array:
        program = self.program
        for child, parent in program.limits:
            y[:, child] = np.minimum(y[:, child], y[:, parent])
        y = np.clip(_finite(y * program.gain), program.low, program.high)
        for target, value in program.fixed:
            y[:, target] = value
        return y


def bind(program: Program, names: Sequence[str]) -> Plan:
    """Bind a program to the column names of an animation, compared without case; unknown names are ignored.

    Raises ParameterError when a source stands twice.
    """
    index = {fold(name): i for i, name in enumerate(program.sources)}
    found: dict[int, int] = {}
    for column, name in enumerate(names):
        slot = index.get(fold(name))
        if slot in found:
            raise ParameterError(f"the name '{name}' stands twice among the animation's names")
        if slot is not None:
            found[slot] = column
    live = _live_channels(program, set(found))
    entries = tuple(entry for entry in program.entries if entry.channel in live)
    matrix, bias = _linear(program, entries)
    rest = (entry for entry in entries if not entry.linear)
    return Plan(
        program=program,
        columns=np.array(list(found.values()), dtype=np.intp),
        slots=np.array(list(found), dtype=np.intp),
        matrix=matrix,
        bias=bias,
        live=entries,
        entries=tuple(sorted(rest, key=lambda entry: _ORDER.index(entry.combine))),
        missing=tuple(name for i, name in enumerate(program.sources) if i not in found),
    )


def _live_channels(program: Program, present: set[int]) -> set[int]:
    """Return the channels that count: present sources, and expressions that do not lack all they need."""
    if not program.skip_missing:
        return set(range(len(program.channels)))
    live = set(present)
    for i, expression in enumerate(program.expressions, start=len(program.sources)):
        channels = [arg for arg in expression.args if isinstance(arg, int)]
        if not channels or any(arg in live for arg in channels):
            live.add(i)
    return live


def _linear(program: Program, entries: Sequence[Entry]) -> tuple[Array, Array]:
    matrix = np.zeros((len(program.channels), len(program.targets)))
    bias = np.zeros(len(program.targets))
    for entry in entries:
        if entry.linear:
            matrix[entry.channel, entry.target] += entry.weight
            bias[entry.target] += entry.offset
    return matrix, bias


def _evaluate(expression: Expression, x: Array) -> Array:
    args = [x[:, arg] if isinstance(arg, int) else np.full(len(x), arg) for arg in expression.args]
    if expression.op == "ratio":
        return _ratio(args[0], args[1], expression)
    return _OPERATIONS[expression.op](*args)


def _ratio(a: Array, b: Array, expression: Expression) -> Array:
    """max(a, 0) / (max(b, 0) + eps), or ``else`` where b is not positive."""
    below = np.maximum(b, 0.0)
    value = np.maximum(a, 0.0) / (below + expression.eps)
    return value if expression.otherwise is None else np.where(below == 0.0, expression.otherwise, value)


def _finite(x: Array) -> Array:
    """Replace what is not a number, or has overflowed, by 0."""
    return x if np.isfinite(x).all() else np.where(np.isfinite(x), x, 0.0)


def _fold_over(operation: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def over(first: Array, *rest: Array) -> Array:
        for other in rest:
            first = operation(first, other)
        return first

    return over


_OPERATIONS: Final[dict[str, Callable[..., Array]]] = {
    "sum": _fold_over(np.add),
    "product": _fold_over(np.multiply),
    "min": _fold_over(np.minimum),
    "max": _fold_over(np.maximum),
    "sub": np.subtract,
    "lerp": lambda a, b, t: a + (b - a) * t,
    "clamp01": lambda a: np.clip(a, 0.0, 1.0),
}
_COMBINE: Final[dict[str, Callable[[Array, Array], Array]]] = {
    "add": np.add,
    "max": np.maximum,
    "min": np.minimum,
    "multiply": np.multiply,
    "override": lambda _, value: value,
}
_ORDER: Final = tuple(_COMBINE)

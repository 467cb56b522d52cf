"""A compiled table: names are indices, parameters are numbers, short forms are written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.mapping._nodes import Place

__all__ = ["UNBOUNDED", "Entry", "Expression", "Program", "Remap", "Stage1"]

UNBOUNDED: Final = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class Remap:
    """A curve through which a value goes; called with an array of any shape."""

    kind: str
    numbers: tuple[float, ...]
    extrapolate: bool = False

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.kind == "power":
            return np.sign(x) * np.abs(x) ** self.numbers[0]
        if self.kind == "smoothstep":
            low, high = self.numbers
            t = np.clip((x - low) / (high - low), 0.0, 1.0)
            return t * t * (3.0 - 2.0 * t)
        return self._points(x)

    def _points(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        xs, ys = np.array(self.numbers[0::2]), np.array(self.numbers[1::2])
        if not self.extrapolate:
            x = np.clip(x, xs[0], xs[-1])
        i = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 2)
        slope = (ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i])
        return np.asarray(ys[i] + (x - xs[i]) * slope)


@dataclass(frozen=True, slots=True, eq=False)
class Stage1:
    """What happens to the S sources first: gain, offset, dead zone, remap, clamp."""

    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    deadzone: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    remaps: tuple[tuple[int, Remap], ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A computed channel; an argument is a channel (int) or a constant (float)."""

    name: str
    op: str
    args: tuple[int | float, ...]
    eps: float
    otherwise: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One contribution of a channel to a target."""

    channel: int
    target: int
    weight: float
    offset: float
    remap: Remap | None
    low: float
    high: float
    combine: str
    place: Place

    @property
    def linear(self) -> bool:
        """Whether it is a plain sum term and can go into the matrix."""
        return self.combine == "add" and self.remap is None and (self.low, self.high) == UNBOUNDED

    def value(self, channel: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return clamp(remap(x) * weight + offset)."""
        x = channel if self.remap is None else self.remap(channel)
        return np.clip(x * self.weight + self.offset, self.low, self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """S sources and E expressions make S + E channels; entries carry them to T targets."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    """[T] output names, with prefix."""
    curves: tuple[str, ...]
    """[T] the same, without."""
    stage1: Stage1
    expressions: tuple[Expression, ...]
    entries: tuple[Entry, ...]
    limits: tuple[tuple[int, int], ...]
    """(child, parent) targets, in order."""
    gain: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    """[T] output gain and range."""
    fixed: tuple[tuple[int, float], ...]
    """Targets that hold one value: constants and nulls."""
    skip_missing: bool
    """Whether a source that the animation lacks is left out; otherwise it is 0."""

    @property
    def channels(self) -> tuple[str, ...]:
        """[S + E] names."""
        return self.sources + tuple(expression.name for expression in self.expressions)

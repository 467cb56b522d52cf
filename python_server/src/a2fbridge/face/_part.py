"""A solver part (skin or tongue): its system, and the state of every stream in rows."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from a2fbridge.face._admm import solve_admm
from a2fbridge.face._bvls import solve_bvls
from a2fbridge.face._system import SolverSystem
from a2fbridge.packs import BlendshapeSet

__all__ = ["SOLVERS", "Part", "Solver", "grown"]

Solver = Literal["bvls", "admm"]
SOLVERS: Final = ("bvls", "admm")

Array = NDArray[np.float64]
_T = TypeVar("_T", bound=np.generic)


class Part:
    """Solves rows of b and remembers, per stream, the last weights and which of them stood at a bound."""

    def __init__(self, poses: BlendshapeSet, slots: int) -> None:
        self.system = SolverSystem.build(poses)
        count = len(self.system.active)
        self.previous = np.zeros((slots, count))
        self.sides = np.zeros((slots, count), np.int8)

    def solve(self, solver: Solver, b: Array, slots: NDArray[np.intp]) -> Array:
        if solver == "admm":
            return solve_admm(self.system, b, slots, self.previous)
        return solve_bvls(self.system, b, slots, self.previous, self.sides)

    def reset(self, slot: int) -> None:
        self.previous[slot] = 0.0
        self.sides[slot] = 0

    def grow(self, slots: int) -> None:
        self.previous = grown(self.previous, slots)
        self.sides = grown(self.sides, slots)


def grown(array: NDArray[_T], rows: int) -> NDArray[_T]:
    """Return a copy with more rows, the new ones zero."""
    out = np.zeros((rows, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out

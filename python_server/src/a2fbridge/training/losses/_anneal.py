"""Losses in each other's measure: divided by a running root mean square, then raised to a falling power."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["Scale"]

_DECAY = 0.99
_LEAST = 1e-12


class Scale:
    """Remembers how large each loss has been.

    ``normalise``: v / sqrt(r), where r is the running mean of v^2 with decay 0.99; ``anneal``: that to the power
    1 - done, so that towards the end all gradients fade, those of small losses last.
    """

    def __init__(self, normalise: bool, anneal: bool) -> None:
        self._normalise, self._anneal = normalise, anneal
        self.powers: dict[str, float] = {}
        """Running mean of the square by name: what a checkpoint keeps."""

    def __call__(self, name: str, value: Any, done: float) -> Any:
        """Return a scaled loss (a torch scalar)."""
        if self._normalise:
            power = float(value.detach()) ** 2
            self.powers[name] = _DECAY * self.powers.get(name, power) + (1 - _DECAY) * power
            value = value / math.sqrt(max(self.powers[name], _LEAST))
        if self._anneal:
            value = (value + _LEAST) ** max(1.0 - done, 0.0)
        return value

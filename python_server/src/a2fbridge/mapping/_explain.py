"""Which sources made a target: the working of one frame, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from a2fbridge._errors import ParameterError, nearest
from a2fbridge.mapping._evaluate import Plan
from a2fbridge.mapping._fields import fold
from a2fbridge.mapping._program import Entry

__all__ = ["Contribution", "Explanation", "TargetExplanation", "explain"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """One entry of the table at work."""

    source: str
    """Blend shape or expression."""
    value: float
    """Its value after stage 1 or 2."""
    amount: float
    """What the entry made of it: clamp(remap(value) * weight + offset)."""
    combine: str
    path: str | None
    line: int
    """Where the entry stands."""

    def __str__(self) -> str:
        return f"{self.combine} {self.amount:.4f} from {self.source} {self.value:.4f} (line {self.line})"


@dataclass(frozen=True, slots=True)
class TargetExplanation:
    curve: str
    value: float
    """As ``apply`` gives it."""
    combined: float
    """Before limits, output gain and clamp."""
    contributions: tuple[Contribution, ...]

    def __str__(self) -> str:
        head = f"{self.curve} = {self.value:.4f}"
        if abs(self.value - self.combined) > 1e-6:
            head += f" (from {self.combined:.4f} by limit, gain or clamp)"
        return "\n".join((head, *(f"    {item}" for item in self.contributions)))


@dataclass(frozen=True, slots=True)
class Explanation:
    targets: tuple[TargetExplanation, ...]
    missing: tuple[str, ...]
    """Sources of the table that the frame lacks."""

    def __str__(self) -> str:
        lines = [str(target) for target in self.targets]
        if self.missing:
            lines.append("not in the animation: " + ", ".join(self.missing))
        return "\n".join(lines)


def explain(plan: Plan, frame: NDArray[np.floating], curve: str | None) -> Explanation:
    """Explain every target of a frame [1, K], or the one that is called ``curve``."""
    chosen = range(len(plan.program.targets)) if curve is None else (_find(plan, curve),)
    channels = plan.channels(frame)
    combined, values = plan.combined(channels)[0], plan.run(frame)[0]
    fixed = dict(plan.program.fixed)
    return Explanation(
        targets=tuple(
            TargetExplanation(
                curve=plan.program.targets[i],
                value=float(values[i]),
                combined=fixed.get(i, float(combined[i])),
                contributions=tuple(
                    _contribution(plan, entry, channels) for entry in plan.live if entry.target == i
                ),
            )
            for i in chosen
        ),
        missing=plan.missing,
    )


def _contribution(plan: Plan, entry: Entry, channels: NDArray[np.float64]) -> Contribution:
    channel = channels[:, entry.channel]
    amount = float(entry.value(channel)[0])
    name = plan.program.channels[entry.channel]
    return Contribution(name, float(channel[0]), amount, entry.combine, entry.place.path, entry.place.line)


def _find(plan: Plan, curve: str) -> int:
    wanted = fold(curve)
    for names in (plan.program.targets, plan.program.curves):
        for i, name in enumerate(names):
            if fold(name) == wanted:
                return i
    raise ParameterError(f"the table drives no curve '{curve}'{nearest(curve, plan.program.curves)}")

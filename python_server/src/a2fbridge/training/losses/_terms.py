"""The losses on torch tensors, one small function each; formulas and their sources: docs/training.md.

``guess`` and ``target`` are [B, L, R]: sequences of L neighbouring frames.  All return a mean.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "change",
    "implicit_change",
    "lip_distance",
    "lip_size",
    "motion",
    "phoneme",
    "squared",
    "stability",
]


def change(values: Any) -> Any:
    """Return the change from frame to frame [B, L - 1, ...]."""
    return values[:, 1:] - values[:, :-1]


def squared(guess: Any, target: Any) -> Any:
    """Return mean (y' - y)^2."""
    return (guess - target).square().mean()


def motion(guess: Any, target: Any) -> Any:
    """Return mean (dy' - dy)^2."""
    return squared(change(guess), change(target))


def implicit_change(rows: Any) -> Any:
    """Return mean (de)^2 / mean e^2 of implicit rows [B, L, I]."""
    return change(rows).square().mean() / (rows.square().mean() + 1e-12)


def lip_distance(guess: Any, target: Any, steepness: float) -> Any:
    """Return mean (w h' - w h)^2 with w = exp(-steepness max(h, 0)), for distances [B, L, K] in mesh units."""
    weight = (-steepness * target.clamp(min=0.0)).exp()
    return (weight * (guess - target)).square().mean()


def lip_size(guess: tuple[Any, Any], target: tuple[Any, Any]) -> Any:
    """Return the sum of the mean squared errors of the heights of both lips, each [B, L, K]."""
    return sum(squared(g, t) for g, t in zip(guess, target, strict=True))


def stability(guess: Any, windows: Any, eyes: int) -> Any:
    """Return mean exp(-5000 mean |x|) (dy')^2, the last ``eyes`` values left out, for windows [B, L, samples]."""
    quiet = (-5000.0 * windows.abs().mean(dim=(1, 2))).exp()
    moved = change(guess[..., : guess.shape[-1] - eyes]).square().mean(dim=(1, 2))
    return (quiet * moved).mean()


def phoneme(guess: Any, target: Any, silence: float) -> Any:
    """Return the cross entropy of soft targets [..., P] and log probabilities; class 0, silence, counts ``silence``."""
    shares = target * guess
    return -(silence * shares[..., 0] + shares[..., 1:].sum(dim=-1)).mean()

"""How near a network's frames are to a dataset's: figures with counts and intervals.

Intervals are 95 %, from a bootstrap over blocks of about two seconds of all takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from a2fbridge.training._config import SAMPLE_RATE
from a2fbridge.training._quality import Figure
from a2fbridge.training.losses import Heights, measured

__all__ = ["MEASURES", "Judged", "Shape", "judge", "r2_by_channel"]

Array = NDArray[np.float64]

_BLOCK: Final = 2.0
_DRAWS: Final = 400
_REACH: Final = 0.2
"""Seconds of delay that are tried."""

MEASURES: Final = {
    "R2": "share of the variance of all coefficients that the prediction explains, 1 is all",
    "R2 skin": "the same of the skin's coefficients",
    "R2 tongue": "the same of the tongue's",
    "R2 jaw": "the same of the jaw's points",
    "R2 eyes": "the same of the eyes",
    "MSE": "mean squared error of all coefficients, in their own units",
    "MSE of the mean face": "the same of a face that never moves: what has to be beaten",
    "vertex error mm": "largest error of any skin vertex in a frame, mean over frames (units taken as cm)",
    "lip distance r": "correlation of the predicted distance of the lips with the right one",
    "lag ms": "delay at which that correlation is highest; late is positive",
    "jitter mm": "mean change of the distance of the lips from frame to frame in silence",
    "right jitter mm": "the same of the data itself",
}


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A take's prediction [N, R] beside what is right, with its sound."""

    name: str
    guess: NDArray[np.float32]
    target: NDArray[np.float32]
    sound: NDArray[np.float32]
    """With a peak of 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What figures in millimetres need."""

    parts: dict[str, slice]
    """Columns by part."""
    skin_basis: NDArray[np.float32]
    """[S, V, 3]"""
    lips: Heights | None
    fps: float
    silence_db: float


def judge(takes: Sequence[Judged], shape: Shape) -> dict[str, Figure]:
    """Return the figures that the data allows (no lips: no lip figures; a part that never moves: no R2 of it)."""
    found: dict[str, Figure] = {}
    for name, part in {"": slice(None), **shape.parts}.items():
        sums = [_error_sums(take, part, shape.fps) for take in takes]
        table = _about_mean(sums)
        if table[:, 2].sum() > 1e-12 * max(1.0, table[:, 0].sum()):
            found[f"R2 {name}".strip()] = _figure(table, lambda t: 1.0 - t[1] / max(t[2], 1e-30), 0)
        if not name:
            found["MSE"] = _figure(table, lambda t: t[1] / t[0], 0)
            found["MSE of the mean face"] = _figure(table, lambda t: t[2] / t[0], 0)
    errors = np.concatenate([_blocks(_vertex_errors(take, shape), shape.fps) for take in takes])
    found["vertex error mm"] = _figure(errors, lambda t: t[1] / t[0], 0)
    if shape.lips:
        found |= _lip_figures(takes, shape, shape.lips)
    return {name: found[name] for name in MEASURES if name in found}


def r2_by_channel(takes: Sequence[Judged]) -> tuple[Array, Array, Array]:
    """Return (R2, mean squared error, variance) [R] of every coefficient; R2 is NaN where nothing moves."""
    guess, target = (
        np.concatenate([getattr(t, name) for t in takes]).astype(np.float64) for name in ("guess", "target")
    )
    error, spread = np.square(guess - target).mean(axis=0), target.var(axis=0)
    moves = spread > 1e-12
    return np.where(moves, 1.0 - error / np.where(moves, spread, 1.0), np.nan), error, spread


def _lip_figures(takes: Sequence[Judged], shape: Shape, lips: Heights) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    skin = shape.parts["skin"]
    opened = [
        tuple(
            np.asarray(measured(x[:, skin], lips)).mean(axis=1).astype(np.float64)
            for x in (t.guess, t.target)
        )
        for t in takes
    ]
    delays = np.arange(-round(_REACH * shape.fps), round(_REACH * shape.fps) + 1)
    table = np.concatenate([_delay_sums(guess, target, delays, shape.fps) for guess, target in opened])
    if _best(table.sum(axis=0), delays, shape.fps)[0] != 0.0:
        count = sum(len(guess) for guess, _ in opened)
        for index, name in enumerate(("lip distance r", "lag ms")):
            best = partial(_best_part, delays=delays, fps=shape.fps, part=index)
            found[name] = _figure(table, best, 0)._replace(n=count)
    for index, name in enumerate(("jitter mm", "right jitter mm")):
        still = np.concatenate(
            [_still_sums(pair[index], take.sound, shape) for pair, take in zip(opened, takes, strict=True)]
        )
        if still[:, 0].sum():
            found[name] = _figure(still, lambda t: t[1] / max(t[0], 1e-30), 0)
    return found


def _figure(table: Array, value: Callable[[Array], float], count: int) -> Figure:
    """Return the value of a table's sum with its interval over draws of its blocks; column ``count`` counts.

    A single block has no interval: NaN.
    """
    rng = np.random.default_rng(0)
    draws = rng.multinomial(len(table), np.full(len(table), 1 / len(table)), _DRAWS)
    drawn = np.tensordot(draws, table, 1)
    usable = [value(row) for row in drawn if np.any(row)]
    low, high = np.percentile(usable, [2.5, 97.5]) if len(table) > 1 and usable else (np.nan, np.nan)
    total = table.sum(axis=0)
    first = total[count] if total.ndim == 1 else total[0, 0]
    return Figure(value(total), float(low), float(high), int(first))


def _blocks(values: Array, fps: float) -> Array:
    """Return [blocks, 2]: count and sum of values [N] by block."""
    return _grouped(np.stack([np.ones(len(values)), values], axis=1), fps)


def _grouped(rows: Array, fps: float) -> Array:
    """Return the sums [blocks, ...] of rows [N, ...] by blocks of about two seconds."""
    edges = np.arange(0, len(rows), max(1, round(_BLOCK * fps)))
    return np.asarray(np.add.reduceat(rows, edges, axis=0))


def _error_sums(take: Judged, part: slice, fps: float) -> tuple[Array, Array]:
    guess, target = take.guess[:, part].astype(np.float64), take.target[:, part].astype(np.float64)
    return _grouped(np.square(guess - target), fps), _grouped(
        np.stack([np.ones_like(target), target, np.square(target)], axis=1), fps
    )


def _about_mean(sums: list[tuple[Array, Array]]) -> Array:
    """Return [blocks, 3]: number of values, squared error, squared distance from the mean face."""
    errors, moments = (np.concatenate(part) for part in zip(*sums, strict=True))
    count, first, second = moments[:, 0], moments[:, 1], moments[:, 2]
    mean = first.sum(axis=0) / count.sum(axis=0)
    spread = second - 2 * mean * first + np.square(mean) * count
    return np.stack([count.sum(axis=1), errors.sum(axis=1), spread.sum(axis=1)], axis=1)


def _vertex_errors(take: Judged, shape: Shape) -> Array:
    """Return the largest error of a skin vertex in each frame [N], in mm."""
    skin = shape.parts["skin"]
    flat = shape.skin_basis.reshape(len(shape.skin_basis), -1)
    apart = take.guess[:, skin] - take.target[:, skin]
    found = []
    for i in range(0, len(apart), 64):
        moved = (apart[i : i + 64] @ flat).reshape(len(apart[i : i + 64]), -1, 3)
        found.append(10.0 * np.sqrt(np.square(moved).sum(axis=2).max(axis=1)))
    return np.concatenate(found).astype(np.float64)


def _delay_sums(guess: Array, target: Array, delays: NDArray[np.int64], fps: float) -> Array:
    """Return [blocks, delays, 6]: n, x, y, xx, yy, xy with the guess looked at so many frames later."""
    index = np.clip(np.arange(len(guess))[:, None] + delays, 0, len(guess) - 1)
    x, y = guess[index], np.repeat(target[:, None], len(delays), axis=1)
    return _grouped(np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2), fps)


def _best(sums: Array, delays: NDArray[np.int64], fps: float) -> tuple[float, float]:
    """Return the highest correlation over delays, and that delay in ms, between frames by a parabola."""
    n, x, y, xx, yy, xy = sums.T
    spread = np.sqrt(np.maximum(n * xx - x * x, 0.0) * np.maximum(n * yy - y * y, 0.0))
    r = np.where(
        spread > 1e-9 * np.maximum(n * yy, 1e-30), (n * xy - x * y) / np.maximum(spread, 1e-300), 0.0
    )
    best, offset = int(r.argmax()), 0.0
    if 0 < best < len(r) - 1:
        left, middle, right = r[best - 1 : best + 2]
        bend = left - 2 * middle + right
        offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(r[best]), float((delays[best] + offset) / fps * 1000)


def _best_part(sums: Array, delays: NDArray[np.int64], fps: float, part: int) -> float:
    return _best(sums, delays, fps)[part]


def _still_sums(opened: Array, sound: NDArray[np.float32], shape: Shape) -> Array:
    """Return [blocks, 2]: frames in silence, and the change of the lips there in mm."""
    hop = SAMPLE_RATE / shape.fps
    edges = np.minimum((np.arange(len(opened) + 1) * hop).astype(int), len(sound))
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    level = (power[edges[1:]] - power[edges[:-1]]) / np.maximum(edges[1:] - edges[:-1], 1)
    quiet = level < 10 ** (shape.silence_db / 10)
    quiet = quiet[1:] & quiet[:-1]
    moved = 10.0 * np.abs(np.diff(opened))
    return _grouped(np.stack([quiet, np.where(quiet, moved, 0.0)], axis=1).astype(np.float64), shape.fps)

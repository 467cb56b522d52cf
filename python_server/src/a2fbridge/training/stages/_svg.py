"""Curves as SVG that follows the page's colours: a common time axis, one row a curve or one row for all."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["curve_rows", "line_chart"]

Array = NDArray[np.floating]

_WIDTH, _LEFT, _POINTS = 900, 190, 900


def curve_rows(rows: Sequence[tuple[str, Array, Array]], seconds: float, sound: Array | None = None) -> str:
    """Return an SVG with a row for each (name, prediction, right) over the same time axis, the sound on top."""
    height, top = 56, 44 if sound is not None else 8
    total = top + height * len(rows) + 24
    parts = [f'<svg viewBox="0 0 {_WIDTH} {total}" role="img" class="curves">']
    if sound is not None and len(sound):
        parts.append(_wave(sound))
    parts += [_time_axis(seconds, top, total - 24)]
    for number, (name, guess, target) in enumerate(rows):
        y = top + number * height
        low, high = float(min(guess.min(), target.min())), float(max(guess.max(), target.max()))
        if high - low < 1e-9:
            low, high = low - 0.5, high + 0.5
        label = html.escape(name)
        parts.append(f'<text x="4" y="{y + 24}" class="name">{label}</text>')
        parts.append(f'<text x="4" y="{y + 40}" class="quiet">{low:.3g} … {high:.3g}</text>')
        for values, kind in ((target, "right"), (guess, "guess")):
            parts.append(f'<path class="{kind}" d="{_path(values, y + 4, height - 10, low, high)}"/>')
    return "".join([*parts, "</svg>"])


def _wave(sound: Array) -> str:
    step = max(1, len(sound) // _POINTS)
    peaks = np.abs(sound[: len(sound) // step * step]).reshape(-1, step).max(axis=1)
    scale = (_WIDTH - _LEFT - 8) / max(len(peaks), 1)
    top = max(float(peaks.max()), 1e-6)
    lines = "".join(
        f"M{_LEFT + i * scale:.1f} {20 - 16 * p / top:.1f}V{20 + 16 * p / top:.1f}"
        for i, p in enumerate(peaks)
    )
    return f'<text x="4" y="24" class="name">sound</text><path class="wave" d="{lines}"/>'


def _time_axis(seconds: float, top: float, bottom: float) -> str:
    step = next(s for s in (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1e9) if seconds / s <= 12)
    scale = (_WIDTH - _LEFT - 8) / max(seconds, 1e-9)
    marks = [step * i for i in range(int(seconds / step) + 1)]
    lines = "".join(f'<path class="grid" d="M{_LEFT + t * scale:.1f} {top}V{bottom}"/>' for t in marks)
    texts = "".join(
        f'<text x="{_LEFT + t * scale:.1f}" y="{bottom + 14}" class="tick">{t:g} s</text>' for t in marks
    )
    return lines + texts


def _path(values: Array, top: float, height: float, low: float, high: float) -> str:
    keep = np.unique(np.linspace(0, len(values) - 1, min(len(values), _POINTS)).astype(int))
    scale = (_WIDTH - _LEFT - 8) / max(len(values) - 1, 1)
    points = (f"{_LEFT + i * scale:.1f} {top + height * (high - values[i]) / (high - low):.1f}" for i in keep)
    return "M" + "L".join(points)


def line_chart(series: Sequence[tuple[str, Sequence[float], Sequence[float]]], logarithmic: bool) -> str:
    """Return an SVG of (name, steps, values) over steps; points that are not finite (or not positive) are left out."""
    height, bottom = 240, 216
    usable = []
    for name, steps, values in series:
        points = [
            (s, math.log10(v) if logarithmic else v)
            for s, v in zip(steps, values, strict=True)
            if math.isfinite(v) and (v > 0 or not logarithmic)
        ]
        if points:
            usable.append((name, points))
    if not usable:
        return ""
    every = [p for _, points in usable for p in points]
    right = max(s for s, _ in every) or 1.0
    low, high = min(v for _, v in every), max(v for _, v in every)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" class="losses">']
    for i in range(5):
        value = low + (high - low) * i / 4
        y = bottom - (bottom - 10) * i / 4
        shown = 10**value if logarithmic else value
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - 8}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="tick end">{shown:.3g}</text>')
    for number, (name, points) in enumerate(usable):
        dots = "L".join(
            f"{_LEFT + s / right * (_WIDTH - _LEFT - 8):.1f} {bottom - (bottom - 10) * (v - low) / (high - low):.1f}"
            for s, v in points
        )
        mark = f'<circle r="3" class="line{number % 8} dot" cx="{dots.split(" ")[0]}" cy="{dots.split(" ")[1]}"/>'
        parts.append(f'<path class="line{number % 8}" d="M{dots}"/>' if len(points) > 1 else mark)
        parts.append(f'<text x="4" y="{18 + 16 * number}" class="key{number % 8}">{html.escape(name)}</text>')
    parts.append(f'<text x="{_WIDTH - 8}" y="{height - 6}" class="tick end">step {right:g}</text>')
    return "".join([*parts, "</svg>"])
